"""`GET /health`: whether this system works, for whoever starts it and whoever watches it."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def health_route(system: str, check: Callable[[], dict[str, object]]) -> Route:
    """Answers 200 with the figures of `check` (no patient data), 503 when it raises."""

    def health(_: Request) -> Response:
        try:
            figures = check()
        except Exception as error:
            return JSONResponse(
                {"system": system, "healthy": False, "error": type(error).__name__}, status_code=503
            )
        return JSONResponse({"system": system, "healthy": True, **figures})

    return Route("/health", health)
