"""Where to go: the facilities near a district, and the way to the one that was chosen.

Asked by POST or taken from the session's own request, so that no address tells where somebody lives.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ayni.qhali.emergency import open_day_and_night
from ayni.qhali.requests import Request
from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import with_request
from ayni.qhali.site.way import way_to
from ayni.vocabulary.peru import by_inei, districts, facility, nearest

NEAREST_COUNT = 5


def page(http: HttpRequest) -> HttpResponse:
    """The nearest place that is open day and night with the way there, and the nearest of all."""
    context: dict[str, object] = {"districts": districts()}
    if chosen := by_inei(http.POST.get("district", "")):
        near = [way_to(each, chosen.inei) for each in nearest(chosen.inei)[:NEAREST_COUNT]]
        always = way_to(open_day_and_night(chosen.inei), chosen.inei)
        context |= {"chosen": chosen, "near": near, "always": always}
    return render(http, "nearby.html", context)


@require_safe
@with_request
def way(http: HttpRequest, request: Request) -> HttpResponse:
    """The way from the citizen's district to the facility of the request."""
    kept = parts().rights.kept(request.id)
    chosen = facility(request.facility)
    assert chosen is not None, "a request is made for a facility of the register"
    found = way_to(chosen, kept.form.get("district", "")) if kept else None
    return render(http, "way.html", {"way": found, "facility": chosen})
