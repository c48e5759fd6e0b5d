"""Small numbers as citizens write them: figures with or without a decimal, and words."""

from collections.abc import Sequence

from ayni.qhali.extraction.spelling import key_of
from ayni.qhali.extraction.words import Word

SPELLINGS = """
cero/un una uno/dos par/tres/cuatro/cinco/seis/siete/ocho/nueve/diez/once/doce/trece/catorce/quince/
dieciseis/diecisiete/dieciocho/diecinueve/veinte/veintiuno/veintidos/veintitres/veinticuatro/veinticinco/
veintiseis/veintisiete/veintiocho/veintinueve
"""
NUMBER_WORDS = {
    key_of(word): value for value, spellings in enumerate(SPELLINGS.split("/")) for word in spellings.split()
}
"""By how they sound: "dose", "sinco", "beinte"."""

TENS = {
    "treinta": 30,
    "cuarenta": 40,
    "cincuenta": 50,
    "sesenta": 60,
    "setenta": 70,
    "ochenta": 80,
    "noventa": 90,
}
HUNDREDS = {
    "cien": 100,
    "ciento": 100,
    "doscientos": 200,
    "trescientos": 300,
    "cuatrocientos": 400,
    "quinientos": 500,
}
FIGURES_MAX = 3
"""No age or count of days needs more; longer figures are documents and telephones."""


def number_at(words: Sequence[Word], position: int) -> tuple[float | None, int]:
    """The number at a position and the position after it; (None, position) when there is none."""
    text = words[position].text
    if text[0].isdecimal():
        return _figures(text, position)
    if text in HUNDREDS:
        return _hundreds_and_more(words, position)
    if text in TENS:
        return _tens_and_ones(words, position)
    if words[position].sound in NUMBER_WORDS:
        return float(NUMBER_WORDS[words[position].sound]), position + 1
    return (None, position)


def _figures(text: str, position: int) -> tuple[float | None, int]:
    whole, _, part = text.replace(",", ".").partition(".")
    if not (whole + part).isdecimal() or len(whole) > FIGURES_MAX or len(part) > FIGURES_MAX:
        return None, position
    return float(f"{int(whole)}.{part or 0}"), position + 1


def _hundreds_and_more(words: Sequence[Word], position: int) -> tuple[float, int]:
    """ "ciento setenta", "trescientos"."""
    hundreds, after = float(HUNDREDS[words[position].text]), position + 1
    following = words[after] if after < len(words) else None
    if following is not None and following.text in TENS:
        rest, after = _tens_and_ones(words, after)
        return hundreds + rest, after
    if following is not None and following.sound in NUMBER_WORDS:
        return hundreds + NUMBER_WORDS[following.sound], after + 1
    return hundreds, after


def _tens_and_ones(words: Sequence[Word], position: int) -> tuple[float, int]:
    tens = TENS[words[position].text]
    following = words[position + 1 : position + 3]
    if len(following) == 2 and following[0].text == "y" and following[1].sound in NUMBER_WORDS:
        return float(tens + NUMBER_WORDS[following[1].sound]), position + 3
    return float(tens), position + 1
