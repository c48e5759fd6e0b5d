"""The inbox, the page of one request, and the decisions that need no appointment."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ayni.onevision.accounts.staff import Staff, staff_of
from ayni.onevision.appointments.schedules import ensure_week
from ayni.onevision.appointments.wished import offer
from ayni.onevision.facilities.alternatives import alternatives
from ayni.onevision.intakes import inbox as lists
from ayni.onevision.intakes import requests, transitions
from ayni.onevision.intakes.citizen_text import CitizenText
from ayni.onevision.intakes.decisions import answers, decide
from ayni.onevision.intakes.reception import sent_patient
from ayni.onevision.intakes.requests import Request, supporting
from ayni.onevision.intakes.steps import steps
from ayni.onevision.intakes.transitions import Change
from ayni.onevision.patients.identity import differs
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import code_in
from ayni.vocabulary.fhir.codes import SYMPTOM_PRESENT
from ayni.vocabulary.fhir.systems import LOINC
from ayni.vocabulary.request import Reason, State, choices

PAGE_NUMBER = re.compile("[1-9][0-9]{0,5}")


class RejectForm(forms.Form):
    """Why not, and where else: nobody is sent away without another way."""

    reason = forms.ChoiceField(
        choices=[(reason.value, reason.display) for reason in Reason],
        error_messages={"required": "Elija un motivo.", "invalid_choice": "Elija un motivo de la lista."},
    )
    alternative = CitizenText(
        min_length=3,
        max_length=120,
        error_messages={
            "required": "Escriba a dónde puede ir el ciudadano.",
            "min_length": "Escriba el nombre del otro establecimiento.",
        },
    )
    note = CitizenText(required=False)


@require_safe
def inbox(http: HttpRequest) -> HttpResponse:
    """What waits for an answer, the most urgent first; then appointments; then what has ended."""
    staff = staff_of(http.user)
    with settings.RECORD.reading() as chart:
        context = {"pages": lists.Inbox(chart).first_pages(), "now": chart.at, "staff": staff}
    return render(http, "inbox.html", context)


@require_safe
def worklist(http: HttpRequest, name: str) -> HttpResponse:
    """One list of the inbox, page by page."""
    staff = staff_of(http.user)
    if name not in lists.WORKLISTS:
        raise Http404
    asked = http.GET.get("pagina", "")
    number = int(asked) if PAGE_NUMBER.fullmatch(asked) else 1
    with settings.RECORD.reading() as chart:
        context = {"page": lists.Inbox(chart).page(name, number), "now": chart.at, "staff": staff}
    return render(http, "worklist.html", context)


@require_safe
def show(http: HttpRequest, request_id: str) -> HttpResponse:
    """The page of one request. Looking changes nothing of it."""
    staff = staff_of(http.user)
    with settings.RECORD.reading() as chart:
        facility_code = requests.find(chart, request_id).facility_code
    ensure_week(settings.RECORD, facility_code)
    with settings.RECORD.reading() as chart:
        context = _context(chart, requests.find(chart, request_id), staff)
    return render(http, "request.html", context)


@require_POST
def open_request(http: HttpRequest, request_id: str) -> HttpResponse:
    """Open ("Abrir"): from now on a person is reading it."""
    staff = staff_of(http.user)
    with settings.RECORD.changing() as chart:
        transitions.open_request(chart, requests.find(chart, request_id), staff)
    return redirect("request", request_id)


@require_POST
def reject(http: HttpRequest, request_id: str) -> HttpResponse:
    """Reject ("Rechazar"), with a reason of the list and an alternative."""
    answered = answers(RejectForm(http.POST))

    def decision(chart: Chart, request: Request, staff: Staff) -> Request:
        change = Change(
            after=State.REJECTED,
            by=staff,
            reason=Reason(answered["reason"]),
            alternative=answered["alternative"],
            note=answered["note"],
        )
        return transitions.move(chart, request, change)

    return decide(http, request_id, decision, notice="Pedido rechazado. Avisamos al ciudadano.")


def _context(chart: Chart, request: Request, staff: Staff) -> dict[str, Any]:
    observations = supporting(chart, request.service_request, "Observation")
    present = [each for each in observations if code_in(each["code"], LOINC) == SYMPTOM_PRESENT]
    return {
        "citizen_request": request,
        "now": chart.at,
        "staff": staff,
        "present": present,
        "absent": [each for each in observations if each not in present],
        "risks": supporting(chart, request.service_request, "RiskAssessment"),
        "identity_differs": differs(sent_patient(request.service_request), request.patient),
        "sent_patient": sent_patient(request.service_request),
        "steps": steps(chart, request.task["id"])[::-1],
        "offer": offer(chart, request),
        "reasons": list(Reason),
        "alternatives": alternatives(request.facility_code),
        "waiting_states": lists.WAITING,
        **_may(request, staff),
    }


def _may(request: Request, staff: Staff) -> dict[str, bool]:
    """Which forms the page offers: the steps of the table that are this role's now."""
    steps_open = choices(request.state, staff.role, orientation=request.orientation)
    offered = {
        "may_open": State.IN_REVIEW in steps_open,
        "may_accept": State.ACCEPTED in steps_open,
        "may_book": State.BOOKED in steps_open,
        "may_reject": State.REJECTED in steps_open,
        "may_reschedule": State.RESCHEDULED in steps_open,
        "may_cancel": State.CANCELLED in steps_open,
        "may_mark_no_show": State.NO_SHOW in steps_open,
    }
    return offered | {"may_do_anything": any(offered.values())}
