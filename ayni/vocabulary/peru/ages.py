"""Ages in whole years, months and days, as Peru's records count and write them.

A month or year is completed on the same day of the month, and on the month's last day where it has no such
day: a person born on 29 February completes a year on 28 February of a common year (Código Civil, art. 183,
incisos 2 and 3). NTS 139-MINSA wants the age at the visit beside the birth date; HIS-MINSA writes it as a
number and a letter (`Edad_Reg`, `Tipo_Edad`: A años, M meses, D días).
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from ayni.vocabulary.peru.errors import InvalidAge

YEARS_MAX: Final = 150
"""No age that somebody writes is more; a larger number is another figure in the wrong place."""

UCUM: Final = "http://unitsofmeasure.org"
HisUnit = Literal["A", "M", "D"]
_HIS_MAX: Final = {"A": YEARS_MAX, "M": 11, "D": 30}
_UCUM_OF: Final[dict[HisUnit, tuple[str, str]]] = {
    "A": ("a", "year"),
    "M": ("mo", "month"),
    "D": ("d", "day"),
}
_UNITS: Final = {"a": 12, "mo": 1, "wk": 7, "d": 1}


@dataclass(frozen=True, slots=True, order=True)
class Age:
    """Completed years, months beyond them (0 to 11) and days beyond those (0 to 30)."""

    years: int
    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.years < 0 or not (0 <= self.months <= 11 and 0 <= self.days <= 30):
            raise _no_age("years, months from 0 to 11 and days from 0 to 30", "other numbers")

    @property
    def total_months(self) -> int:
        return self.years * 12 + self.months


def age_between(born: date, on: date) -> Age:
    """The age on a day. Raises `InvalidAge` `age-negative` for a birth after it."""
    if born > on:
        raise InvalidAge(
            "age-negative",
            "La fecha de nacimiento es posterior.",
            expected="a birth on or before the day",
            found="one after it",
        )
    months = (on.year - born.year) * 12 + on.month - born.month
    if _months_later(born, months) > on:
        months -= 1
    years, rest = divmod(months, 12)
    return Age(years, rest, (on - _months_later(born, months)).days)


def birthday(born: date, age: Age) -> date:
    """The first day on which a person born then has that age; raises `InvalidAge` beyond the calendar."""
    try:
        return _months_later(born, age.total_months) + timedelta(days=age.days)
    except (ValueError, OverflowError) as error:
        raise _no_age("a day of the calendar", "a later one") from error


def his_age(age: Age) -> tuple[int, HisUnit]:
    """`Edad_Reg` and `Tipo_Edad`: years from the first on, months from the first on, else days."""
    if age.years:
        return age.years, "A"
    return (age.months, "M") if age.months else (age.days, "D")


def age_of_his(number: int, unit: str) -> Age:
    """The age that HIS wrote, to the precision of its unit. Raises `InvalidAge` `age-format`."""
    letter = unit.strip().upper() if isinstance(unit, str) else ""
    is_whole = isinstance(number, int) and not isinstance(number, bool)
    if letter not in _HIS_MAX or not is_whole or not 0 <= number <= _HIS_MAX[letter]:
        raise _no_age("A up to 150, M up to 11 or D up to 30", "another number or letter")
    if letter == "A":
        return Age(number)
    return Age(0, number) if letter == "M" else Age(0, 0, number)


def age_quantity(age: Age) -> dict[str, Any]:
    """A FHIR Age (R4, Data Types, Age) in the unit HIS would write, coded in UCUM."""
    number, unit = his_age(age)
    code, name = _UCUM_OF[unit]
    return {"value": number, "unit": name, "system": UCUM, "code": code}


def age_of_quantity(quantity: Mapping[str, Any]) -> Age:
    """The age of a FHIR Age in whole years, months, weeks or days. Raises `InvalidAge` `age-format`.

    Twelve months are a year and seven days a week; days are not turned into months, whose lengths differ.
    """
    if not isinstance(quantity, Mapping):
        raise _no_age("a number of a, mo, wk or d (UCUM)", "no quantity")
    value, code = quantity.get("value"), quantity.get("code")
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or str(code) not in _UNITS or quantity.get("comparator"):
        raise _no_age("a number of a, mo, wk or d (UCUM)", "another quantity")
    return _age_of(Decimal(value), str(code))  # type: ignore[arg-type]


def v2_age(age: Age) -> tuple[str, str]:
    """OBX-5 (NM) and OBX-6 (CE) of an age: `8` and `mo^month^UCUM`."""
    number, unit = his_age(age)
    code, name = _UCUM_OF[unit]
    return str(number), f"{code}^{name}^UCUM"


def age_of_v2(number: str, unit: str) -> Age:
    """The age of OBX-5 and OBX-6 (the code of its first component). Raises `InvalidAge` `age-format`."""
    code = unit.split("^")[0].strip()
    is_number = number.isascii() and number.isdigit() and len(number) <= 6
    if not is_number or code not in _UNITS:
        raise _no_age("a whole number of a, mo, wk or d (UCUM)", "another value or unit")
    return _age_of(Decimal(number), code)


def _age_of(value: Decimal, code: str) -> Age:
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= YEARS_MAX * 366:
        raise _no_age("a whole number from 0", "another number")
    number = int(value) * _UNITS[code]
    age = Age(*divmod(number, 12)) if code in ("a", "mo") else Age(0, 0, number)
    if age.years > YEARS_MAX:
        raise _no_age(f"at most {YEARS_MAX} years", "more")
    return age


def _months_later(born: date, months: int) -> date:
    years, month = divmod(born.month - 1 + months, 12)
    year = born.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(born.day, last))


def _no_age(expected: str, found: str) -> InvalidAge:
    return InvalidAge(
        "age-format", "La edad no se entiende. Revísela, por favor.", expected=expected, found=found
    )
