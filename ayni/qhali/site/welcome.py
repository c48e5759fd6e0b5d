"""The first page: what this program is, and the consent to talk with it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import DRAFT, NOTED, REQUEST, draft_of
from ayni.vocabulary.peru import by_inei, districts, nearest

NEAREST_COUNT = 5


@require_safe
def welcome(http: HttpRequest) -> HttpResponse:
    """Who runs this, what it keeps, and the button that starts."""
    return render(http, "welcome.html", {"draft": draft_of(http)})


@require_POST
def consent(http: HttpRequest) -> HttpResponse:
    """Starts a new conversation; the request of an earlier one stays reachable by its return code."""
    earlier = draft_of(http)
    if earlier is not None:
        parts().drafts.discard(earlier.id)
    http.session.cycle_key()
    for name in (REQUEST, NOTED):
        http.session.pop(name, None)
    http.session[DRAFT] = parts().drafts.start()
    return redirect("conversation")


def nearby(http: HttpRequest) -> HttpResponse:
    """The facilities nearest to a district; asked by POST so that no address tells where somebody lives."""
    chosen = by_inei(http.POST.get("district", ""))
    found = nearest(chosen.inei)[:NEAREST_COUNT] if chosen else ()
    context = {"districts": districts(), "chosen": chosen, "facilities": found}
    return render(http, "nearby.html", context)
