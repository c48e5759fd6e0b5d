"""How old the sick person is, when the text says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ayni.qhali.extraction.numbers import number_at
from ayni.qhali.extraction.persons import CHILDREN
from ayni.qhali.extraction.words import Word, words_of

UNIT_MONTHS = {"dia": 1 / 30, "semana": 1 / 4.3, "mes": 1.0, "año": 12.0, "añito": 12.0, "mesecito": 1.0}
LEAD_INS = frozenset({"de", "del", "tiene", "tengo", "cumplio", "cumpli", ",", "hace", "con"})
BIRTHS = frozenset({"nacio", "nacido", "nacida", "recien"})
BORN, LATELY = frozenset({"nacio", "nacido", "nacida"}), frozenset({"hoy", "ayer", "anoche"})
NEWBORN = ("nacid", "nasid")
PREGNANT = ("embaraz", "gesta", "encinta", "preñ")
YEARS_MAX = 115
BARE_YEARS_LEAD_INS = frozenset({"de", "tiene", "cumplio"})


@dataclass(frozen=True, slots=True)
class Age:
    """An age in completed months."""

    months: int

    @classmethod
    def between(cls, born: date, today: date) -> "Age":
        """The age on a day; a birth date in the future counts as zero."""
        months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
        return cls(max(months, 0))


def read_age(text: str, *, asked: bool = False) -> Age | None:
    """The age a text gives ("mi hijo de 8 meses", "tengo 34 años"); None when it gives none.

    `asked`: the question was the age, so a bare number means years. A gestation is no age.
    """
    return age_in(words_of(text), asked=asked)


def age_in(words: Sequence[Word], *, asked: bool = False, is_child: bool = False) -> Age | None:
    """The first age among these words; who was born today or yesterday has none yet.

    `is_child`: the sick one is a child, who is of no age when they are only said to be newborn.
    """
    if any(one.text in BORN and other.text in LATELY for one, other in pairwise(words)):
        return Age(0)
    for position in range(len(words)):
        amount, at = number_at(words, position)
        if words[position].text in ("año", "mes") and position and words[position - 1].text in ("de", "del"):
            amount, at = 1.0, position
        if amount is not None and (age := _age_at(words, position, at, amount, asked=asked)) is not None:
            return age
    is_newborn = any(
        one.text == "recien" and other.text.startswith(NEWBORN) for one, other in pairwise(words)
    )
    return Age(0) if (is_child or asked) and is_newborn else None


def _age_at(words: Sequence[Word], position: int, at: int, amount: float, *, asked: bool) -> Age | None:
    unit = _unit_months(words, at)
    if unit is None:
        is_said = asked or _is_bare_age(words, position, at)
        return Age(int(amount * 12)) if is_said and 0 < amount <= YEARS_MAX else None
    is_of_then = position > 1 and [word.text for word in words[position - 2 : position]] == ["a", "los"]
    if is_of_then or not (asked or _is_since_birth(words, at) or _tells_an_age(words, position, at)):
        return None
    if [word.text for word in words[at + 1 : at + 3]] in (["y", "medio"], ["y", "media"]):
        amount += 0.5
    return Age(int(amount * unit)) if amount * unit <= YEARS_MAX * 12 else None


def _unit_months(words: Sequence[Word], at: int) -> float | None:
    text = words[at].text if at < len(words) else ""
    spellings = (text, text.removesuffix("s"), text.removesuffix("es"))
    return next((UNIT_MONTHS[each] for each in spellings if each in UNIT_MONTHS), None)


def _is_bare_age(words: Sequence[Word], position: int, at: int) -> bool:
    """ "mi nena de 5 le duele": a child's or parent's years without the word."""
    if position < 2 or words[position - 1].text not in BARE_YEARS_LEAD_INS:
        return False
    is_person = words[position - 2].text.startswith(
        (*CHILDREN, "mama", "papa", "abuel", "espos", "mujer", "señor")
    )
    following = words[at].text if at < len(words) else "."
    return (
        is_person and following not in ("/", "kilos", "veces", "grados") and "." not in words[position].text
    )


def _is_since_birth(words: Sequence[Word], unit: int) -> bool:
    """ "6 días de nacido", "cuatro meses de vida"; "5 meses de embarazo" is none."""
    following = [word.text for word in words[unit + 1 : unit + 3]]
    return following[:1] == ["de"] and following[-1].startswith((*NEWBORN, "edad", "vida"))


def _tells_an_age(words: Sequence[Word], position: int, unit: int) -> bool:
    """A number with its unit after "tengo", "de"…; days and months only of a child, never of a pregnancy."""
    texts = [word.text for word in words]
    before = texts[position - 1] if position else ","
    is_years = texts[unit].startswith("año")
    if before == "hace":
        return not BIRTHS.isdisjoint(texts[max(0, position - 3) : position])
    is_led = before in LEAD_INS or before.startswith(CHILDREN)
    if not is_led or any(text.startswith(PREGNANT) for text in texts[unit + 1 : unit + 4]):
        return False
    if before == ",":
        return is_years and _ends_a_clause(texts, unit) and any(text.startswith(CHILDREN) for text in texts)
    if is_years:
        return before.startswith(CHILDREN) or (before != "con" and _is_no_length(texts, unit))
    is_child = any(text.startswith(CHILDREN) for text in texts)
    return is_child and before != "con" and not any(text.startswith(PREGNANT) for text in texts)


def _ends_a_clause(texts: Sequence[str], unit: int) -> bool:
    return unit + 1 >= len(texts) or texts[unit + 1] in (",", ".")


def _is_no_length(texts: Sequence[str], unit: int) -> bool:
    """ "tengo dos años con esta tos" is no age."""
    return unit + 1 >= len(texts) or texts[unit + 1] not in ("con", "asi", "que", "sufriendo")
