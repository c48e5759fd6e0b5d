"""The citizen's yes to a language model: asked before her first words, and taken back at any time."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST

from ayni.qhali.models.ports import SPANISH
from ayni.qhali.site.parts import parts
from ayni.qhali.site.visitor import draft_of


def agreed_model(http: HttpRequest) -> str | None:
    """The language model that was shown and ticked, if it is still the one that would listen."""
    model = parts().drafts.model
    return model.called if model is not None and http.POST.get("model") == model.called else None


def language_of(http: HttpRequest) -> str:
    """The language that the browser asks for before Spanish, if the operator allows it; "" for none."""
    for tag, _ in parse_accept_lang_header(http.headers.get("Accept-Language", "")):
        spoken = tag.partition("-")[0]
        if spoken == SPANISH or spoken in parts().drafts.languages:
            return "" if spoken == SPANISH else spoken
    return ""


@require_POST
def withdraw(http: HttpRequest) -> HttpResponse:
    """From now on no language model hears this conversation."""
    draft = draft_of(http)
    if draft is not None:
        parts().drafts.withdraw_model(draft.id)
    return redirect("conversation")
