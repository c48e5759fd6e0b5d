"""The one place that lets a request through to a handler: nobody without the role, no error unanswered."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.access.roles import Role
from ayni.engine.console.answers import is_program, problem_answer
from ayni.engine.console.desk import Desk
from ayni.engine.console.problems import Problem, problem_of
from ayni.wire.logging import where

log = structlog.get_logger()

SIGN_IN = "/acceso"
SEE_OTHER = 303

Handler = Callable[[Request, SignedIn], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(desk: Desk, role: Role, name: str, handler: Handler) -> Endpoint:
    """The handler for those whose role includes this one; everybody else is turned away before it runs."""

    async def turned_away(_: Request, user: SignedIn) -> Response:
        await desk.seen(user, "denied", details={"operation": name})
        raise Problem("not-allowed", 403, role=role.value)

    async def endpoint(request: Request) -> Response:
        user = request.user
        if not isinstance(user, SignedIn):
            return _stranger(request)
        return await answered(request, user, handler if user.may(role) else turned_away)

    return endpoint


async def answered(request: Request, user: SignedIn, handler: Handler) -> Response:
    """What the handler answers, or the problem that kept it from answering."""
    try:
        return await handler(request, user)
    except Problem as problem:
        return problem_answer(request, problem)
    except HTTPException as error:
        return problem_answer(request, problem_of(error.status_code))
    except Exception as error:  # whoever looks is told; the log says where, and no content
        log.error("console failed", **where(error))
        return problem_answer(request, Problem("broken", 500))


def _stranger(request: Request) -> Response:
    if is_program(request):
        return problem_answer(request, Problem("sign-in-needed", 401))
    if request.method in ("GET", "HEAD"):
        return RedirectResponse(SIGN_IN, SEE_OTHER)
    return problem_answer(request, Problem("sign-in-needed", 403))
