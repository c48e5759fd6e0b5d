"""Cells that hold a number, a day or a state, with what spreadsheets do to them put right."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from ayni.vocabulary.spelling import folded
from ayni.vocabulary.terminology.loading.table import Row

_WHOLE_AS_DECIMAL: Final = re.compile(r"([0-9]+)[.,]0+")
_DIGITS: Final = re.compile(r"[0-9]+")
_DAYS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%Y%m%d")

ACTIVE: Final = frozenset(
    ["activo", "activa", "activado", "a", "1", "si", "s", "vigente", "habilitado", "en funcionamiento"]
)
INACTIVE: Final = frozenset(
    [
        *("inactivo", "inactiva", "desactivado", "i", "0", "no", "n", "no vigente", "baja", "de baja"),
        *("anulado", "eliminado", "cerrado", "cierre definitivo", "cierre temporal", "inhabilitado"),
    ]
)


def digits(row: Row, column: str, *, width: int, expected: str) -> str:
    """A code of exactly `width` digits, with the zeros in front that a spreadsheet took away."""
    text = row.required(column, expected)
    if found := _WHOLE_AS_DECIMAL.fullmatch(text):
        text = found[1]
        row.repair(column, "spreadsheet-number", "digits without a decimal point")
    if _DIGITS.fullmatch(text) is None or len(text) > width:
        row.refuse(column, "not-a-code", expected)
    if len(text) < width:
        row.repair(column, "leading-zeros", text.zfill(width))
    return text.zfill(width)


def day(row: Row, column: str) -> date | None:
    """An ISO date, `31/12/2024`, `31-12-2024` or `20241231`, with or without a time behind it."""
    text = row.text(column)
    if not text:
        return None
    head = re.split(r"[ T]", text, maxsplit=1)[0]
    found = next((day for day in (_day(head, form) for form in _DAYS) if day), None)
    return found or row.refuse(column, "not-a-date", "a date such as 2024-12-31 or 31/12/2024")


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar date has no zone
    except ValueError:
        return None


def is_inactive(row: Row, column: str) -> bool:
    """Whether a state says so; a state nobody knows counts as active and is noted."""
    state = folded(row.text(column))
    if not state or state in ACTIVE:
        return False
    if state not in INACTIVE:
        row.repair(column, "unknown-state", "a state such as ACTIVO or INACTIVO; taken as active")
    return state in INACTIVE


def decimal(row: Row, column: str) -> Decimal | None:
    """A number with a point or a decimal comma; None for an empty cell or anything else, which is noted."""
    text = row.text(column)
    if not text:
        return None
    if re.fullmatch(r"-?[0-9]+,[0-9]+", text):
        row.repair(column, "decimal-comma", "a decimal point")
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        row.repair(column, "coordinates", "a number; left out")
        return None
    return number
