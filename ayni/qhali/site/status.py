"""The page of a request: its number, where it stands, and the way back to it from another phone."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ayni.qhali.redflags import URGENT_LEVELS
from ayni.qhali.requests import Request
from ayni.qhali.site import notices
from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import NOTED, REQUEST, code_to_note, request_of, with_request
from ayni.vocabulary.peru import facility
from ayni.vocabulary.request import State
from ayni.wire.clock import LIMA

WITH_APPOINTMENT = frozenset({State.BOOKED, State.RESCHEDULED})
ENDED = frozenset({State.REJECTED, State.CANCELLED, State.CLOSED, State.ENTERED_IN_ERROR})
MAY_ASK_AGAIN = ENDED | {State.NO_SHOW}
STILL_SENDING_AFTER = timedelta(minutes=1)
"""From then on a request the record has not received is said to be still on its way."""

NOT_ARRIVED_AFTER = timedelta(minutes=5)
"""By then it is said not to have arrived, with the telephone numbers."""


@require_safe
@with_request
def page(http: HttpRequest, request: Request) -> HttpResponse:
    """The whole page; the return code stays on it until the citizen has written it down."""
    parts().notices.seen(request.id)
    return render(http, "status.html", {**_context(request), "return_code": code_to_note(http, request)})


@require_POST
def noted(http: HttpRequest) -> HttpResponse:
    """The citizen has written the code down; this page does not show it again."""
    http.session[NOTED] = True
    return redirect("status")


@require_safe
def fragment(http: HttpRequest) -> HttpResponse:
    """What changes on the open page, asked for when the live stream says so.

    The page of a session that has ended is led away as a whole; htmx would put a redirect's page inside it.
    A page in a pocket or behind another one asks too: only one that is looked at confirms what was told.
    """
    request = request_of(http)
    if request is None:
        return HttpResponse(status=403, headers={"HX-Redirect": reverse("welcome")})
    if http.headers.get("X-Visible") == "1":
        parts().notices.seen(request.id)
    return render(http, "_state.html", _context(request))


def _context(request: Request) -> dict[str, object]:
    appointment = parts().requests.appointment(request.id) or {}
    start = appointment.get("start") if request.state in WITH_APPOINTMENT else None
    waits = parts().now() - request.created_at if request.state is State.SUBMITTED else timedelta()
    return {
        "orientation": _urgent_orientation(request),
        "the_request": request,
        "timeline": parts().requests.timeline(request.id),
        "facility": facility(request.facility),
        "start": datetime.fromisoformat(start).astimezone(LIMA) if start else None,
        "instruction": appointment.get("patientInstruction", ""),
        "is_still_sending": STILL_SENDING_AFTER <= waits < NOT_ARRIVED_AFTER,
        "has_not_arrived": waits >= NOT_ARRIVED_AFTER,
        "may_ask_again": request.state in MAY_ASK_AGAIN,
        **notices.shown(request),
    }


def _urgent_orientation(request: Request) -> dict[str, str] | None:
    """What an emergency is told to do, as it was told before sending; None for others and once it ended."""
    if request.level not in URGENT_LEVELS or request.state in ENDED:
        return None
    return {"level": request.level, "advice": parts().requests.advice(request.id)}


def come_back(http: HttpRequest) -> HttpResponse:
    """Opens a request with its number and the secret code; one answer for every way of being wrong."""
    if http.method != "POST":
        return render(http, "return.html", {})
    request_id = http.POST.get("request_id", "").strip().upper()
    if parts().requests.opens(request_id, http.POST.get("return_code", "")):
        http.session.cycle_key()
        http.session[REQUEST] = request_id
        return redirect("status")
    return render(http, "return.html", {"is_wrong": True}, status=403)


@require_POST
def leave(http: HttpRequest) -> HttpResponse:
    """Forgets this session on this phone; the request goes on."""
    http.session.flush()
    return redirect("welcome")
