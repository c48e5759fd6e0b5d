"""The health facilities of the province San Miguel, the pilot's territory.

Their place is their district's capital: the register's own coordinates are not ours to ship.
"""

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from ayni.vocabulary.peru.districts import District, by_inei
from ayni.vocabulary.peru.errors import UnknownDistrict
from ayni.vocabulary.peru.place_names import place_name

_DATA: Final = files("ayni.vocabulary.peru") / "data" / "san_miguel_facilities.csv"
_EARTH_RADIUS_KM: Final = 6371.0
_POSTS: Final = frozenset({"I-1", "I-2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """An IPRESS. `code` is RENIPRESS, eight digits; `category` is I-1 to I-4."""

    code: str
    name: str
    category: str
    province: str
    district: str
    district_inei: str
    district_reniec: str

    @property
    def called(self) -> str:
        """As people call it: `puesto de salud Calquis`, and `centro` from category I-3 on."""
        kind = "puesto" if self.category in _POSTS else "centro"
        return f"{kind} de salud {place_name(self.name)}"


@cache
def facilities() -> tuple[Facility, ...]:
    """All facilities, in the order of their codes."""
    lines = _DATA.read_text("utf-8").splitlines()
    return tuple(_facility(row) for row in csv.DictReader(lines))


def facility(code: str) -> Facility | None:
    """The facility with this RENIPRESS code of eight digits."""
    return _by_code().get(code)


@cache
def nearest(district_inei: str) -> tuple[Facility, ...]:
    """All facilities, nearest district first; within one district in the order of their codes.

    Distances are straight lines between capitals; a mountain road is longer.
    Raises `UnknownDistrict` for a code outside Cajamarca.
    """
    here = _known(district_inei)
    return tuple(sorted(facilities(), key=lambda there: _km(here, _known(there.district_inei))))


def _known(inei: str) -> District:
    district = by_inei(inei)
    if district is None:
        raise UnknownDistrict(
            "district-unknown",
            "Ese distrito no está en Cajamarca.",
            expected="the INEI code of a district of Cajamarca",
            found="another code",
        )
    return district


@cache
def _by_code() -> dict[str, Facility]:
    return {facility.code: facility for facility in facilities()}


def _km(one: District, other: District) -> float:
    """Great-circle distance (haversine)."""
    latitude, other_latitude = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    half_chord = (
        math.sin((other_latitude - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(other_latitude) * math.sin(east / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(half_chord))


def _facility(row: dict[str, str]) -> Facility:
    return Facility(
        code=row["code"],
        name=row["name"],
        category=row["category"],
        province=row["province"],
        district=row["district"],
        district_inei=row["ubigeo_inei"],
        district_reniec=row["ubigeo_reniec"],
    )
