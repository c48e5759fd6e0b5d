"""CPMS, the ministry's catalogue of medical and health procedures: `99499.01 TELECONSULTA EN LINEA`.

It derives from CPT (copyright American Medical Association): it comes from the user's own file. The form of
the codes is the one seen in public clients: five signs and, for national ones, a point and two digits.
"""

import re

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.terminology.code_system import Concept, Property
from ayni.vocabulary.terminology.loading.loader import Layout
from ayni.vocabulary.terminology.loading.table import Column, Row

_CODE = re.compile(r"([0-9A-Z]{5})(?:\.([0-9]{1,2}))?")
_EXPECTED = "a code such as 99215 or 99499.01"
_GROUPS = ("grupo", "seccion", "subseccion")


def _concept(row: Row) -> Concept:
    found = _CODE.fullmatch(row.required("code", _EXPECTED).upper())
    if found is None:
        row.refuse("code", "not-a-code", _EXPECTED)
    stem, suffix = found.groups()
    if suffix and len(suffix) == 1:
        # A spreadsheet that takes 99499.10 for a number shows 99499.1; national suffixes have two digits.
        suffix += "0"
        row.repair("code", "trailing-zeros", f"{stem}.{suffix}")
    return Concept(
        code=f"{stem}.{suffix}" if suffix else stem,
        display=row.required("display", "a description"),
        properties=tuple(Property(name, "valueString", row.text(name)) for name in _GROUPS if row.text(name)),
    )


CPMS = Layout(
    name="cpms",
    url=f"{BASE}/CodeSystem/cpms",
    title="Catálogo de Procedimientos Médicos y Sanitarios (CPMS)",
    columns=(
        Column(
            "code",
            (
                *("codigo", "cod", "codigo_cpms", "cod_cpms", "cpms", "cpt", "codigo_cpt", "codigo_item"),
                *("codigo_procedimiento", "code"),
            ),
            is_required=True,
        ),
        Column(
            "display",
            (
                *("denominacion", "denominacion_de_procedimientos", "descripcion", "descripcion_cpms"),
                *("descripcion_item", "procedimiento", "nombre", "display"),
            ),
            is_required=True,
        ),
        *(Column(name, (name, f"nombre_{name}", f"descripcion_{name}")) for name in _GROUPS),
    ),
    concept=_concept,
)
