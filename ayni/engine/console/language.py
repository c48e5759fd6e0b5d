"""The two languages of the console. Every text stands in `texts.toml`, Spanish and English side by side."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from starlette.requests import HTTPConnection

from ayni.engine.observability.wording import Language

LANGUAGES: dict[Language, str] = {"es": "Español", "en": "English"}
DEFAULT: Language = "es"
COOKIE = "ayni_language"
COOKIE_SECONDS = 365 * 24 * 60 * 60


class Texts:
    """The texts of one language: `texts("messages.title")`."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = {key: both[language] for key, both in TEXTS.items()}

    def __call__(self, key: str, **named: object) -> str:
        """The text with its places filled; a key without a text is a mistake that a test finds."""
        return self._texts[key].format(**named)

    def word(self, kind: str, word: str) -> str:
        """The text of a word that data brings (a state, an action); the word itself when there is none."""
        return self._texts.get(f"{kind}.{word}", word)

    def reason(self, text: str) -> str:
        """Why an attempt failed, as its connector says it, in this language; what has no text stays.

        A reason is a phrase of ours that may be followed by a place or a name: `nobody answers at lab:2575`.
        """
        return ": ".join(map(self._phrase, text.split(": ")))

    def _phrase(self, text: str) -> str:
        phrase = max((each for each in REASONS if text.startswith(each)), key=len, default="")
        return self.word("reason", phrase) + text.removeprefix(phrase) if phrase else text

    def count(self, key: str, number: int) -> str:
        """`key.one` or `key.many` with the number."""
        return self(f"{key}.{'one' if number == 1 else 'many'}", count=number)


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in table.items():
        if set(value) == set(LANGUAGES):
            yield above + name, value
        else:
            yield from _flat(value, f"{above}{name}.")


TEXTS = dict(_flat(tomllib.loads((files(__package__) / "texts.toml").read_text("utf-8"))))
"""Both languages by key."""
REASONS = [key.removeprefix("reason.") for key in TEXTS if key.startswith("reason.")]

BY_LANGUAGE = {language: Texts(language) for language in LANGUAGES}


def texts_of(conn: HTTPConnection) -> Texts:
    """The texts for whoever asks: as the cookie says, as the browser prefers, or Spanish."""
    chosen = next((name for name in LANGUAGES if name == conn.cookies.get(COOKIE)), None)
    return BY_LANGUAGE[chosen or preferred(conn.headers.get("Accept-Language", ""))]


def preferred(accept_language: str) -> Language:
    """The first of our languages in the order of an Accept-Language header (RFC 9110, 12.5.4)."""
    wishes = sorted(map(_wish, accept_language.split(",")), key=lambda wish: -wish[1])
    ours = (name for wish, weight in wishes if weight > 0 for name in LANGUAGES if name == wish)
    return next(ours, DEFAULT)


def _wish(text: str) -> tuple[str, float]:
    name, _, weight = text.partition(";")
    try:
        quality = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        quality = 0.0
    return name.strip().partition("-")[0].lower(), quality
