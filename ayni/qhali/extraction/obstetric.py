"""How far a pregnancy is, and how long ago a birth was."""

from collections.abc import Sequence
from dataclasses import dataclass

from ayni.qhali.extraction.numbers import number_at
from ayni.qhali.extraction.words import Word

PREGNANT = ("embaraz", "embaras", "enbaraz", "enbaras", "gesta", "encinta", "ensinta", "preñ")
WEEKS_PER_MONTH = 4.345
WEEKS_MAX = 45
BIRTH = frozenset({"parida", "parto", "luz", "nacio", "cesarea", "pari", "bebe", "bb"})
NEAR_WORDS = 5
UNIT_DAYS = {"dia": 1, "dias": 1, "semana": 7, "semanas": 7, "mes": 30, "meses": 30}


@dataclass(frozen=True, slots=True)
class Obstetric:
    """Completed weeks of pregnancy and days since birth, as far as said."""

    gestation_weeks: int | None = None
    postpartum_days: int | None = None


def obstetric(words: Sequence[Word]) -> Obstetric:
    """What a text says of both; only a text that speaks of pregnancy or birth says anything."""
    texts = [word.text for word in words]
    is_pregnant = any(text.startswith(PREGNANT) for text in texts)
    weeks = days = None
    for position in range(len(words)):
        amount, at = number_at(words, position)
        unit = texts[at] if amount is not None and at < len(texts) else ""
        if unit not in UNIT_DAYS or amount is None:
            continue
        near = texts[max(0, position - NEAR_WORDS) : at + NEAR_WORDS]
        if _is_after_birth(near):
            days = days if days is not None else int(amount * UNIT_DAYS[unit])
        elif _is_gestation(texts, position, is_pregnant=is_pregnant) and unit[0] in "sm":
            weeks = weeks if weeks is not None else _weeks(amount, unit)
    return Obstetric(weeks, days)


def _is_after_birth(near: Sequence[str]) -> bool:
    births = BIRTH.intersection(near)
    return (bool(births) and births != {"bebe"}) or ("tuve" in near and "bebe" in near)


def _is_gestation(texts: Sequence[str], position: int, *, is_pregnant: bool) -> bool:
    before = texts[position - 2 : position] if position > 1 else []
    is_counted = before in (["estoy", "de"], ["esta", "de"], ["ando", "de"], ["estoy", "en"])
    return is_counted or (is_pregnant and (not before or before[1] not in ("hace", "desde")))


def _weeks(amount: float, unit: str) -> int | None:
    weeks = int(amount * WEEKS_PER_MONTH) if unit.startswith("mes") else int(amount)
    return weeks if weeks <= WEEKS_MAX else None
