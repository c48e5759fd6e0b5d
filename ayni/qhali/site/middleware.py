"""What happens around every page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from ayni.qhali.site.refusal import only_from_its_page
from ayni.qhali.site.visitor import REQUEST
from ayni.wire.logging import correlated

GetResponse = Callable[[HttpRequest], HttpResponse]


class Page:
    """Keeps pages out of every cache: phones and post computers are shared."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, http: HttpRequest) -> HttpResponse:
        response = self._get_response(http)
        response.headers["Cache-Control"] = "no-store"
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class Correlation:
    """Puts the request number on every log line and answer, once there is one."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, http: HttpRequest) -> HttpResponse:
        request_id = http.session.get(REQUEST)
        if request_id is None:
            return self._get_response(http)
        with correlated(request_id):
            response = self._get_response(http)
        response.headers["X-Correlation-Id"] = request_id
        return response


class OnlyFromItsPage:
    """Gives a page to whoever opens an address that only takes a form; Django's own answer is empty."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, http: HttpRequest) -> HttpResponse:
        response = self._get_response(http)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = only_from_its_page(http)
        page.headers["Allow"] = response.headers["Allow"]
        return page
