"""«¿Qué guardaste de mí?»: everything kept about the session's request, to see, take away and erase."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ayni.qhali.intake import enterer_in
from ayni.qhali.requests import Request
from ayni.qhali.rights import Kept, export
from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import with_request
from ayni.vocabulary.fhir import dumps
from ayni.vocabulary.peru import by_inei, facility
from ayni.wire.fhir_link import FHIR_JSON

AGREED = "on"
SEXES = {"female": "Mujer", "male": "Hombre"}


@require_safe
@with_request
def page(http: HttpRequest, request: Request) -> HttpResponse:
    """Everything, in plain words."""
    return render(http, "rights.html", _context(request))


@require_safe
@with_request
def as_fhir(http: HttpRequest, request: Request) -> HttpResponse:
    """The same as a file for programs."""
    bundle = export(_kept(request), at=parts().now())
    return _file(dumps(bundle), FHIR_JSON, "mis-datos-qhali.json")


@require_safe
@with_request
def as_page(http: HttpRequest, request: Request) -> HttpResponse:
    """The same as a page to keep and to read without a network."""
    saved = render(http, "rights_file.html", {**_context(request), "is_file": True})
    return _file(saved.content, "text/html; charset=utf-8", "mis-datos-qhali.html")


@require_POST
@with_request
def withdraw(http: HttpRequest, request: Request) -> HttpResponse:
    """Takes the permission to send back."""
    if http.POST.get("sure") != AGREED:
        return _not_sure(http, request, "withdraw")
    has_left = parts().rights.has_left(request.id)
    parts().rights.withdraw(request.id)
    return redirect("status") if parts().requests.read(request.id) else _forgotten(http, has_left=has_left)


@require_POST
@with_request
def forget(http: HttpRequest, request: Request) -> HttpResponse:
    """Erases everything, and ends the session."""
    if http.POST.get("sure") != AGREED:
        return _not_sure(http, request, "forget")
    has_left = parts().rights.has_left(request.id)
    parts().rights.forget(request.id)
    return _forgotten(http, has_left=has_left)


def _forgotten(http: HttpRequest, *, has_left: bool) -> HttpResponse:
    http.session.flush()
    page = render(http, "forgotten.html", {"has_left": has_left})
    page.headers["Clear-Site-Data"] = '"storage"'  # what waited on this phone, and its push address
    return page


def _not_sure(http: HttpRequest, request: Request, asked: str) -> HttpResponse:
    return render(http, "rights.html", {**_context(request), "unsure": asked}, status=422)


def _kept(request: Request) -> Kept:
    kept = parts().rights.kept(request.id)
    assert kept is not None, "the session's request was there a moment ago"
    return kept


def _context(request: Request) -> dict[str, object]:
    kept = _kept(request)
    return {
        "kept": kept,
        "enterer": enterer_in(kept.intake),
        "has_left": parts().rights.has_left(request.id),
        "was_delivered": parts().rights.was_delivered(request.id),
        "facility": facility(kept.facility),
        "district": by_inei(kept.form.get("district", "")),
        "sex": SEXES.get(kept.form.get("sex", ""), ""),
        "notices": parts().notices.notices(request.id),
        "at": parts().now(),
    }


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
