"""What a phone keeps to show when there is no signal: one page without anybody's data, and the worker."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX

WORKER = Path(__file__).parent / "static" / "avisos-worker.js"


@require_safe
def page(http: HttpRequest) -> HttpResponse:
    """The page without signal; what waits on the phone is added by its script, from the phone itself."""
    return render(http, "offline.html", {"characters_max": TURN_CHARACTERS_MAX})


@require_safe
def worker(http: HttpRequest) -> HttpResponseBase:
    """The service worker, at the root because it may only speak for what lies below its address."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript")
