"""A v2 code as a FHIR code: through the code tables, and never lost where they say nothing.

A code element whose v2 code has no counterpart, or shares it with another one, keeps the v2 code in the
extension `alternate-codes`; a CodeableConcept keeps it as a coding.
"""

from functools import cache
from typing import Any, NamedTuple

from ayni.vocabulary.maps.tables import ONE_WAY, CodeRow, code_tables
from ayni.vocabulary.maps.to_fhir.systems import coding_system

Element = dict[str, Any]


class CodeMap(NamedTuple):
    default: str
    """The v2 table that a code without a system is of, "" when there is none."""
    rows: dict[str, CodeRow]
    faithful: frozenset[str]
    """The v2 codes that the way back finds again."""

    def fhir(self, code: str) -> str | None:
        row = self.rows.get(code) or self.rows.get(code.upper())
        return row.fhir if row else None

    def coding(self, code: str) -> Element | None:
        row = self.rows.get(code)
        if row is None:
            return None
        return {
            element: value
            for element, value in (("system", row.system), ("code", row.fhir), ("display", row.display))
            if value
        }


@cache
def code_map(name: str) -> CodeMap:
    """A code table or, for the name of a v2 table alone, no more than what its codes are of."""
    rows = code_tables().get(name)
    if rows is None:
        if name and not name.startswith("HL7"):
            raise KeyError(name)
        return CodeMap(name, {}, frozenset())
    first: dict[str, str] = {}
    for row in rows:
        if ONE_WAY not in row.mark:
            first.setdefault(row.fhir, row.v2)
    return CodeMap(rows[0].table, {row.v2: row for row in rows}, frozenset(first.values()))


def v2_coding(code: str, codes: CodeMap) -> Element:
    return {"system": coding_system(codes.default), "code": code} if codes.default else {"code": code}


def complete_coding(coding: Element, codes: CodeMap) -> Element:
    """The coding with the system it lacked, translated when the table knows its code."""
    code = coding.get("code")
    if code is None:
        return coding
    if "system" not in coding and codes.default:
        coding = {"system": coding_system(codes.default), **coding}
    of_table = coding.get("system") == coding_system(codes.default) if codes.default else True
    return (codes.coding(code) if of_table else None) or coding


def complete_concept(concept: Element, codes: CodeMap) -> Element:
    """The translated coding before the one that was sent; a text where no system says what a code means."""
    codings: list[Element] = concept.get("coding", [])
    if codings:
        sent, *others = codings
        if "system" not in sent and "code" in sent and codes.default:
            sent = {"system": coding_system(codes.default), **sent}
        found = complete_coding(sent, codes)
        if found.get("code") == sent.get("code"):
            first = [found | ({"display": sent["display"]} if "display" in sent else {})]
        else:
            first = [found, sent]
        concept["coding"] = [*first, *others]
        if "text" not in concept and "code" in sent and "display" not in sent and "system" not in sent:
            concept["text"] = sent["code"]
    return concept
