"""Answers: JSON for programs, pages for people, and problems for both."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ayni.engine.console.language import texts_of
from ayni.engine.console.pages.rendering import page
from ayni.engine.console.problems import Problem

API = "/api/"
PROBLEM_JSON = "application/problem+json"
UNAUTHORIZED, TOO_MANY = 401, 429


def is_program(request: Request) -> bool:
    """Whether the address belongs to the interface for programs."""
    return request.url.path.startswith(API)


def json_answer(shape: object, status: int = 200) -> Response:
    """A shape as JSON."""
    return Response(msgspec.json.encode(shape), status, media_type="application/json")


def problem_answer(request: Request, problem: Problem, *, wait_seconds: int = 0) -> Response:
    """What went wrong and what to do next: as RFC 9457 for programs, as a page for people."""
    details = problem.details(texts_of(request))
    headers = {"Retry-After": str(wait_seconds)} if wait_seconds else {}
    if not is_program(request):
        return page(request, "problem.html", {"problem": details}, status=problem.status, headers=headers)
    if problem.status == UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Basic realm="Ayni engine", charset="UTF-8"'
    return Response(msgspec.json.encode(details), problem.status, headers, PROBLEM_JSON)
