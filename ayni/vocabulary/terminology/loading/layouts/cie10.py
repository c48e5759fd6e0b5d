"""CIE-10 (ICD-10), as the ministry, HIS and public copies write it: code with or without a dot, description.

The text of CIE-10 is copyright WHO/PAHO: it comes from the user's own file.
"""

from collections.abc import Mapping
from dataclasses import replace

from ayni.vocabulary.fhir.systems import ICD10, MINSA
from ayni.vocabulary.peru.cie10 import parse_cie10
from ayni.vocabulary.peru.errors import InvalidDiagnosisCode
from ayni.vocabulary.terminology.code_system import Concept
from ayni.vocabulary.terminology.loading.loader import Layout
from ayni.vocabulary.terminology.loading.table import Column, Row

CIE10_VALUE_SET = f"{MINSA}/ValueSet/CIE10VS"
"""Named by MINSA's profile ConditionPe and published nowhere: the user's file is it."""

_EXPECTED = "a code such as A01.0, A010 or J00X"


def _concept(row: Row) -> Concept:
    typed = row.required("code", _EXPECTED)
    try:
        code = parse_cie10(typed)
    except InvalidDiagnosisCode:
        row.refuse("code", "not-a-code", _EXPECTED)
    if typed.upper() not in (code, code.replace(".", "")):
        row.repair("code", "code-form", code)
    return Concept(code=code, display=row.required("display", "a description"))


def _under_their_categories(concepts: dict[str, Concept]) -> Mapping[str, Concept]:
    """`A01.0` stands below `A01`, and `A01.01` below `A01.0`, where the file has these."""
    return {code: replace(concept, parents=_parents(code, concepts)) for code, concept in concepts.items()}


def _parents(code: str, concepts: Mapping[str, Concept]) -> tuple[str, ...]:
    category, _, subdivision = code.partition(".")
    above = [f"{category}.{subdivision[0]}"] if len(subdivision) > 1 else []
    return next(((each,) for each in [*above, category] if each != code and each in concepts), ())


CIE10 = Layout(
    name="cie10",
    url=ICD10,
    title="CIE-10",
    value_set=CIE10_VALUE_SET,
    columns=(
        Column(
            "code",
            (
                *("codigo", "cod", "code", "cie10", "cie_10", "codigo_cie10", "codigo_cie_10", "cod_cie10"),
                *("cod_cie", "id_ciex", "codigo_item", "codigo_con_punto", "clave"),
            ),
            is_required=True,
        ),
        Column(
            "display",
            (
                *("descripcion", "descripcion_es", "descripcion_cie10", "desc_cie10", "descripcion_item"),
                *("desc_ciex", "nombre", "diagnostico", "enfermedad", "description", "display"),
            ),
            is_required=True,
        ),
    ),
    concept=_concept,
    finish=_under_their_categories,
)
