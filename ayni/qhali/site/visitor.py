"""What one browser session may see: its draft, and its request once there is one."""

import hashlib
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from ayni.qhali.emergency import CALLS, away, open_day_and_night
from ayni.qhali.redflags import LEVELS
from ayni.qhali.requests import Draft, Request
from ayni.qhali.site.parts import parts
from ayni.qhali.whereabouts import told_district

DRAFT, REQUEST, NOTED = "draft", "request", "noted"

View = Callable[[HttpRequest], HttpResponse]


def context(http: HttpRequest) -> dict[str, object]:
    """What every template may use. `http.session` is missing where a request fails before it was read."""
    session = getattr(http, "session", {})
    draft = draft_of(http) if session else None
    district = told_district(draft.conversation) if draft else None
    always = open_day_and_night(district.inei if district else "")
    return {
        "request_number": session.get(REQUEST),
        "is_test": parts().is_test,
        "conversation_mark": mark_of(draft) if draft else "",
        "calls": CALLS,
        "always_open": always,
        "always_away": away(always, district),
    }


def mark_of(draft: Draft) -> str:
    """Tells one conversation from another on a page; the draft's own id stays in the session."""
    return hashlib.sha256(draft.id.encode()).hexdigest()[:16]


def draft_of(http: HttpRequest) -> Draft | None:
    """The draft of this session that has not become a request."""
    draft_id = http.session.get(DRAFT)
    draft = parts().drafts.read(draft_id) if draft_id else None
    return draft if draft is not None and draft.request_id is None else None


def may_go_on(draft: Draft) -> bool:
    """Whether the form may come: all is asked, or it is an emergency, which waits for no answer."""
    today = parts().now().date()
    level = draft.orientation(today).level
    return level is not None and (level == LEVELS[0] or draft.next_question(today) is None)


def code_to_note(http: HttpRequest, request: Request) -> str | None:
    """The return code of this session's own request, until the visitor says that it is written down."""
    draft_id = http.session.get(DRAFT)
    draft = parts().drafts.read(draft_id) if draft_id and not http.session.get(NOTED) else None
    if draft is None or draft.request_id != request.id:
        return None
    return parts().requests.return_code(draft.id)


def request_of(http: HttpRequest) -> Request | None:
    """The request of this session."""
    request_id = http.session.get(REQUEST)
    return parts().requests.read(request_id) if request_id else None


def with_draft(view: Callable[[HttpRequest, Draft], HttpResponse]) -> View:
    """A page of a conversation under way; without one the visitor is led to where they belong."""

    @wraps(view)
    def page(http: HttpRequest) -> HttpResponse:
        draft = draft_of(http)
        return view(http, draft) if draft is not None else _home(http)

    return page


def with_request(view: Callable[[HttpRequest, Request], HttpResponse]) -> View:
    """A page of a request; a request number opens nothing, only the session does."""

    @wraps(view)
    def page(http: HttpRequest) -> HttpResponse:
        request = request_of(http)
        return view(http, request) if request is not None else redirect("welcome")

    return page


def _home(http: HttpRequest) -> HttpResponseRedirect:
    """Where the visitor belongs; a confirmation whose answer was lost leads to its request."""
    draft = parts().drafts.read(http.session.get(DRAFT, ""))
    if draft is not None and draft.request_id is not None:
        http.session[REQUEST] = draft.request_id
    return redirect("status" if request_of(http) else "welcome")
