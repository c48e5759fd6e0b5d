"""Who is sick and where they want to be seen."""

from collections.abc import Mapping
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ayni.qhali.intake import InvalidIdentity, citizen_from
from ayni.qhali.intake.citizen import FIELDS
from ayni.qhali.redflags import URGENT_LEVELS
from ayni.qhali.requests import Draft
from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import may_go_on, with_draft
from ayni.vocabulary.peru import Facility, districts, facilities


@with_draft
def page(http: HttpRequest, draft: Draft) -> HttpResponse:
    """GET shows the form, POST keeps it or says field by field what to mend."""
    if not may_go_on(draft):
        return redirect("conversation")
    if http.method != "POST":
        return _form(http, draft, draft.form or {}, {})
    fields = {name: http.POST.get(name, "").strip() for name in FIELDS}
    try:
        citizen_from(fields, today=parts().now().date(), is_test=parts().is_test)
    except InvalidIdentity as error:
        return _form(http, draft, fields, error.hints)
    parts().drafts.set_identity(draft.id, fields)
    return redirect("summary")


def _form(
    http: HttpRequest, draft: Draft, fields: Mapping[str, str], hints: Mapping[str, str]
) -> HttpResponse:
    orientation = draft.orientation(parts().now().date())
    context = {
        "orientation": orientation,
        "is_urgent": orientation.level in URGENT_LEVELS,
        "fields": fields,
        "hints": hints,
        "provinces": _by_province(),
        "facilities": _by_district(),
        "today": parts().now().date().isoformat(),
    }
    return render(http, "identity.html", context, status=422 if hints else 200)


def _by_province() -> list[tuple[str, list[object]]]:
    """Every district under its province, the pilot's province first."""
    ordered = sorted(districts(), key=lambda each: (each.province != PILOT, each.province, each.name))
    return [(province, list(group)) for province, group in groupby(ordered, key=lambda each: each.province)]


def _by_district() -> list[tuple[str, list[Facility]]]:
    ordered = sorted(facilities(), key=lambda each: (each.district, each.name))
    return [(district, list(group)) for district, group in groupby(ordered, key=lambda each: each.district)]


PILOT = "SAN MIGUEL"
