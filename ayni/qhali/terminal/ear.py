"""What a citizen says of health where something else is asked: whether to talk, a name, where to send it."""

import re

from ayni.qhali.conversation import OPEN
from ayni.qhali.conversation.administrative import administrative_question
from ayni.qhali.emergency import whom_and_where
from ayni.qhali.intake import written
from ayni.qhali.models import AssistedConversation
from ayni.qhali.redflags import URGENT_LEVELS
from ayni.qhali.whereabouts import told_district
from ayni.wire.clock import Now

NAME = re.compile(r"\bsocorro\b", re.IGNORECASE)
"""The one cry for help that is also a given name."""


class Ear:
    """Listens beside the questions of a visit. `talk` is the conversation with what it kept."""

    def __init__(self, talk: AssistedConversation, now: Now) -> None:
        self.talk, self._now = talk, now
        self._last = ""

    def opening(self, text: str) -> str:
        """Keeps words that tell of a complaint or ask something, a greeting is none; what to do at once."""
        alone = self._alone(text)
        tells = alone and alone.orientation(self._now().date()).level is not None
        if not (tells or administrative_question(text)):
            return ""
        self._keep(text)
        return alarm(self.talk, self._now)

    def emergency(self, text: str) -> str:
        """Keeps words that are an emergency by themselves; what to do at once."""
        alone = self._alone(text)
        told = alarm(alone, self._now) if alone else ""
        if told:
            self._keep(text)
        return told

    def field(self, text: str) -> str:
        """The same in a form: there Socorro is a name, and what alarmed and is said again is the answer."""
        if text == self._last:
            return ""
        self._last = text
        return self.emergency(NAME.sub("", text))

    def _alone(self, text: str) -> AssistedConversation | None:
        said = written(text)
        return AssistedConversation().answered(OPEN, said, said_at=self._now()) if said else None

    def _keep(self, text: str) -> None:
        self.talk = self.talk.answered(OPEN, written(text), said_at=self._now())


def alarm(talk: AssistedConversation, now: Now) -> str:
    """What to do at once, whom to call and where it is open; "" when it is not urgent."""
    orientation = talk.orientation(now().date())
    if orientation.level not in URGENT_LEVELS:
        return ""
    return f"{orientation.advice} {whom_and_where(told_district(talk))}"
