"""What may be said where others can read it: fixed sentences whose only blanks are a day and an hour."""

import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files

from ayni.qhali.notifications.spanish_dates import day_in_spanish
from ayni.vocabulary.request import State
from ayni.wire.clock import LIMA

NOT_YET = "por confirmar"


@cache
def _sentences() -> dict[State, str]:
    text = files("ayni.qhali.notifications").joinpath("data", "outside.toml").read_text("utf-8")
    return {State(state): sentence for state, sentence in tomllib.loads(text).items()}


def outside(state: State, start: datetime | None) -> str | None:
    """The sentence for channels outside the page; None for a state that stays on the page."""
    sentence = _sentences().get(state)
    return filled(sentence, start) if sentence else None


def filled(sentence: str, start: datetime | None) -> str:
    """A sentence with its day and hour, in Peru's time."""
    at = start.astimezone(LIMA) if start else None
    return sentence.format(day=day_in_spanish(at) if at else NOT_YET, time=f"{at:%H:%M}" if at else NOT_YET)
