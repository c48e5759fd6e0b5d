"""The URI of a code system or of who numbers something, from the names v2 has for them.

A name without a known URI gets one of this project's that spells it, so that nothing is lost and the way
back finds it (ours): `…/v2-coding-system/L`, `…/v2-authority/LAB`.
"""

import re
from functools import lru_cache
from urllib.parse import quote

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.maps.tables import authorities, named
from ayni.vocabulary.peru import of_v2

_V2_TABLE = re.compile(r"HL7\s?-?(\d{4})")
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", re.ASCII)

CODING_SYSTEM = f"{BASE}/v2-coding-system/"
AUTHORITY = f"{BASE}/v2-authority/"
V2_TABLE = "http://terminology.hl7.org/CodeSystem/v2-"


@lru_cache(maxsize=4096)
def coding_system(name: str) -> str:
    """The URI of a system of table 0396 (CWE.3); `HL70005` is a table of v2 itself."""
    if found := _V2_TABLE.fullmatch(name):
        return f"{V2_TABLE}{found[1]}"
    known = named("systems").get(name.upper())
    return known or _universal(name, "") or CODING_SYSTEM + quote(name, safe="")


@lru_cache(maxsize=4096)
def authority(namespace: str, universal: str, kind: str) -> str:
    """The URI of an assigning authority: the components of an HD (HL7 v2.5.1, chapter 2.A.33)."""
    if uri := _universal(universal, kind):
        return uri
    return AUTHORITY + quote(namespace or universal, safe="") if namespace or universal else ""


@lru_cache(maxsize=4096)
def identifier_system(
    namespace: str, universal: str, kind: str, type_code: str, country: str, resource: str
) -> str:
    """The system of an identifier, by who assigned it and what it is; "" when nobody is named."""
    document = of_v2(type_code, authority=namespace, country=country) if type_code else None
    if document and document.authority == namespace and document.name != "provisional":
        return f"{BASE}/id/{document.name}"
    known = authorities()
    found = known.get((namespace, type_code)) or known.get((namespace, resource))
    return found or authority(namespace, universal, kind)


def _universal(text: str, kind: str) -> str:
    """The URI of a universal id, "" for one that is none of its kind (table 0301)."""
    if _OID.fullmatch(text) and kind in ("", "ISO"):
        return f"urn:oid:{text}"
    if _UUID.fullmatch(text) and kind in ("", "UUID", "GUID"):
        return f"urn:uuid:{text.lower()}"
    return text if _URI.fullmatch(text) and kind in ("", "URI", "URL") else ""
