"""RENIPRESS, the national register of health facilities, in the layout of the State's open-data portal
(ODC-BY).

INSTITUCION;COD_IPRESS;NOMBRE;CLASIFICACION;TIPO_ESTABLECIMIENTO;DEPARTAMENTO;PROVINCIA;DISTRITO;UBIGEO;…;ESTADO;
NORTE;ESTE: `NORTE` holds the latitude and `ESTE` the longitude, in degrees; UBIGEO is INEI's.
"""

from collections.abc import Iterator
from decimal import Decimal

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.peru.errors import InvalidFacilityCode
from ayni.vocabulary.peru.renipress import parse_renipress
from ayni.vocabulary.terminology.code_system import Concept, Property
from ayni.vocabulary.terminology.loading.cells import decimal, digits
from ayni.vocabulary.terminology.loading.loader import Layout
from ayni.vocabulary.terminology.loading.table import Column, Row

LATITUDE, LONGITUDE = (Decimal("-18.6"), Decimal("0.1")), (Decimal("-81.5"), Decimal("-68.5"))
"""Peru lies between these degrees."""

_TEXTS = (
    *("institution", "classification", "kind", "department", "province", "district", "address"),
    *("network", "micronetwork", "category", "phone", "hours", "state"),
)


def _concept(row: Row) -> Concept:
    typed = row.required("code", "a RENIPRESS code")
    code = digits(row, "code", width=8, expected="at most eight digits") if len(typed) != 9 else _of_nine(row)
    return Concept(code=code, display=row.required("display", "a name"), properties=tuple(_properties(row)))


def _of_nine(row: Row) -> str:
    """HIS and SISFAC write nine digits with one more zero in front."""
    try:
        code = parse_renipress(row.text("code"))
    except InvalidFacilityCode:
        row.refuse("code", "not-a-code", "at most eight digits")
    row.repair("code", "code-form", code)
    return code


def _properties(row: Row) -> Iterator[Property]:
    if row.text("ubigeo"):
        yield Property("ubigeo", "valueCode", digits(row, "ubigeo", width=6, expected="six digits"))
    for name in _TEXTS:
        if row.text(name):
            yield Property(name, "valueString", row.text(name))
    yield from _position(row)


def _position(row: Row) -> Iterator[Property]:
    """Latitude and longitude, changed back where a file has them the wrong way round; none outside Peru."""
    north, east = decimal(row, "north"), decimal(row, "east")
    if north is None or east is None:
        return
    if _is_in(east, LATITUDE) and _is_in(north, LONGITUDE):
        row.repair("north", "coordinates", "latitude in NORTE and longitude in ESTE; changed back")
        north, east = east, north
    if not (_is_in(north, LATITUDE) and _is_in(east, LONGITUDE)):
        row.repair("north", "coordinates", "a place in Peru; left out")
        return
    yield Property("latitude", "valueDecimal", north)
    yield Property("longitude", "valueDecimal", east)


def _is_in(number: Decimal, degrees: tuple[Decimal, Decimal]) -> bool:
    return degrees[0] <= number <= degrees[1]


RENIPRESS = Layout(
    name="renipress",
    url=f"{BASE}/CodeSystem/renipress",
    title="Registro Nacional de IPRESS (RENIPRESS)",
    columns=(
        Column(
            "code",
            (
                *("cod_ipress", "codigo_ipress", "cod_renipress", "codigo_renipress", "codigo_unico"),
                *("codigo_renaes", "cod_estab", "ipress", "codigo", "code"),
            ),
            is_required=True,
        ),
        Column(
            "display",
            (
                *("nombre", "nombre_del_establecimiento", "nombre_establecimiento", "nombre_ipress"),
                *("establecimiento", "razon_social", "name"),
            ),
            is_required=True,
        ),
        Column("ubigeo", ("ubigeo", "ubigeo_inei", "cod_ubigeo")),
        Column("institution", ("institucion",)),
        Column("classification", ("clasificacion",)),
        Column("kind", ("tipo_establecimiento", "tipo")),
        Column("category", ("categoria", "category")),
        Column("department", ("departamento",)),
        Column("province", ("provincia", "province")),
        Column("district", ("distrito", "district")),
        Column("address", ("direccion",)),
        Column("network", ("red", "red_salud")),
        Column("micronetwork", ("microred", "microrred", "micro_red")),
        Column("phone", ("telefono", "telefonos")),
        Column("hours", ("horario",)),
        Column("north", ("norte", "latitud")),
        Column("east", ("este", "longitud")),
        Column("since", ("inicio_activ", "inicio_actividad", "inicio_actividades", "fecha_inicio")),
    ),
    concept=_concept,
)
