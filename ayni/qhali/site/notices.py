"""Notices on the citizen's page: what was told, what is asked, and through which channels to hear more."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ayni.qhali.notifications import InvalidAddress, NotAsked
from ayni.qhali.notifications.contacts import CHANNELS
from ayni.qhali.requests import Request
from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import with_request

FIELDS = {
    "whatsapp": ("Celular", "tel"),
    "sms": ("Celular", "tel"),
    "email": ("Correo electrónico", "email"),
}
"""What is typed to open a channel; a browser gives its own address."""

THANKS = {
    "confirm": "Gracias, le esperamos.",
    "change": "Pediremos otra fecha. Le avisaremos aquí.",
    "cannot": "Gracias por avisar. Diremos que no podrá ir.",
    "better": "Qué bueno. Si algo cambia, escríbanos.",
    "same": "Si mañana sigue igual, vuelva a su establecimiento o haga otro pedido.",
    "worse": "Vuelva hoy a su establecimiento. Si es grave, llame ya al 106.",
}
STANDING = {
    "pending": "Su respuesta está guardada. Aquí verá cuando llegue al establecimiento.",
    "delivered": "Su respuesta ya salió hacia su establecimiento.",
    "refused": "No pudimos entregar su respuesta. Llame o acérquese a su establecimiento.",
}


@require_safe
@with_request
def page(http: HttpRequest, request: Request) -> HttpResponse:
    """The channels of a request."""
    return _show(http, request)


def _show(http: HttpRequest, request: Request, *, wrong: str = "", hint: str = "") -> HttpResponse:
    context = {
        "channels": [
            (each, *FIELDS.get(each.name, ("", ""))) for each in parts().notices.channels(request.id)
        ],
        "push_key": parts().notices.push_key,
        "wrong": wrong,
        "hint": hint,
    }
    return render(http, "notices.html", context, status=422 if hint else 200)


@require_POST
@with_request
def add(http: HttpRequest, request: Request) -> HttpResponse:
    """Opens a channel; the button itself says what is agreed to."""
    channel = http.POST.get("channel", "")
    if channel not in CHANNELS:
        return redirect("notices")
    try:
        parts().notices.add(request.id, channel, http.POST.get("address", ""))
    except InvalidAddress as error:
        return _show(http, request, wrong=channel, hint=str(error))
    return redirect("notices")


@require_POST
@with_request
def remove(http: HttpRequest, request: Request) -> HttpResponse:
    """Withdraws the permission for a channel."""
    parts().notices.remove(request.id, http.POST.get("channel", ""))
    return redirect("notices")


@require_POST
@with_request
def put_first(http: HttpRequest, request: Request) -> HttpResponse:
    """Makes a channel the first one."""
    parts().notices.put_first(request.id, http.POST.get("channel", ""))
    return redirect("notices")


@require_POST
@with_request
def answer(http: HttpRequest, request: Request) -> HttpResponse:
    """One tap on the page: the session says whose notice it is."""
    notice, choice = http.POST.get("notice", ""), http.POST.get("choice", "")
    with suppress(NotAsked):  # no longer asked: the page shows how it stands
        parts().answers.answer(notice, choice, request_id=request.id)
    return redirect("status")


@csrf_exempt
@require_POST
def from_phone(http: HttpRequest) -> HttpResponse:
    """What a notification on the phone reports: that it has arrived, or the button that was tapped.

    There may be no session any more. The token came encrypted to that phone and is of one notice.
    """
    token, choice = http.POST.get("token", ""), http.POST.get("choice", "")
    try:
        if choice:
            parts().answers.answer_by_token(token, choice)
        else:
            parts().answers.confirm_by_token(token)
    except NotAsked:
        return HttpResponse(status=404)
    return HttpResponse(status=204)


def shown(request: Request) -> dict[str, object]:
    """What the page of a request needs to show its notices."""
    current = [(notice, THANKS.get(notice.answer, "")) for notice in parts().notices.current(request.id)]
    return {"current": current, "standing": STANDING.get(parts().notices.answer_standing(request.id), "")}
