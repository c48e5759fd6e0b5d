"""Whom to call and where to go at once: several numbers, and the nearest place that has to be open at night.

Numbers: SAMU 106, fire brigade 116, Infosalud 113 (gob.pe). A health centre of category I-4 has beds and a
hospital (II, III) an emergency service, so somebody is there at night too (NTS 021-MINSA/DGSP-V.03). The
register of the pilot has no hours: what is said of them follows from the category, and says so.
"""

from dataclasses import dataclass

from ayni.qhali.site.way import way_to
from ayni.vocabulary.peru import District, Facility, facilities, nearest, place_name

OPEN_DAY_AND_NIGHT = frozenset({"I-4", "II-1", "II-2", "III-1", "III-2"})
"""Categories; a specialised hospital (II-E, III-E) may turn away what is not its own."""


@dataclass(frozen=True, slots=True)
class Call:
    """One number and who answers it."""

    number: str
    who: str


CALLS = (Call("106", "SAMU, ambulancia"), Call("116", "Bomberos"), Call("113", "Salud, gratis"))


def open_day_and_night(district: str = "") -> Facility:
    """The nearest facility that by its category never closes; without a district the register's first one."""
    known = nearest(district) if district else facilities()
    return next(each for each in known if each.category in OPEN_DAY_AND_NIGHT)


def whom_and_where(district: District | None = None) -> str:
    """The numbers and the place that has to be open; seen from a district, how far away it is."""
    calls = "; ".join(f"{call.number} {call.who}" for call in CALLS)
    always = open_day_and_night(district.inei if district else "")
    return f"Números: {calls}. Debe atender día y noche: {always.called}{away(always, district)}."


def away(facility: Facility, district: District | None) -> str:
    """ ", a 25 km de Chetilla en línea recta"; "" from nowhere and within the district itself."""
    if district is None:
        return ""
    way = way_to(facility, district.inei)
    if way is None or way.is_near:
        return ""
    return f", a {way.km} km de {place_name(district.name)} en línea recta"
