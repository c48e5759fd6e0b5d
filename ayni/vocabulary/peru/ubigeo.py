"""UBIGEO: the six digits of a district (department, province, district), in two schemes that differ.

INEI (statistics) and RENIEC (identity) number 101 of Cajamarca's 127 districts differently, and eight of its
thirteen provinces: a bare code says nothing without its scheme. Source: `cajamarca_districts.csv`, which has
both.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from ayni.vocabulary.peru.districts import District, by_inei, by_reniec, districts
from ayni.vocabulary.peru.errors import InvalidUbigeo, UnknownDistrict, index_of_first, kind_at

DEPARTMENTS: Final = range(1, 26)
"""01 to 25; both schemes have twenty-five departments, numbered differently from Callao on."""


class Scheme(StrEnum):
    """Who numbered the district."""

    INEI = "inei"
    RENIEC = "reniec"


_BY: Final[dict[Scheme, Callable[[str], District | None]]] = {
    Scheme.INEI: by_inei,
    Scheme.RENIEC: by_reniec,
}


@dataclass(frozen=True, slots=True)
class Ubigeo:
    """A code with its scheme, so that two are equal only when they mean the same place the same way."""

    code: str
    scheme: Scheme

    def district(self) -> District:
        """The district; raises `UnknownDistrict` outside Cajamarca."""
        found = _BY[self.scheme](self.code)
        if found is None:
            raise UnknownDistrict(
                "district-unknown",
                "Ese distrito no está en Cajamarca.",
                expected=f"a district of Cajamarca in the scheme of {self.scheme.upper()}",
                found="another code",
            )
        return found

    def in_scheme(self, scheme: Scheme) -> "Ubigeo":
        """The same district as the other scheme numbers it; raises `UnknownDistrict`."""
        district = self.district()
        return Ubigeo(district.inei if scheme is Scheme.INEI else district.reniec, scheme)


def parse_ubigeo(text: str, scheme: Scheme) -> Ubigeo:
    """Six digits of one of the twenty-five departments. Raises `InvalidUbigeo` `ubigeo-format`."""
    typed = text.strip()
    index = min(index_of_first(typed, string.digits), 6)
    if len(typed) != 6 or index < 6:
        raise _no_ubigeo("six digits", kind_at(typed, index), index + 1)
    if int(typed[:2]) not in DEPARTMENTS:
        raise _no_ubigeo("a department from 01 to 25", "another one", 1)
    return Ubigeo(typed, scheme)


def reniec_of(inei: str) -> str:
    """RENIEC's code of a district that INEI numbers; raises `InvalidUbigeo` or `UnknownDistrict`."""
    return parse_ubigeo(inei, Scheme.INEI).in_scheme(Scheme.RENIEC).code


def inei_of(reniec: str) -> str:
    """INEI's code of a district that RENIEC numbers; raises `InvalidUbigeo` or `UnknownDistrict`."""
    return parse_ubigeo(reniec, Scheme.RENIEC).in_scheme(Scheme.INEI).code


@cache
def reniec_provinces() -> dict[str, str]:
    """RENIEC's four digits of each province by INEI's: Chota is `0604` and `0606`."""
    return {district.inei[:4]: district.reniec[:4] for district in districts()}


def _no_ubigeo(expected: str, found: str, position: int) -> InvalidUbigeo:
    text = "El UBIGEO tiene seis números y empieza con un departamento del 01 al 25."
    return InvalidUbigeo("ubigeo-format", text, expected=expected, found=found, position=position)
