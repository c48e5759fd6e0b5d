"""A text as SMS: in which alphabet, and in how many parts.

Source: 3GPP TS 23.038, 6.2.1 (default alphabet and its extension) and TS 23.040, 9.2.3.24.1 (a part of
several loses 7 septets or 3 UCS-2 characters to its header).
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Each of these takes two septets: an escape and itself."""

PLAIN = str.maketrans(
    {"«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "–": "-", "—": "-", "·": "-", "…": "..."}
)
"""Marks of print that a plain one stands for."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """`single` units fit one SMS, `joined` one part of several."""

    name: str
    single: int
    joined: int
    units: Callable[[str], int]


GSM7 = Alphabet("GSM-7", 160, 153, lambda letter: 2 if letter in EXTENSION else 1)
UCS2 = Alphabet("UCS-2", 70, 67, lambda letter: 2 if ord(letter) > 0xFFFF else 1)


@dataclass(frozen=True, slots=True)
class Part:
    """One SMS: `number` of `count`, in an alphabet, with so many of its units."""

    text: str
    number: int
    count: int
    alphabet: str
    units: int


def sms_parts(text: str) -> list[Part]:
    """The parts of a text, cut between words. á, í, ó and ú lose their accent where that saves UCS-2."""
    plain = "".join(map(_plain, text.translate(PLAIN)))
    is_plain = all(letter in BASIC or letter in EXTENSION for letter in plain)
    alphabet, whole = (GSM7, plain) if is_plain else (UCS2, text)
    size = _units(whole, alphabet)
    cut = [whole] if size <= alphabet.single else list(_cut(whole, alphabet))
    return [
        Part(each, number, len(cut), alphabet.name, _units(each, alphabet))
        for number, each in enumerate(cut, start=1)
    ]


def _plain(letter: str) -> str:
    if letter in BASIC or letter in EXTENSION:
        return letter
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in BASIC else letter


def _units(text: str, alphabet: Alphabet) -> int:
    return sum(map(alphabet.units, text))


def _cut(text: str, alphabet: Alphabet) -> Iterator[str]:
    """Stretches that fit, each ending before a blank where one is; no letter is torn in two."""
    while text:
        end = _fitting(text, alphabet)
        blank = text.rfind(" ", 0, end + 1)
        if end < len(text) and blank > 0:
            end = blank
        yield text[:end].rstrip()
        text = text[end:].lstrip()


def _fitting(text: str, alphabet: Alphabet) -> int:
    """How many letters from the beginning fit one part of several."""
    used = 0
    for at, letter in enumerate(text):
        used += alphabet.units(letter)
        if used > alphabet.joined:
            return at
    return len(text)
