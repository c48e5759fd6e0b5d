"""How old the sick person is, when the text says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ayni.qhali.extraction.numbers import number_at
from ayni.qhali.extraction.words import Word, words_of
from ayni.vocabulary.peru import age_between

UNIT_MONTHS = {"dia": 1 / 30, "semana": 1 / 4.3, "mes": 1.0, "año": 12.0, "añito": 12.0, "mesecito": 1.0}
LEAD_INS = frozenset({"de", "tiene", "tengo", "cumplio", "cumpli"})
CHILDREN = ("hij", "bebe", "wawa", "huahua", "guagua", "niñ", "nen", "niet", "criatura", "churre")
PREGNANT = frozenset({"embarazo", "embarazada", "gestacion", "gestante", "gestando", "encinta"})


@dataclass(frozen=True, slots=True)
class Age:
    """An age in completed months."""

    months: int

    @classmethod
    def between(cls, born: date, today: date) -> "Age":
        """The age on a day; a birth date in the future counts as zero."""
        return cls(age_between(min(born, today), today).total_months)


def read_age(text: str, *, asked: bool = False) -> Age | None:
    """The age a text gives ("mi hijo de 8 meses", "tengo 34 años"); None when it gives none.

    `asked`: the question was the age, so a bare number means years. A gestation is no age.
    """
    words = words_of(text)
    short_units = _means_shorter_units(words)
    for position in range(len(words)):
        amount, at = number_at(words, position)
        if amount is None:
            continue
        months = _unit_months(words, at)
        if months is not None and (asked or _tells_an_age(words, position, at, short_units)):
            return Age(int(amount * months))
        if months is None and asked:
            return Age(int(amount * 12))
    return None


def _unit_months(words: Sequence[Word], at: int) -> float | None:
    text = words[at].text if at < len(words) else ""
    spellings = (text, text.removesuffix("s"), text.removesuffix("es"))
    return next((UNIT_MONTHS[each] for each in spellings if each in UNIT_MONTHS), None)


def _means_shorter_units(words: Sequence[Word]) -> bool:
    """Whether days and months may be an age here: only a child's, because "tengo 3 días así" is none."""
    texts = [word.text for word in words]
    return PREGNANT.isdisjoint(texts) and any(text.startswith(CHILDREN) for text in texts)


def _tells_an_age(words: Sequence[Word], position: int, unit: int, short_units: bool) -> bool:
    """A number with its unit after "tengo", "de"…"""
    if not position or words[position - 1].text not in LEAD_INS:
        return False
    return short_units or words[unit].text.startswith("año")
