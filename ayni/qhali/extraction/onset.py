"""Since when: the time expressions citizens use, turned into a date."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ayni.qhali.extraction.numbers import number_at
from ayni.qhali.extraction.words import Word, fold, words_of
from ayni.vocabulary.peru.spanish_dates import MONTHS, WEEKDAYS

SPOKEN_MONTHS = [fold(month) for month in MONTHS]
SPOKEN_WEEKDAYS = [fold(weekday) for weekday in WEEKDAYS]
DAYS_AGO = {"hoy": 0, "ayer": 1, "anoche": 1, "anteayer": 2, "antier": 2}
BEFORE_YESTERDAY = ["antes", "de", "ayer"]
UNIT_DAYS = {
    "dia": 1.0,
    "semana": 7.0,
    "quincena": 15.0,
    "mes": 30.0,
    "año": 365.0,
    "hora": 1 / 24,
    "minuto": 0.0,
}
_DAY = re.compile(r"[0-9]{1,2}")
NOT_BEFORE = frozenset({"cada", "dentro", "proximo", "proxima", "proximos", "en"})
AGE_OR_GESTATION = frozenset({"edad", "embarazo", "gestacion", "embarazada", "gestante", "nacido", "nacida"})


@dataclass(frozen=True, slots=True)
class Onset:
    """A beginning the citizen gave, and the characters of the text that say so."""

    since: date
    start: int
    end: int


def read_onset(text: str, today: date) -> Onset | None:
    """The first time expression of a text; None when there is none. A future or impossible date is none."""
    return next(iter(onsets(words_of(text), today)), None)


def onsets(words: Sequence[Word], today: date) -> list[Onset]:
    """Every time expression of a text, in reading order."""
    found: list[Onset] = []
    position = 0
    while position < len(words):
        read = _calendar_day(words, position, today) or _days_back(words, position, today)
        if read is None:
            position += 1
            continue
        since, last = read
        found.append(Onset(since, words[_with_lead_in(words, position)].start, words[last].end))
        position = last + 1
    return found


def _calendar_day(words: Sequence[Word], position: int, today: date) -> tuple[date, int] | None:
    """ "5 de noviembre", "lunes": the last such day that is not in the future."""
    texts = [word.text for word in words[position : position + 3]]
    if texts[0] in SPOKEN_WEEKDAYS and position and words[position - 1].text in {"el", "este", "desde"}:
        back = (today.weekday() - SPOKEN_WEEKDAYS.index(texts[0])) % 7
        return today - timedelta(days=back), position
    month = texts[2].replace("septiembre", "setiembre") if len(texts) == 3 else ""
    if len(texts) == 3 and _DAY.fullmatch(texts[0]) and texts[1] == "de" and month in SPOKEN_MONTHS:
        since = _last_time(int(texts[0]), SPOKEN_MONTHS.index(month) + 1, today)
        return (since, position + 2) if since else None
    return None


def _last_time(day: int, month: int, today: date) -> date | None:
    """The latest year's day that has come already; None for a day no calendar has."""
    try:
        this_year = date(today.year, month, day)
        return this_year if this_year <= today else this_year.replace(year=today.year - 1)
    except ValueError:
        return None


def _days_back(words: Sequence[Word], position: int, today: date) -> tuple[date, int] | None:
    """ "ayer", "antes de ayer", "tres días", "mes y medio", "una semana" counted back from today."""
    if [word.text for word in words[position : position + 3]] == BEFORE_YESTERDAY:
        return today - timedelta(days=2), position + 2
    if words[position].text in DAYS_AGO:
        return today - timedelta(days=DAYS_AGO[words[position].text]), position
    if position and words[position - 1].text in NOT_BEFORE:
        return None
    amount, at = number_at(words, position)
    if _is_one_unit(words, position):
        amount = 1.0
    days = _unit_days(words[at].text) if at < len(words) else None
    if amount is None or days is None or _is_age(words, position, at):
        return None
    last = at
    if [word.text for word in words[at + 1 : at + 3]] in (["y", "medio"], ["y", "media"]):
        amount, last = amount + 0.5, at + 2
    return today - timedelta(days=int(amount * days)), last


def _unit_days(text: str) -> float | None:
    singular = text if text in UNIT_DAYS else text.removesuffix("s")
    return UNIT_DAYS.get(singular, UNIT_DAYS.get(text.removesuffix("es")))


def _is_one_unit(words: Sequence[Word], position: int) -> bool:
    """ "hace mes y medio": a unit that stands without its number counts as one."""
    before = words[position - 1].text if position else ""
    return words[position].text in {"mes", "año"} and before in {"", "hace", "casi", "como"}


def _is_age(words: Sequence[Word], position: int, unit: int) -> bool:
    """ "mi hijo de 8 meses", "18 semanas de embarazo" tell an age, not an onset."""
    before = words[position - 1].text if position else ""
    after = {word.text for word in words[unit + 1 : unit + 3]}
    return before in {"de", "cumplio", "tiene", "tengo"} or bool(after & AGE_OR_GESTATION)


def _with_lead_in(words: Sequence[Word], position: int) -> int:
    """Takes "desde", "hace", "el" into the quote."""
    while position and words[position - 1].text in {"desde", "hace", "el", "este", "de"}:
        position -= 1
    return position
