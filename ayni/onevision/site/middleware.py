"""What happens around every page: a number for the visit, headers, and refusals as pages."""

import secrets
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from ayni.onevision.accounts.staff import NoRole
from ayni.onevision.errors import RecordError
from ayni.onevision.site.refusal import NO_ROLE, NOT_ALLOWED, ONLY_FROM_A_FORM, refuse
from ayni.vocabulary.request import TransitionNotAllowed, is_request_id

log = structlog.get_logger()
GetResponse = Callable[[HttpRequest], HttpResponse]
BROKEN = 500


class Correlation:
    """Gives the visit a number that page, header and log share; keeps pages out of every cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, http: HttpRequest) -> HttpResponse:
        http.visit = secrets.token_hex(4)
        with structlog.contextvars.bound_contextvars(visit=http.visit):
            response = self._get_response(http)
            _log_action(http, response)
        structlog.contextvars.unbind_contextvars("correlation_id")  # the thread serves others next
        response.headers["X-Request-Id"] = http.visit
        response.headers["Cache-Control"] = "no-store"
        return response


def _log_action(http: HttpRequest, response: HttpResponse) -> None:
    """One line for each thing a person did, or that broke: with it a page's code leads to what happened."""
    if http.method == "POST" or response.status_code >= BROKEN:
        page = http.resolver_match.view_name if http.resolver_match else None
        log.info("page answered", method=http.method, page=page, status=response.status_code)


class Refusals:
    """Turns what the record refuses into a page with the right status."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, http: HttpRequest) -> HttpResponse:
        response = self._get_response(http)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = refuse(http, response.status_code, ONLY_FROM_A_FORM)  # Django's own answer is empty
        page.headers["Allow"] = response.headers["Allow"]
        return page

    def process_view(
        self, http: HttpRequest, view: object, arguments: tuple[str, ...], names: dict[str, str]
    ) -> None:
        """Puts the request's own number on every log line of the visit."""
        if is_request_id(request_id := names.get("request_id", "")):
            structlog.contextvars.bind_contextvars(correlation_id=request_id)

    def process_exception(self, http: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page for every refusal; None for what nobody foresaw: Django logs it and shows the 500 page."""
        match error:
            case RecordError():
                log.info("refused", code=error.code)
                return refuse(http, error.http_status, error.text)
            case TransitionNotAllowed():
                log.info("refused", code=error.code, before=error.before, after=error.after)
                return refuse(http, 409, NOT_ALLOWED)
            case NoRole():
                return refuse(http, 403, NO_ROLE)
        return None
