"""LOINC, from the file `Loinc.csv` (or `LoincTableCore.csv`) of a release of Regenstrief Institute.

LOINC is free under its licence, which asks whoever passes it on for notices: it comes from the user's own
file. Properties follow FHIR's page "Using LOINC with FHIR" (R4).
"""

import re

from ayni.vocabulary.fhir.systems import LOINC as LOINC_SYSTEM
from ayni.vocabulary.peru.document_numbers import luhn
from ayni.vocabulary.terminology.code_system import Concept, Designation, Property
from ayni.vocabulary.terminology.loading.loader import Layout
from ayni.vocabulary.terminology.loading.table import Column, Row

_CODE = re.compile(r"([0-9]{1,7})-([0-9])")
_EXPECTED = "a LOINC number with its check digit, such as 8302-2"
_AXES = ("COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP", "CLASS", "STATUS")


def _concept(row: Row) -> Concept:
    code = row.required("code", _EXPECTED)
    found = _CODE.fullmatch(code)
    if found is None or luhn(found[1]) != found[2]:
        # A spreadsheet takes short numbers such as 5-8 for days; what it made of them cannot be undone.
        row.refuse("code", "not-a-code", _EXPECTED)
    short = row.text("short")
    return Concept(
        code=code,
        display=row.text("display") or row.required("COMPONENT", "a name"),
        designations=(Designation(short, "en", "SHORTNAME"),) if short else (),
        properties=tuple(Property(name, "valueString", row.text(name)) for name in _AXES if row.text(name)),
        is_retired=row.text("STATUS").upper() == "DEPRECATED",
    )


LOINC = Layout(
    name="loinc",
    url=LOINC_SYSTEM,
    title="LOINC",
    columns=(
        Column("code", ("loinc_num", "loinc_number", "loinc"), is_required=True),
        Column("COMPONENT", ("component",), is_required=True),
        Column("display", ("long_common_name", "longcommonname")),
        Column("short", ("shortname", "short_name")),
        *(Column(name, (name.lower(),)) for name in _AXES if name != "COMPONENT"),
    ),
    concept=_concept,
)
