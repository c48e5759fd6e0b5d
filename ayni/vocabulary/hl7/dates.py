"""HL7 dates and times, `YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]`.

Source: HL7 v2.5.1, chapters 2.A.22 (DTM) and 2.A.77 (TS).
The errors never quote what was found: it may be a birth date.
"""

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Final

from ayni.vocabulary.hl7.errors import data_type_error

LIMA: Final = timezone(timedelta(hours=-5), "-05:00")

_TIMESTAMP: Final = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,4}))?)?)?)?)?)?(?:([+-])(\d\d)(\d\d))?",
    re.ASCII,
)


def format_timestamp(at: datetime) -> str:
    """Seconds and offset, e.g. `20261123093015-0500`. Raises ValueError for a time without a zone."""
    if at.utcoffset() is None:
        raise ValueError("expected a time with its zone, found one without")
    text = at.isoformat("T", "seconds")  # a third of the time that strftime takes
    return f"{text[:10].replace('-', '')}{text[11:].replace(':', '')}"[:19]  # HL7 has no seconds of an offset


def parse_timestamp(text: str, *, location: str = "", zone: tzinfo = LIMA) -> datetime:
    """The first instant of the period `text` names, in its own offset.

    A sender that writes no offset means its own clock: `zone`, here Peru's.
    Raises `Hl7Error` 102 at `location`.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise _not_a_time(text, location)
    year, month, day, hour, minute, second, fraction, sign, offset_hours, offset_minutes = found.groups()
    try:
        return datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
            int((fraction or "").ljust(6, "0")),
            tzinfo=_offset(sign, offset_hours, offset_minutes) if sign else zone,
        )  # fmt: skip
    except ValueError as error:
        raise _not_a_time(text, location) from error


def parse_date(text: str, *, location: str = "") -> date:
    """The calendar day of a date or time, as written: a birth date has no zone.

    Raises `Hl7Error` 102 at `location`, also when month or day are missing.
    """
    if not text[:8].isdigit() or len(text) < 8:
        raise _not_a_time(text, location)
    return parse_timestamp(text, location=location).date()


def _offset(sign: str, hours: str, minutes: str) -> timezone:
    if int(minutes) > 59:
        raise ValueError("an offset has at most 59 minutes")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _not_a_time(text: str, location: str) -> ValueError:
    return data_type_error(
        f"expected YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ], found {len(text)} other characters",
        location,
        "La fecha u hora no es válida.",
    )
