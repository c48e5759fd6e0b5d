"""The 127 districts of Cajamarca in both national code sets.

INEI and RENIEC number most districts differently: a bare UBIGEO says nothing without its scheme.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_DATA: Final = files("ayni.vocabulary.peru") / "data" / "cajamarca_districts.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """`latitude` and `longitude` are of its capital, in degrees (WGS 84)."""

    inei: str
    reniec: str
    department: str
    province: str
    name: str
    capital: str
    area_km2: float
    altitude_m: int
    latitude: float
    longitude: float


@cache
def districts() -> tuple[District, ...]:
    """All districts, in the order of their INEI codes."""
    lines = _DATA.read_text("utf-8").splitlines()
    return tuple(_district(row) for row in csv.DictReader(lines))


def by_inei(code: str) -> District | None:
    """The district with this UBIGEO of INEI."""
    return _by_inei().get(code)


def by_reniec(code: str) -> District | None:
    """The district with this UBIGEO of RENIEC."""
    return _by_reniec().get(code)


@cache
def _by_inei() -> dict[str, District]:
    return {district.inei: district for district in districts()}


@cache
def _by_reniec() -> dict[str, District]:
    return {district.reniec: district for district in districts()}


def _district(row: dict[str, str]) -> District:
    return District(
        inei=row["ubigeo_inei"],
        reniec=row["ubigeo_reniec"],
        department=row["departamento"],
        province=row["provincia"],
        name=row["distrito"],
        capital=row["capital"],
        area_km2=float(row["superficie_km2"]),
        altitude_m=int(row["altitud_msnm"]),
        latitude=float(row["latitud"]),
        longitude=float(row["longitud"]),
    )
