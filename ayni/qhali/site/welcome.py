"""The first page: what this program is, and the consent to talk with it."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ayni.qhali.intake import InvalidIdentity, enterer_from
from ayni.qhali.site.model import agreed_model
from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import DRAFT, NOTED, REQUEST, draft_of, mark_of


@require_safe
def welcome(http: HttpRequest) -> HttpResponse:
    """Who runs this, what it keeps, and the button that starts."""
    return _show(http)


def _show(http: HttpRequest, *, hints: Mapping[str, str] | None = None) -> HttpResponse:
    context = {
        "draft": draft_of(http),
        "hints": hints or {},
        "fields": http.POST,
        "model": parts().drafts.model,
        "is_agreed": agreed_model(http) is not None,
    }
    return render(http, "welcome.html", context, status=422 if hints else 200)


@require_POST
def consent(http: HttpRequest) -> HttpResponse:
    """Starts a new conversation; the request of an earlier one stays reachable by its return code.

    A conversation under way ends only by the button that says so: sent twice, or from a window that does not
    know of it, this leads back to it.
    """
    try:
        enterer = enterer_from(http.POST, is_test=parts().is_test)
    except InvalidIdentity as error:
        return _show(http, hints=error.hints)
    earlier = draft_of(http)
    if earlier is not None and http.POST.get("replaces") != mark_of(earlier):
        return redirect("conversation")
    if earlier is not None:
        parts().drafts.discard(earlier.id)
    http.session.cycle_key()
    for name in (REQUEST, NOTED):
        http.session.pop(name, None)
    http.session[DRAFT] = parts().drafts.start(enterer, model=agreed_model(http))
    return redirect("conversation")
