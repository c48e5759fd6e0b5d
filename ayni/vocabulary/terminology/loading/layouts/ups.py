"""UPS, the functional units of a facility: HIS-MINSA calls the code `Id_Ups` and gives it six characters."""

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.terminology.code_system import Concept
from ayni.vocabulary.terminology.loading.cells import digits
from ayni.vocabulary.terminology.loading.loader import Layout
from ayni.vocabulary.terminology.loading.table import Column, Row


def _concept(row: Row) -> Concept:
    return Concept(
        code=digits(row, "code", width=6, expected="six digits"), display=row.required("display", "a name")
    )


UPS = Layout(
    name="ups",
    url=f"{BASE}/CodeSystem/ups",
    title="Unidades productoras de servicios (UPS)",
    columns=(
        Column(
            "code", ("id_ups", "cod_ups", "codigo_ups", "ups", "codups", "codigo", "cod"), is_required=True
        ),
        Column(
            "display",
            (
                "descripcion_ups",
                "desc_ups",
                "nombre_ups",
                "descripcion",
                "denominacion",
                "nombre",
                "servicio",
            ),
            is_required=True,
        ),
    ),
    concept=_concept,
)
