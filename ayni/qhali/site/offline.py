"""What a phone keeps to show when there is no signal: one page without anybody's data, and the worker."""

import hashlib
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX

HERE = Path(__file__).parent
WORKER = HERE / "static" / "avisos-worker.js"


@require_safe
def page(http: HttpRequest) -> HttpResponse:
    """The page without signal; what waits on the phone is added by its script, from the phone itself."""
    return render(http, "offline.html", {"characters_max": TURN_CHARACTERS_MAX})


@require_safe
def worker(http: HttpRequest) -> HttpResponseBase:
    """The service worker, at the root because it may only speak for what lies below its address."""
    return HttpResponse(_worker(), content_type="text/javascript")


@cache
def _worker() -> bytes:
    """The worker and a last line that changes with what it keeps: only then do browsers keep it anew."""
    templates = [HERE / "templates" / name for name in ("base.html", "offline.html")]
    parts = [*sorted((HERE / "static").iterdir()), *templates]
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in parts)).hexdigest()
    return WORKER.read_bytes() + f"// {digest}\n".encode()
