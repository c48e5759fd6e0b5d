"""Where else a citizen can go who is not attended here: a facility of the registry, or a place in words."""

import re

from ayni.onevision.errors import FormIncomplete
from ayni.vocabulary.peru import Facility, facilities, facility, nearest
from ayni.vocabulary.spelling import folded

KIND_WORDS = frozenset(
    [
        *("al", "de", "del", "el", "en", "la", "puede", "ir"),
        *("centro", "puesto", "posta", "cs", "ps", "salud", "establecimiento"),
        *("codigo", "ipress", "renipress", "eess"),
    ]
)
"""Words beside a facility's name that do not tell one from another."""

NO_NAME = "Escriba el nombre del establecimiento, no su código."
OWN = "El pedido ya es de ese establecimiento. Elija otro, por favor."

_WORD = re.compile(r"[^\W_]+")


def alternatives(own_code: str) -> list[Facility]:
    """The other facilities of the registry, nearest first."""
    own = facility(own_code)
    ordered = nearest(own.district_inei) if own else facilities()
    return [each for each in ordered if each.code != own_code]


def check_alternative(text: str, own_code: str) -> None:
    """Raises FormIncomplete for a code alone, which tells a citizen nothing, and for the own facility."""
    named = _naming_words(text)
    if not named:
        raise FormIncomplete("alternative", NO_NAME)
    own = facility(own_code)
    if own is not None and named == _naming_words(own.name):
        raise FormIncomplete("alternative", OWN)


def _naming_words(text: str) -> set[str]:
    """The words of a text that name a place, without accents; no numbers, single letters, words of a kind."""
    return {word for word in _WORD.findall(folded(text)) if word.isalpha() and len(word) > 1} - KIND_WORDS
