"""Whom to call and where to go at once: several numbers, and the nearest place that is open day and night.

Numbers: SAMU 106, fire brigade 116, Infosalud 113 (gob.pe). A health centre of category I-4 has beds, so
somebody is there at night too (NTS 021-MINSA); the register of the pilot has no hours of its own.
"""

from dataclasses import dataclass

from ayni.vocabulary.peru import Facility, facilities, nearest

OPEN_DAY_AND_NIGHT = frozenset({"I-4"})


@dataclass(frozen=True, slots=True)
class Call:
    """One number and who answers it."""

    number: str
    who: str


CALLS = (Call("106", "SAMU, ambulancia"), Call("116", "Bomberos"), Call("113", "Salud, gratis"))


def open_day_and_night(district: str = "") -> Facility:
    """The nearest facility that never closes; without a district the first one of the pilot's register."""
    known = nearest(district) if district else facilities()
    return next(each for each in known if each.category in OPEN_DAY_AND_NIGHT)
