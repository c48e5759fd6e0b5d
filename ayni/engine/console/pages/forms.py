"""What people send with forms, and the pages' own table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.access.roles import Role
from ayni.engine.console.api.questions import place_in
from ayni.engine.console.desk import Desk
from ayni.engine.console.guard import SEE_OTHER, guarded
from ayni.engine.console.problems import Problem

FORM_BYTES_MAX = 64 << 10
"""Five hundred ticked boxes, and filters."""
CONTENT_FORM_BYTES_MAX = 6 << 20
"""The longest message, with three characters for each byte that is no letter."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One use of a page."""

    desk: Desk
    request: Request
    user: SignedIn

    def path(self, name: str) -> Any:
        """A part of the address."""
        return self.request.path_params[name]

    async def form(self, bytes_max: int = FORM_BYTES_MAX) -> Mapping[str, str]:
        """The fields that hold text."""
        form = await form_of(self.request, bytes_max)
        return {name: value for name, value in form.items() if isinstance(value, str)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page or one form's target, and who may use it."""

    method: Literal["GET", "POST"]
    path: str
    name: str
    role: Role
    handler: Callable[[Visit], Awaitable[Response]]


def page_route(desk: Desk, page: Page) -> Route:
    """The page at its address, for those whose role includes the page's."""

    async def endpoint(request: Request, user: SignedIn) -> Response:
        return await page.handler(Visit(desk, request, user))

    return Route(
        page.path, guarded(desk, page.role, page.name, endpoint), methods=[page.method], name=page.name
    )


async def form_of(request: Request, bytes_max: int) -> Any:
    """The form; raises Problem for one that is too long or does not say how long it is."""
    length = request.headers.get("Content-Length", "")
    if not length.isascii() or not length.isdecimal() or int(length) > bytes_max:
        raise Problem("too-long", 413)
    return await request.form()


def asked(fields: Mapping[str, Any], shape: type) -> Any:
    """The filled fields of a form or an address as a shape; raises Problem for what the page never sends."""
    names = {field.name for field in msgspec.structs.fields(shape)}
    filled = {name: value for name, value in fields.items() if name in names and value not in ("", None)}
    try:
        return msgspec.convert(filled, shape, strict=False)
    except msgspec.ValidationError as error:
        raise Problem("not-as-described", 400, place=place_in(error)) from error


def to(address: str) -> Response:
    """On to another page, by GET."""
    return RedirectResponse(address, SEE_OTHER)
