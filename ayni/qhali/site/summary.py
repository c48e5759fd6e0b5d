"""The summary: what was understood, with the citizen's words beside it, to confirm and send."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ayni.qhali.extraction import Fact, Status
from ayni.qhali.intake import citizen_from, narrative
from ayni.qhali.requests import Draft
from ayni.qhali.requests.requests import NotAsShown, NotReady
from ayni.qhali.site.parts import parts
from ayni.qhali.site.refusal import refuse
from ayni.qhali.site.visitor import REQUEST, with_draft

AGREED = "on"


@with_draft
def page(http: HttpRequest, draft: Draft) -> HttpResponse:
    """GET shows the summary, POST sends what was shown when consent is given."""
    if draft.form is None or draft.next_question(parts().now().date()) is not None:
        return redirect("identity")
    if http.method != "POST":
        return _show(http, draft)
    return _send(http, draft) if http.POST.get("consent") == AGREED else _show(http, draft, status=422)


def _show(http: HttpRequest, draft: Draft, *, status: int = 200) -> HttpResponse:
    """The summary; 422 says that consent is missing, 409 that this is not what was shown before."""
    assert draft.form is not None
    today = parts().now().date()
    context = {
        "narrative": narrative(draft.conversation),
        "present": _shown(draft, Status.PRESENT),
        "absent": _shown(draft, Status.ABSENT),
        "by_model": draft.conversation.added,
        "orientation": draft.orientation(today),
        "citizen": citizen_from(draft.form, today=today, is_test=parts().is_test),
        "shown": draft.fingerprint,
        "enterer": draft.enterer,
        "is_refused": status == 422,
        "has_changed": status == 409,
    }
    return render(http, "summary.html", context, status=status)


def _shown(draft: Draft, status: Status) -> list[tuple[Fact, str]]:
    """The facts of one status, each with the question when its quote is only an answer to it."""
    questions = {turn.number: turn.question for turn in draft.conversation.turns}
    return [
        (fact, questions[fact.turn].text if questions[fact.turn].concept == fact.concept else "")
        for fact in draft.conversation.facts
        if fact.status is status and fact.is_recorded
    ]


def _send(http: HttpRequest, draft: Draft) -> HttpResponse:
    try:
        submitted = parts().requests.submit(draft.id, http.POST.get("shown", ""))
    except NotReady:
        return refuse(http, "Falta contar qué le pasa.", 409)
    except NotAsShown:
        return _show(http, draft, status=409)
    # the session keeps its key and its draft: the same form sent again finds the same request
    http.session[REQUEST] = submitted.request_id
    return redirect("status")
