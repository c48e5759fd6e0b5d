"""IAFAS, the institutions that finance health care, as SUSALUD registers them.

No public copy of the list was found: the code is kept as it is written, up to eight letters and digits, and
no zero is added to it.
"""

import re

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.terminology.code_system import Concept, Property
from ayni.vocabulary.terminology.loading.loader import Layout
from ayni.vocabulary.terminology.loading.table import Column, Row

_CODE = re.compile(r"[0-9A-Z]{1,8}")
_EXPECTED = "up to eight letters and digits"


def _concept(row: Row) -> Concept:
    code = row.required("code", _EXPECTED).upper()
    if _CODE.fullmatch(code) is None:
        row.refuse("code", "not-a-code", _EXPECTED)
    kind = row.text("kind")
    return Concept(
        code=code,
        display=row.required("display", "a name"),
        properties=(Property("kind", "valueString", kind),) if kind else (),
    )


IAFAS = Layout(
    name="iafas",
    url=f"{BASE}/CodeSystem/iafas",
    title="Instituciones administradoras de fondos de aseguramiento en salud (IAFAS)",
    columns=(
        Column("code", ("cod_iafas", "codigo_iafas", "co_iafas", "iafas", "codigo", "cod"), is_required=True),
        Column(
            "display",
            ("razon_social", "nombre_iafas", "nombre_comercial", "denominacion", "nombre", "descripcion"),
            is_required=True,
        ),
        Column("kind", ("tipo_iafas", "tipo", "clase")),
    ),
    concept=_concept,
)
