"""Since when: the time expressions citizens use, turned into a date."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ayni.qhali.extraction.numbers import number_at
from ayni.qhali.extraction.persons import CHILDREN
from ayni.qhali.extraction.words import Word, fold, words_of
from ayni.vocabulary.peru.spanish_dates import MONTHS, WEEKDAYS

SPOKEN_MONTHS = [fold(month) for month in MONTHS]
SPOKEN_WEEKDAYS = [fold(weekday) for weekday in WEEKDAYS]
DAYS_AGO = {"hoy": 0, "ayer": 1, "anoche": 1, "aller": 1, "anteayer": 2, "antier": 2}
UNIT_DAYS = {
    "dia": 1.0,
    "noche": 1.0,
    "semana": 7.0,
    "quincena": 15.0,
    "mes": 30.0,
    "año": 365.0,
    "hora": 1 / 24,
    "minuto": 0.0,
}
UNIT_NAMES = {
    "añito": "año",
    "mesecito": "mes",
    "diita": "dia",
    "diecito": "dia",
    "semanita": "semana",
    "horita": "hora",
}
ISO_UNITS = {
    "dia": ("PD", "PTH", 24),
    "noche": ("PD", "PTH", 24),
    "semana": ("PW", "PD", 7),
    "quincena": ("PD", "PD", 15),
    "mes": ("PM", "PD", 30),
    "año": ("PY", "PM", 12),
    "hora": ("PTH", "PTM", 60),
    "minuto": ("PTM", "PTM", 1),
}
"""ISO 8601 letter of a unit, the finer one for a half, and how many of those make one."""
DURATIONS = {"ayer": "P1D", "aller": "P1D", "anteayer": "P2D", "antier": "P2D"}
SOME = 3
"""As many units as "hace meses" stands for."""

RESTATING = frozenset(
    {",", "o", "sea", "ya", "van", "hace", "son", "como", "seran", "serian", "mas", "menos", "unos", "unas"}
)
RESTATING_WORDS_MAX = 5
"""What stands between a day and the length that it comes to."""

DAYS_MAX = 40_000
"""A century; more is no illness of anybody."""
_DAY = re.compile(r"[0-9]{1,2}")
COMPARED = frozenset({"mas", "menos", "cerca", "alrededor", "pasado", "pasada", "arriba"})
LENGTH_LEADS = frozenset({"", "hace", "ase", "ace", "casi", "como", "ser", "para", "ya", "una", "van", "va"})
WEEKS_AGO = {"pasada": 1, "anterior": 1, "antepasada": 2}
COUNTS = frozenset({"son", "van", "hace", "hacen", "cumple", "cumplo", "cumplen", "seran"})
NOT_BEFORE = frozenset({"cada", "dentro", "proximo", "proxima", "proximos", "en"})
LOSSES = ("kilo", "kg", "peso", "adelga", "enflaqu")
LOSS_WITHIN_WORDS = 7
"""How a change of weight sounds, and how far before its time: "he bajado casi diez kilos en dos meses"."""
WHOLE = (["toda", "la"], ["toda", "esta"], ["todo", "el"], ["todo", "este"])
AGE_OR_GESTATION = frozenset({"edad", "embarazo", "gestacion", "embarazada", "gestante", "nacido", "nacida"})


@dataclass(frozen=True, slots=True)
class Onset:
    """A beginning the citizen gave, and the characters of the text that say so.

    `duration` is ISO 8601 in the citizen's own unit; None where no length was said ("desde el lunes").
    """

    since: date
    duration: str | None
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
        since, duration, last = read
        start = words[_with_lead_in(words, position)].start
        found.append(Onset(since, duration, start, words[last].end))
        position = last + 1
    return _said_twice_once(words, found)


def _said_twice_once(words: Sequence[Word], found: Sequence[Onset]) -> list[Onset]:
    """ "Desde el martes, o sea tres días" is one beginning: the length is the second's."""
    once: list[Onset] = []
    for onset in found:
        last = once[-1] if once else None
        if (
            last is not None
            and last.duration is None
            and onset.duration
            and _only_restates(words, last, onset)
        ):
            once[-1] = Onset(onset.since, onset.duration, last.start, onset.end)
        else:
            once.append(onset)
    return once


def _only_restates(words: Sequence[Word], one: Onset, other: Onset) -> bool:
    between = [word.text for word in words if one.end <= word.start < other.start]
    return len(between) <= RESTATING_WORDS_MAX and RESTATING.issuperset(between)


Read = tuple[date, str | None, int]
"""Since when, for how long as said, and the position of the last word that says it."""


def _calendar_day(words: Sequence[Word], position: int, today: date) -> Read | None:
    """ "5 de noviembre", "lunes": the last such day that is not in the future."""
    texts = [word.text for word in words[position : position + 3]]
    if texts[0] in SPOKEN_WEEKDAYS and position and words[position - 1].text in {"el", "este", "desde"}:
        back = (today.weekday() - SPOKEN_WEEKDAYS.index(texts[0])) % 7
        weeks = _weeks_ago(words, position + 3) if texts[1:] == ["de", "la"] else 0
        monday = today - timedelta(days=today.weekday() + 7 * weeks)
        if weeks:
            return monday + timedelta(days=SPOKEN_WEEKDAYS.index(texts[0])), None, position + 4
        return today - timedelta(days=back), None, position
    if weeks := _weeks_ago(words, position):
        return today - timedelta(days=7 * weeks), None, position + 1
    if texts[0] in SPOKEN_MONTHS and position and words[position - 1].text in {"en", "desde"}:
        since = _last_time(1, SPOKEN_MONTHS.index(texts[0]) + 1, today)
        return (since, None, position) if since else None
    month = texts[2].replace("septiembre", "setiembre") if len(texts) == 3 else ""
    if len(texts) == 3 and _DAY.fullmatch(texts[0]) and texts[1] == "de" and month in SPOKEN_MONTHS:
        since = _last_time(int(texts[0]), SPOKEN_MONTHS.index(month) + 1, today)
        return (since, None, position + 2) if since else None
    return None


def _weeks_ago(words: Sequence[Word], position: int) -> int:
    """1 at "semana pasada", 2 at "semana antepasada", else 0."""
    texts = [word.text for word in words[position : position + 2]]
    return WEEKS_AGO.get(texts[1], 0) if texts[:1] == ["semana"] and len(texts) > 1 else 0


def _last_time(day: int, month: int, today: date) -> date | None:
    """The latest year's day that has come already; None for a day no calendar has."""
    try:
        this_year = date(today.year, month, day)
        return this_year if this_year <= today else this_year.replace(year=today.year - 1)
    except ValueError:
        return None


def _days_back(words: Sequence[Word], position: int, today: date) -> Read | None:
    """ "ayer", "tres días", "mes y medio", "una semana" counted back from today."""
    word = words[position].text
    if word in DAYS_AGO:
        return _named_day(words, position, today)
    if _is_no_past(words, position):
        return None
    amount, at = number_at(words, position)
    if word in ("media", "medio") or _is_one_unit(words, position):
        amount, at = (0.5, position + 1) if word in ("media", "medio") else (1.0, position)
    if amount is None and _is_some_time(words, position):
        return today - timedelta(days=int(SOME * UNIT_DAYS[_unit(word) or "dia"])), None, position
    unit = _unit(words[at].text) if at < len(words) else None
    if amount is None or unit is None or _is_age(words, position, at):
        return None
    last = at
    if [word.text for word in words[at + 1 : at + 3]] in (["y", "medio"], ["y", "media"]):
        amount, last = amount + 0.5, at + 2
    more, last = _and_more(words, last)
    days = amount * UNIT_DAYS[unit] + more
    length = f"P{int(days)}D" if more else iso_duration(amount, unit)
    return today - timedelta(days=min(int(days), DAYS_MAX)), length, last


def _is_no_past(words: Sequence[Word], position: int) -> bool:
    """ "Cada dos días", "en dos meses"; but "bajé ocho kilos en dos meses" tells how long it took."""
    before = [word.text for word in words[max(0, position - LOSS_WITHIN_WORDS) : position]]
    if before[-1:] == ["en"] and any(text.startswith(LOSSES) for text in before):
        return False
    return bool(before) and (before[-1] in NOT_BEFORE or before[-2:-1] == ["dentro"])


def _named_day(words: Sequence[Word], position: int, today: date) -> Read | None:
    word = words[position].text
    if _counts_up_to(words, position):
        return None
    if word == "ayer" and [each.text for each in words[max(0, position - 2) : position]] == ["antes", "de"]:
        word = "anteayer"
    length = DURATIONS.get(word) if _is_a_beginning(words, position) else None
    return today - timedelta(days=DAYS_AGO[word]), length, position


def _counts_up_to(words: Sequence[Word], position: int) -> bool:
    """ "Con hoy son nueve días": today is only where the count ends."""
    return any(word.text in COUNTS for word in words[position + 1 : position + 3])


def _is_some_time(words: Sequence[Word], position: int) -> bool:
    """ "Hace meses", "hace años": long ago, and nobody said how long."""
    is_ago = position > 0 and words[position - 1].text in ("hace", "ase")
    return is_ago and words[position].text.endswith("s") and _unit(words[position].text) is not None


def _and_more(words: Sequence[Word], last: int) -> tuple[float, int]:
    """The days of "una semana *y dos días*", and the position of its last word."""
    if last + 3 >= len(words) or words[last + 1].text != "y":
        return 0.0, last
    amount, at = number_at(words, last + 2)
    if amount is None or at >= len(words) or _unit(words[at].text) not in ("dia", "semana"):
        return 0.0, last
    return amount * UNIT_DAYS[_unit(words[at].text) or "dia"], at


def _is_a_beginning(words: Sequence[Word], position: int) -> bool:
    """ "Desde ayer", "ayer empezó" tell how long it lasts; "ayer me caí" tells when it was."""
    before = words[position - 1].text if position else ""
    after = words[position + 1].text if position + 1 < len(words) else ""
    return before in ("desde", "dsde", "dsd", "desd") or after.startswith(
        ("empez", "comenz", "inici", "me empez")
    )


def iso_duration(amount: float, unit: str) -> str:
    """The length as said, in whole units: "mes y medio" is `P45D`, "media hora" `PT30M`."""
    letter, finer, factor = ISO_UNITS[unit]
    if amount == int(amount):
        return f"{letter[:-1]}{int(amount)}{letter[-1]}"
    return f"{finer[:-1]}{round(amount * factor)}{finer[-1]}"


def _unit(text: str) -> str | None:
    for spelling in (text, text.removesuffix("s"), text.removesuffix("es")):
        if UNIT_NAMES.get(spelling, spelling) in UNIT_DAYS:
            return UNIT_NAMES.get(spelling, spelling)
    return None


def _is_one_unit(words: Sequence[Word], position: int) -> bool:
    """ "hace mes y medio", "más de semana": a unit that stands without its number counts as one.

    "Ya va para el mes" is nearly one.
    """
    before = ["", "", *(word.text for word in words[max(0, position - 2) : position])][-2:]
    is_long = words[position].text in {"mes", "año"}
    is_half_more = [word.text for word in words[position + 1 : position + 3]] in (
        ["y", "media"],
        ["y", "medio"],
    )
    if not is_long and words[position].text not in {"semana", "quincena"}:
        return False
    if before in WHOLE:
        return True
    if before[1] == "de":
        return is_long or is_half_more or before[0] in COMPARED
    if is_long and before in (["para", "el"], ["al", "el"]):
        return True
    return before[1] in LENGTH_LEADS and (is_long or is_half_more or before[1] != "")


def _is_age(words: Sequence[Word], position: int, unit: int) -> bool:
    """ "mi hijo de 8 meses", "tengo 18 semanas de embarazo" tell an age, not an onset."""
    before = words[position - 1].text if position else ""
    after = [word.text for word in words[unit + 1 : unit + 3]]
    is_of_then = before == "los" and words[position - 2].text in {"a", "de"}
    if is_of_then or AGE_OR_GESTATION & {*after}:
        return True
    if before.startswith(CHILDREN) and _unit(words[unit].text) == "año":
        return True
    if before in {"tiene", "tengo", "cumplio"} or before.startswith(CHILDREN):
        return not after or after[0] not in {"con", "asi", "enfermo", "enferma", "que", "sin"}
    is_compared = position > 1 and words[position - 2].text in COMPARED
    return before in {"de", "del"} and not is_compared and not _names_a_length(words, position, unit)


def _names_a_length(words: Sequence[Word], position: int, unit: int) -> bool:
    """ "fiebre de tres días", but not "bebé de tres días"."""
    named = words[position - 2].text if position > 1 else CHILDREN[0]
    return _unit(words[unit].text) in ("dia", "semana", "hora") and not named.startswith(CHILDREN)


def _with_lead_in(words: Sequence[Word], position: int) -> int:
    """Takes "desde", "hace", "el" into the quote."""
    while position and words[position - 1].text in {"desde", "hace", "ase", "ace", "el", "este", "de"}:
        position -= 1
    return position
