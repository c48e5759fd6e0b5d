"""Alerts in the reader's language: rules and ledger hold kinds and figures, `texts.toml` has the words."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal

from ayni.engine.observability.ledger import Alert
from ayni.engine.room import Hindrance

Language = Literal["es", "en"]

TEXTS: Mapping[str, Mapping[str, Mapping[Language, str]]] = tomllib.loads(
    (files(__package__) / "texts.toml").read_text("utf-8")
)


class _Known(dict[str, object]):
    """A figure that an older engine did not write down is a question mark, and not an error at 3 a.m."""

    def __missing__(self, name: str) -> str:
        return "?"


def words(section: str, key: str, language: Language, **named: object) -> str:
    """A text of one section with its places filled."""
    return TEXTS[section][key][language].format_map(_Known(named))


def sentence(alert: Alert, language: Language) -> str:
    """What is wrong."""
    return words("sentence", alert.sentence or alert.place.kind, language, **alert.figures)


def advice(alert: Alert, language: Language) -> str:
    """What to do first."""
    own = alert.sentence if alert.sentence in TEXTS["advice"] else alert.place.kind
    return words("advice", own, language)


def hindrance(word: Hindrance, language: Language) -> tuple[str, str]:
    """What keeps new messages out, and what to do first."""
    return words("sentence", f"intake-{word}", language), words("advice", f"intake-{word}", language)
