"""What the pages stand on, chosen by the process."""

from dataclasses import dataclass

from django.conf import settings

from ayni.qhali.notifications import Answers, NoticeBoard
from ayni.qhali.requests import Drafts, Requests
from ayni.qhali.rights import Rights
from ayni.wire.clock import Now


@dataclass(frozen=True, slots=True)
class Parts:
    """The drafts, the requests, their notices, the clock, and whether only invented people are taken."""

    drafts: Drafts
    requests: Requests
    notices: NoticeBoard
    answers: Answers
    rights: Rights
    now: Now
    is_test: bool


def parts() -> Parts:
    """The parts this process was started with."""
    chosen: Parts = settings.QHALI
    return chosen
