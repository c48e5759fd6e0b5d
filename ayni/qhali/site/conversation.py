"""The conversation page: what was said, the next question, and what to do at once in an emergency.

An answer names its place: the conversation and the number of the question it was written for. One place
takes one answer, so the same answer sent twice counts once, and an answer whose question has passed goes
back to whoever wrote it: a "no" never answers another question than the one it was written for.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ayni.qhali.conversation.administrative import told_beside
from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX
from ayni.qhali.intake import written
from ayni.qhali.redflags import URGENT_LEVELS
from ayni.qhali.requests import Draft, TooManyTurns
from ayni.qhali.site.choices import choices_of, in_words, items_of
from ayni.qhali.site.model import language_of
from ayni.qhali.site.numbers import small_number
from ayni.qhali.site.parts import parts
from ayni.qhali.site.refusal import refuse
from ayni.qhali.site.visitor import draft_of, mark_of, may_go_on, with_draft

UNDERSTOOD_TOO_LITTLE = (
    "No logro entenderle. Llame gratis al 113, o pida ayuda o un intérprete en su establecimiento."
)
MICROPHONE = "camera=(), geolocation=(), microphone=(self)"
"""Only this page may ask for the microphone, and only after a tap."""


@with_draft
def page(http: HttpRequest, draft: Draft) -> HttpResponse:
    """GET shows the conversation, POST adds an answer."""
    return _answer(http, draft) if http.method == "POST" else _show(http, draft)


@require_POST
def close(http: HttpRequest) -> HttpResponse:
    """Erases what was said and ends the session: the next person at this phone finds nothing."""
    draft = draft_of(http)
    if draft is not None:
        parts().drafts.discard(draft.id)
    http.session.flush()
    return redirect("welcome")


def _show(http: HttpRequest, draft: Draft, *, unsent: str = "") -> HttpResponse:
    """The page; `unsent` is an answer that came too late for its question, and goes back into the box."""
    today = parts().now().date()
    question = draft.next_question(today)
    orientation = draft.orientation(today)
    is_urgent = orientation.level in URGENT_LEVELS
    turns, reply = draft.conversation.turns, draft.reply_to(len(draft.conversation.turns))
    context = {
        "turns": [(turn, draft.reply_to(turn.number - 1)) for turn in turns],
        "reply": reply if reply and question and reply.question == question.id else None,
        "number": len(turns) + 1,
        "question": question,
        "choices": choices_of(question),
        "items": items_of(question),
        "is_urgent": is_urgent,
        "may_go_on": may_go_on(draft),
        "orientation": orientation,
        "beside": "" if is_urgent else told_beside(draft.conversation),
        "characters_max": TURN_CHARACTERS_MAX,
        "unsent": unsent,
        "enterer": draft.enterer,
    }
    shown = render(http, "conversation.html", context, status=409 if unsent else 200)
    shown.headers["Permissions-Policy"] = MICROPHONE
    return shown


def _answer(http: HttpRequest, draft: Draft) -> HttpResponse:
    text = http.POST.get("text", "").strip() or in_words(http.POST)
    number = _place(http, draft)
    if not text:
        return redirect("conversation")
    answered: Draft | None = draft
    if number is not None:
        try:
            answered = parts().drafts.answer(draft.id, number, text, language=language_of(http))
        except TooManyTurns:
            return refuse(http, UNDERSTOOD_TOO_LITTLE, 422)
    if answered is not None and not _was_taken(answered, number, text):
        return _show(http, answered, unsent=text)
    return redirect("conversation" if _stays(answered) else "identity")


def _place(http: HttpRequest, draft: Draft) -> int | None:
    """The number of the question answered, None when the form is of another conversation."""
    is_of_this = http.POST.get("conversation", "") == mark_of(draft)
    return small_number(http.POST.get("number", "")) if is_of_this else None


def _was_taken(draft: Draft, number: int | None, text: str) -> bool:
    """Whether the place holds this answer: given now, or when it was sent before."""
    if number is None:
        return False
    said = [turn.text for turn in draft.conversation.turns if turn.number == number]
    return said == [written(text)]


def _stays(draft: Draft | None) -> bool:
    """Whether there is more to ask, or nothing of health was said and there is nothing to send."""
    if draft is None:
        return False
    return draft.next_question(parts().now().date()) is not None or not may_go_on(draft)
