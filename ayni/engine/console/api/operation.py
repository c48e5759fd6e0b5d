"""One operation of the interface, and how it becomes a route: asked by somebody, decoded, answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions.naming import UNKNOWN, check_filter
from ayni.engine.console.answers import json_answer
from ayni.engine.console.api.questions import Nothing, place_in
from ayni.engine.console.desk import Desk
from ayni.engine.console.guard import guarded
from ayni.engine.console.problems import Problem

BODY_BYTES_MAX = 4 << 20
"""The longest message as JSON, with its escapes."""

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Call:
    """One use of an operation."""

    desk: Desk
    request: Request
    user: SignedIn
    query: Any
    body: Any

    def path(self, name: str) -> Any:
        """A part of the address."""
        return self.request.path_params[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What may be asked, by whom, and what is answered.

    `answer` is the shape of the body, or a media type where the body is not JSON. `audited` says what is
    written down. `problems` are the codes it may end with, beside those every operation has.
    """

    method: Method
    path: str
    name: str
    role: Role
    summary: str
    handler: Callable[[Call], Awaitable[Any]]
    answer: type | str
    status: int = 200
    query: type = Nothing
    body: type | None = None
    audited: str = ""
    problems: tuple[str, ...] = ()
    is_deprecated: bool = False

    def own_problems(self) -> set[str]:
        """`problems`, and what is said of a name in its filter."""
        shapes = (shape for shape in (self.query, self.body) if shape is not None)
        asked = {field.name for shape in shapes for field in msgspec.structs.fields(shape)}
        return {*self.problems, *(code for kind, code in UNKNOWN.items() if kind in asked)}


def route(desk: Desk, operation: Operation) -> Route:
    """The operation at its address, for those whose role includes the operation's."""

    async def endpoint(request: Request, user: SignedIn) -> Response:
        query = _decoded(lambda: _query(request, operation.query))
        body = await _body(request, operation.body)
        for kind in UNKNOWN:
            for asked in (query, body):
                await check_filter(desk, kind, getattr(asked, kind, ""))
        answer = await operation.handler(Call(desk, request, user, query, body))
        return answer if isinstance(answer, Response) else json_answer(answer, operation.status)

    return Route(
        operation.path,
        guarded(desk, operation.role, operation.name, endpoint),
        methods=[operation.method],
        name=operation.name,
    )


def _query(request: Request, shape: type) -> Any:
    return msgspec.convert(dict(request.query_params), shape, strict=False)


async def _body(request: Request, shape: type | None) -> Any:
    if shape is None:
        return None
    raw = await limited(request, BODY_BYTES_MAX)
    return _decoded(lambda: msgspec.json.decode(raw, type=shape))


def _decoded(decode: Callable[[], Any]) -> Any:
    """Raises Problem with the place of what is not as described; what was sent is not repeated."""
    try:
        return decode()
    except msgspec.ValidationError as error:
        raise Problem("not-as-described", 400, place=place_in(error)) from error
    except msgspec.DecodeError as error:
        raise Problem("not-json", 400) from error


async def limited(request: Request, bytes_max: int) -> bytes:
    """The body; raises Problem as soon as it is longer than that, whatever its header promised."""
    received = bytearray()
    async for part in request.stream():
        received += part
        if len(received) > bytes_max:
            raise Problem("too-long", 413)
    return bytes(received)
