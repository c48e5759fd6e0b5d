"""The outbox as a page: what waits, what was refused, and the way to send it again."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ayni.onevision.accounts.staff import staff_of
from ayni.wire import outbox as wire


@require_safe
def outbox(http: HttpRequest) -> HttpResponse:
    """Every event the other side has not taken yet."""
    with settings.RECORD.reading() as chart:
        rows = list(wire.unsettled(chart.tx))
    return render(http, "outbox.html", {"rows": rows, "staff": staff_of(http.user)})


@require_POST
def send_again(http: HttpRequest, event_key: str) -> HttpResponse:
    """Puts a refused event back in the line."""
    staff_of(http.user)
    with settings.RECORD.changing() as chart:
        is_back = wire.send_again(chart.tx, event_key)
    if is_back:
        messages.success(http, f"{event_key} vuelve a la fila de envíos.")
    return redirect("outbox")
