"""FHIR values as the text of v2 leaves: the way back of primitives, systems and codes."""

import base64
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import unquote

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.maps.tables import ONE_WAY, authorities, code_tables, named
from ayni.vocabulary.maps.to_fhir.systems import AUTHORITY, CODING_SYSTEM, V2_TABLE
from ayni.vocabulary.peru import DOCUMENT_TYPES

_TIMES = frozenset({"date", "dateTime", "instant", "time"})


def text_of(type_: str, value: Any) -> str:
    """A primitive as v2 writes it."""
    if type_ in _TIMES:
        return time_text(str(value))
    if type_ == "boolean":
        return "Y" if value else "N"
    if type_ in ("base64Text", "base64Whole"):
        return _decoded(str(value))
    if isinstance(value, Decimal):
        return format(value, "f")  # an NM has no exponent; the structure check has bounded that of FHIR
    return str(value)


def time_text(value: str) -> str:
    """`1992-03`, `2026-11-24T09:00:00-05:00` or `09:30:00` in digits; `Z` is an offset of zero."""
    day, _, time = value.replace("Z", "+00:00").rpartition("T") if "T" in value else (value, "", "")
    if not time:
        return day.replace("-", "").replace(":", "")
    return f"{day.replace('-', '')}{time.replace(':', '')}"


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:  # not base64, or bytes that are no text
        return ""


@cache
def v2_code(codes: str, code: str) -> str | None:
    """The first v2 code that a code table gives this FHIR code to and that may be told back."""
    found = (row for row in code_tables().get(codes, ()) if ONE_WAY not in row.mark)
    return next((row.v2 for row in found if row.fhir == code), None)


@cache
def system_name(uri: str) -> str:
    """What table 0396 calls a code system: the way back of `coding_system`."""
    if uri.startswith(V2_TABLE):
        return f"HL7{uri.removeprefix(V2_TABLE)}"
    if uri.startswith(CODING_SYSTEM):
        return unquote(uri.removeprefix(CODING_SYSTEM))
    known = next((name for name, each in named("systems").items() if each == uri), None)
    return known or uri.removeprefix("urn:oid:")


@cache
def authority_parts(uri: str) -> tuple[str, str, str]:
    """The namespace, the universal id and its type of who numbers: the way back of `identifier_system`."""
    if uri.startswith(AUTHORITY):
        return unquote(uri.removeprefix(AUTHORITY)), "", ""
    for document in DOCUMENT_TYPES:
        if uri == f"{BASE}/id/{document.name}":
            return document.authority, "", ""
    for (namespace, _), each in authorities().items():
        if each == uri:
            return namespace, "", ""
    for prefix, kind in (("urn:oid:", "ISO"), ("urn:uuid:", "UUID")):
        if uri.startswith(prefix):
            return "", uri.removeprefix(prefix), kind
    return "", uri, "URI"
