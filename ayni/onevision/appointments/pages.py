"""Booking, moving, cancelling an appointment, and saying that nobody came."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from ayni.onevision.appointments import booking
from ayni.onevision.intakes.citizen_text import CitizenText
from ayni.onevision.intakes.decisions import answers, decide
from ayni.vocabulary.request import Reason


class SlotForm(forms.Form):
    """A time."""

    slot = forms.CharField(max_length=64, error_messages={"required": "Elija un horario."})


class CancelForm(forms.Form):
    """Why the appointment ends."""

    reason = forms.ChoiceField(
        choices=[(reason.value, reason.display) for reason in Reason],
        error_messages={"required": "Elija un motivo.", "invalid_choice": "Elija un motivo de la lista."},
    )
    note = CitizenText(required=False)


@require_POST
def book(http: HttpRequest, request_id: str) -> HttpResponse:
    """The button "Aceptar y citar"."""
    slot = answers(SlotForm(http.POST))["slot"]
    return decide(
        http,
        request_id,
        lambda chart, request, staff: booking.accept_and_book(chart, request, slot, staff),
        notice="Cita registrada. Avisamos al ciudadano.",
    )


@require_POST
def reschedule(http: HttpRequest, request_id: str) -> HttpResponse:
    """The button "Reprogramar"."""
    slot = answers(SlotForm(http.POST))["slot"]
    return decide(
        http,
        request_id,
        lambda chart, request, staff: booking.reschedule(chart, request, slot, staff),
        notice="Cita reprogramada. Avisamos al ciudadano.",
    )


@require_POST
def cancel(http: HttpRequest, request_id: str) -> HttpResponse:
    """The button "Anular"."""
    answered = answers(CancelForm(http.POST))
    reason, note = Reason(answered["reason"]), answered["note"]
    return decide(
        http,
        request_id,
        lambda chart, request, staff: booking.cancel(chart, request, reason, staff, note=note),
        notice="Cita anulada. El horario quedó libre.",
    )


@require_POST
def no_show(http: HttpRequest, request_id: str) -> HttpResponse:
    """The button "No asistió"."""
    return decide(http, request_id, booking.mark_no_show, notice="Inasistencia registrada.")
