"""The pages that are open: signing in and out, and choosing the language."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ayni.engine.console.access.doorkeeper import SignedIn, TooManyAttempts, address_of
from ayni.engine.console.answers import problem_answer
from ayni.engine.console.desk import Desk
from ayni.engine.console.guard import SIGN_IN
from ayni.engine.console.language import COOKIE, COOKIE_SECONDS, LANGUAGES
from ayni.engine.console.pages.forms import form_of, to
from ayni.engine.console.pages.rendering import page
from ayni.engine.console.problems import Problem

ENTRANCE_BYTES_MAX = 4096
"""A user name and a password, from a stranger."""


def entrance_routes(desk: Desk) -> list[Route]:
    """What nobody has to be signed in for."""

    async def sign_in(request: Request) -> Response:
        try:
            return await _sign_in(desk, request)
        except Problem as problem:
            return problem_answer(request, problem)

    async def sign_out(request: Request) -> Response:
        user = request.user
        if isinstance(user, SignedIn):
            await desk.seen(user, "sign-out")
        desk.doorkeeper.close_session(request)
        return to(SIGN_IN)

    return [
        Route(SIGN_IN, sign_in, methods=["GET", "POST"], name="sign-in"),
        Route("/salir", sign_out, methods=["POST"], name="sign-out"),
        Route("/idioma", choose_language, methods=["POST"], name="language"),
    ]


async def _sign_in(desk: Desk, request: Request) -> Response:
    if request.method != "POST":
        return page(request, "sign_in.html")
    form = await form_of(request, ENTRANCE_BYTES_MAX)
    name, password = str(form.get("username", "")), str(form.get("password", ""))
    try:
        account = await desk.doorkeeper.proven(name, password, address_of(request))
    except TooManyAttempts as error:
        return page(
            request,
            "sign_in.html",
            {"wait_seconds": error.seconds},
            status=429,
            headers={"Retry-After": str(error.seconds)},
        )
    if account is None:
        return page(request, "sign_in.html", {"failed": True}, status=403)
    await desk.seen(SignedIn(account, address_of(request)), "sign-in")
    desk.doorkeeper.open_session(request, account)
    return to("/")


async def choose_language(request: Request) -> Response:
    """Keeps the language in a cookie and goes back to the page it was chosen on."""
    try:
        form = await form_of(request, ENTRANCE_BYTES_MAX)
    except Problem as problem:
        return problem_answer(request, problem)
    answer = to(_own_address(str(form.get("here", "/"))))
    language = str(form.get("language", ""))
    if language in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, httponly=True, samesite="strict")
    return answer


def _own_address(address: str) -> str:
    """A page of this console, whatever the form said."""
    is_own = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_own and address.isprintable() else "/"
