"""A form's way: one decision of one person about one request, then back to its page."""

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ayni.onevision.accounts.staff import Staff, staff_of
from ayni.onevision.errors import FormIncomplete
from ayni.onevision.intakes import requests, transitions
from ayni.onevision.intakes.requests import Request
from ayni.onevision.record import Chart

Decision = Callable[[Chart, Request, Staff], Request]


def decide(http: HttpRequest, request_id: str, decision: Decision, *, notice: str) -> HttpResponse:
    """Applies a decision in one transaction; raises RequestChanged when the page it was made on is old."""
    staff = staff_of(http.user)
    with settings.RECORD.changing() as chart:
        request = requests.find(chart, request_id)
        transitions.check_version(request, http.POST.get("version", ""))
        decision(chart, request, staff)
    messages.success(http, notice)
    return redirect("request", request_id)


def answers(form: forms.Form) -> dict[str, str]:
    """What the form says when every field is right; raises FormIncomplete for the first that is not."""
    if form.is_valid():
        return dict(form.cleaned_data)
    field, problems = next(iter(form.errors.items()))
    raise FormIncomplete(field, problems[0])
