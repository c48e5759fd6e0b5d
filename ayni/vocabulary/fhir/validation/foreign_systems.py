"""Code systems that others keep, and whose codes can be told from what they look like.

Source: BCP 47 (languages), BCP 13 (media types), ISO 3166-1 and ISO 4217 as R4's value sets use them, UCUM.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from ayni.vocabulary.fhir.definitions import definition
from ayni.vocabulary.fhir.ucum import UCUM, is_unit

COUNTRIES: Final = "urn:iso:std:iso:3166"
_ALPHA_2_CODES: Final = 2

_LANGUAGE: Final = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"  # language
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"  # script, region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"  # extensions, private use
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{3,8}"
).fullmatch
_MEDIA_TYPE: Final = re.compile(r"[\w!#$&.+^-]+/[\w!#$&.+^*-]+(?:\s*;.*)?").fullmatch
_CURRENCY: Final = re.compile(r"[A-Z]{3}").fullmatch
_TWO_LETTERS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy
        da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu
        hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv
        kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr
        nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq
        sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi
        yo za zh zu
        """,
    )
)
"""The languages of ISO 639-1, and the four that BCP 47 keeps under older letters."""


def _is_language(code: str) -> bool:
    plain = code.lower()
    primary = plain.partition("-")[0]
    return _LANGUAGE(plain) is not None and (len(primary) != 2 or primary in _TWO_LETTERS)


def _is_media_type(code: str) -> bool:
    """R4 also writes its own formats without their type: `json` for `application/fhir+json`."""
    return _MEDIA_TYPE(code) is not None or code in ("json", "none", "ttl", "xml")


def _is_currency(code: str) -> bool:
    return _CURRENCY(code) is not None


def _is_country(code: str) -> bool:
    """Of the codes of three signs only the two-letter ones are listed here."""
    return len(code) != _ALPHA_2_CODES or code in countries()


@cache
def countries() -> dict[str, str]:
    """The two-letter codes of countries with their English names, as R4 lists them."""
    listed = definition("value_sets", "http://hl7.org/fhir/ValueSet/iso3166-1-2") or {}
    parts = listed.get("compose", {}).get("include", [])
    listed_codes = [each for part in parts for each in part.get("concept", [])]
    return {each["code"]: each["display"].partition(" (")[0] for each in listed_codes}


FOREIGN: Final[dict[str, Callable[[str], bool]]] = {
    UCUM: is_unit,
    COUNTRIES: _is_country,
    "urn:ietf:bcp:13": _is_media_type,
    "urn:ietf:bcp:47": _is_language,
    "urn:iso:std:iso:4217": _is_currency,
}
"""By system: whether a code may be one of it."""
