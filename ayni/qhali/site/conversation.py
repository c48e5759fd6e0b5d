"""The conversation page: what was said, the next question, and what to do at once in an emergency."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX
from ayni.qhali.conversation.questions import SEVERE, SIGN
from ayni.qhali.redflags import URGENT_LEVELS
from ayni.qhali.requests import Draft, TooManyTurns
from ayni.qhali.site.numbers import small_number
from ayni.qhali.site.parts import parts
from ayni.qhali.site.refusal import refuse
from ayni.qhali.site.visitor import with_draft

QUICK_ANSWERS = ("Sí", "No", "No sé")


@with_draft
def page(http: HttpRequest, draft: Draft) -> HttpResponse:
    """GET shows the conversation, POST adds an answer."""
    return _answer(http, draft) if http.method == "POST" else _show(http, draft)


def _show(http: HttpRequest, draft: Draft) -> HttpResponse:
    today = parts().now().date()
    question = draft.next_question(today)
    orientation = draft.orientation(today)
    context = {
        "turns": draft.conversation.turns,
        "number": len(draft.conversation.turns) + 1,
        "question": question,
        "quick_answers": QUICK_ANSWERS if question and question.kind in (SIGN, SEVERE) else (),
        "is_urgent": orientation.level in URGENT_LEVELS,
        "orientation": orientation,
        "characters_max": TURN_CHARACTERS_MAX,
    }
    return render(http, "conversation.html", context)


def _answer(http: HttpRequest, draft: Draft) -> HttpResponse:
    text = http.POST.get("text", "").strip()
    number = small_number(http.POST.get("number", ""))
    answered: Draft | None = draft
    if text and number is not None:
        try:
            answered = parts().drafts.answer(draft.id, number, text)
        except TooManyTurns:
            return refuse(http, "No logro entenderle. Llame gratis al 113, por favor.", 422)
    return redirect("conversation" if _goes_on(answered) else "identity")


def _goes_on(draft: Draft | None) -> bool:
    return draft is not None and draft.next_question(parts().now().date()) is not None
