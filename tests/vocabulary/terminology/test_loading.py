"""Files as they circulate: separators, encodings, marks, titles, and what spreadsheets do to codes."""

import csv
import io
import tracemalloc
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir import dumps
from ayni.vocabulary.terminology import (
    InvalidDefinition,
    Terminology,
    TerminologyError,
    code_system_resource,
    expand,
    read_definition,
    read_value_set,
    validate_member,
)
from ayni.vocabulary.terminology.loading import LAYOUTS, UnreadableFile, load, report, table

from .conftest import codes_of, said

DISEASES = "CODIGO;DESCRIPCION\nA01;Fiebres tifoidea y paratifoidea\nA010;Fiebre tifoidea\n"


def loaded(text, kind="cie10", **more):
    raw = text if isinstance(text, bytes) else text.encode()
    return load(raw, LAYOUTS[kind], file="lista.csv", **({"version": "1"} | more))


def displays(result):
    return {code: concept.display for code, concept in result.code_system.concepts.items()}


@pytest.mark.parametrize(
    "raw",
    [
        DISEASES.encode(),
        DISEASES.encode("utf-8-sig"),
        DISEASES.encode("utf-16"),
        DISEASES.replace("\n", "\r\n").encode(),
        DISEASES.replace("\n", "\r").encode(),
        DISEASES.replace(";", ",").encode(),
        DISEASES.replace(";", "\t").encode(),
        DISEASES.replace(";", "|").encode(),
        ("sep=;\n" + DISEASES).encode(),
        ("Ministerio de Salud\nCatálogo; versión 2019\n\n" + DISEASES).encode(),
        DISEASES.replace("CODIGO;DESCRIPCION", ' "Código CIE-10" ; Descripción ').encode(),
        DISEASES.replace("A010", "a01.0").encode(),
        DISEASES.replace("A010;", '"A010";').encode(),
    ],
)
def test_one_list_in_all_the_shapes_it_circulates_in(raw):
    result = loaded(raw)
    assert displays(result) == {"A01": "Fiebres tifoidea y paratifoidea", "A01.0": "Fiebre tifoidea"}
    assert result.code_system.ancestors("A01.0") == {"A01"}
    assert (result.loaded_count, result.refused_count) == (2, 0)


def test_accents_survive_windows_and_unicode_files():
    for encoding in ("utf-8", "cp1252", "latin-1", "utf-16"):
        assert displays(loaded("codigo,descripcion\nA00,Cólera ñ\n".encode(encoding))) == {"A00": "Cólera ñ"}


@pytest.mark.parametrize(
    ("raw", "display", "reasons"),
    [
        ("codigo;descripcion\nA00;CÃ³lera y aÃ±o\n".encode(), "Cólera y año", {"twice-encoded": 1}),
        ("codigo;descripcion\nA00;SÃO Â\n".encode(), "SÃO Â", {}),
        ("codigo;descripcion\nA00;C\ufffdlera\n".encode(), "C\ufffdlera", {"lost-letter": 1}),
        (
            "códigó;descripción\nA00;C".encode() + b"\xf3" + "lera ñ\n".encode(),
            "C\ufffdlera ñ",
            {"lost-letter": 1},
        ),
        (b"codigo;descripcion\nA00;C\xf3lera \x81\n", "C\xf3lera \ufffd", {"lost-letter": 1}),
    ],
)
def test_spoilt_letters_are_put_right_or_said(raw, display, reasons):
    result = loaded(raw)
    assert (displays(result), result.repaired_counts) == ({"A00": display}, reasons)


def test_each_repair_has_its_place_and_reason():
    result = loaded('codigo;descripcion\n a00 ;Cólera\xa0\nJ00X;"Rinofaringitis"\n="A09";Diarrea\n')
    assert [(each.line, each.column, each.reason) for each in result.repaired] == [
        (2, "codigo", "blanks"),
        (2, "descripcion", "blanks"),
        (3, "codigo", "code-form"),
        (4, "codigo", "spreadsheet-mark"),
    ]
    assert set(displays(result)) == {"A00", "J00", "A09"}
    assert str(result.repaired[2]) == "lista.csv:3 [codigo]: expected J00, found J00X (code-form)"


@pytest.mark.parametrize(
    ("row", "column", "reason", "found"),
    [
        ("nada;Cólera", "codigo", "not-a-code", "nada"),
        (";Cólera", "codigo", "missing", "nothing"),
        ("A00;", "descripcion", "missing", "nothing"),
        ("A00;Cólera;y;algo", "", "row-length", "4 columns"),
        ('"A00"x;Cólera', "", "quoting", "';' expected after '\"'"),
        ("A00;C\x01lera", "descripcion", "control-character", "C\x01lera"),
        ("A01;Otra cosa", "codigo", "another-row", "A01"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_place_and_the_others_are_loaded(
    row, column, reason, found
):
    result = loaded(f"codigo;descripcion\nA01;Fiebres\n{row}\nA02;Otras\n")
    (finding,) = result.refused
    assert (finding.file, finding.line, finding.column, finding.reason) == ("lista.csv", 3, column, reason)
    assert finding.found == found
    assert set(displays(result)) == {"A01", "A02"}


def test_the_same_row_again_is_loaded_once_and_said():
    result = loaded("codigo;descripcion\nA01;Fiebres\nA01;Fiebres\n\n;\n")
    assert (result.loaded_count, result.repaired_counts, result.refused_count) == (
        1,
        {"same-row-again": 1},
        0,
    )


def test_a_long_cell_keeps_its_line_breaks_as_blanks_and_the_next_row_its_number():
    result = loaded('codigo;descripcion\nA01;"Fiebres\r\ntifoideas"\nX;mal\n')
    assert displays(result) == {"A01": "Fiebres tifoideas"}
    assert result.refused[0].line == 4


@pytest.mark.parametrize(
    ("raw", "place", "expected"),
    [
        (b"", "lista.csv:1", "a header with 'codigo' and 'descripcion'"),
        (b"A00;Colera\n", "lista.csv:1", "a header with 'codigo' and 'descripcion'"),
        (b"PK\x03\x04...", "lista.csv:1", "a text file (CSV)"),
        (b"\xd0\xcf\x11\xe0...", "lista.csv:1", "a text file (CSV)"),
        (b"\xff\xfea", "lista.csv:1", "text in UTF-16"),
        (
            b'codigo;descripcion\nA00;"Colera\n' + b"A01;x\n" * 80,
            "lista.csv:2",
            "a quote that is closed on its line",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(raw, place, expected):
    with pytest.raises(UnreadableFile) as caught:
        loaded(raw)
    assert (caught.value.place, caught.value.expected) == (place, expected)


def test_a_file_without_one_usable_row_is_no_list():
    with pytest.raises(InvalidDefinition, match=r"lista.csv:2 \[codigo\]"):
        loaded("codigo;descripcion\nnada;Cólera\n")


def test_limits_are_kept(monkeypatch):
    monkeypatch.setattr(report, "FINDINGS_MAX", 2)
    result = loaded("codigo;descripcion\nA01;Fiebres\n" + "x;y\n" * 5)
    assert (len(result.refused), result.refused_count) == (2, 5)
    monkeypatch.setattr(table, "ROWS_MAX", 5)
    with pytest.raises(UnreadableFile, match="at most 5 rows"):
        loaded("codigo;descripcion\nA01;Fiebres\n" + "\n" * 5)
    monkeypatch.setattr(table, "FILE_BYTES_MAX", 10)
    with pytest.raises(UnreadableFile, match="at most 10 bytes"):
        loaded(DISEASES)


def test_rows_may_say_since_when_and_until_when_they_count():
    result = loaded(
        "codigo;descripcion;vigencia_desde;vigencia_hasta;fecha_baja;estado\n"
        "A00;Uno;2019-01-01;31/12/2023;;\nA01;Dos;;;20240101 00:00:00;\nA02;Tres;;;;INACTIVO\n"
        "A03;Cuatro;;;;ACTIVO\n"
        "A04;Cinco;mañana;;;\nA05;Seis;2024-01-01;2020-01-01;;\nA06;Siete;;;;quién sabe\n",
        since=date(2019, 1, 1),
    )
    held = Terminology((result.code_system,))
    everything = read_value_set(
        {"resourceType": "ValueSet", "compose": {"include": [{"system": result.code_system.url}]}}
    )
    assert codes_of(expand(held, everything, on=date(2023, 12, 31))) == ["A00", "A01", "A03", "A06"]
    assert codes_of(expand(held, everything, on=date(2024, 1, 1))) == ["A03", "A06"]
    assert [(each.line, each.column) for each in result.refused] == [
        (6, "vigencia_desde"),
        (7, "vigencia_hasta"),
    ]
    assert result.repaired_counts == {"unknown-state": 1}


def test_the_users_cie10_is_the_value_set_that_the_ministry_names():
    held = Terminology((loaded(DISEASES).code_system,))
    answer = validate_member(
        held,
        value_set="https://www.gob.pe/minsa/RENHICE/fhir/ValueSet/CIE10VS",
        system="http://hl7.org/fhir/sid/icd-10",
        code="A01.0",
        on=date(2026, 1, 1),
    )
    assert said(answer)["result"]


REGISTER = (
    "INSTITUCION;COD_IPRESS;NOMBRE;CLASIFICACION;DEPARTAMENTO;PROVINCIA;DISTRITO;UBIGEO;CATEGORIA;"
    "INICIO_ACTIVIDAD;ESTADO;NORTE;ESTE\n"
)
HEAD = "GOBIERNO REGIONAL;{};CALQUIS;PUESTOS;CAJAMARCA;SAN MIGUEL;CALQUIS;{};I-2;{};{};{};{}\n"


@pytest.mark.parametrize(
    "code", ["00004576", "4576", "04576", "4576.0", "000004576", "'00004576", '"=""00004576"""']
)
def test_a_facility_has_one_code_in_every_shape_of_the_register(code):
    result = loaded(REGISTER + HEAD.format(code, "061103", "", "ACTIVADO", "-6.98", "-78.85"), "renipress")
    assert set(displays(result)) == {"00004576"}


@pytest.mark.parametrize("code", ["4,57E+03", "0000045760", "P4576", "1000045760"])
def test_what_lost_its_digits_is_refused(code):
    good = HEAD.format("1", "061103", "", "ACTIVADO", "", "")
    result = loaded(REGISTER + good + HEAD.format(code, "061103", "", "", "", ""), "renipress")
    assert [each.reason for each in result.refused] == ["not-a-code"]


@pytest.mark.parametrize(
    ("north", "east", "kept"),
    [
        ("-6.98", "-78.85", (Decimal("-6.98"), Decimal("-78.85"))),
        ("-6,98", "-78,85", (Decimal("-6.98"), Decimal("-78.85"))),
        ("-78.85", "-6.98", (Decimal("-6.98"), Decimal("-78.85"))),
        ("0", "0", (None, None)),
        ("6.98", "78.85", (None, None)),
        ("norte", "-78.85", (None, None)),
        ("NaN", "-78.85", (None, None)),
        ("", "", (None, None)),
    ],
)
def test_coordinates_are_in_peru_or_left_out(north, east, kept):
    result = loaded(
        REGISTER + HEAD.format("4576", "61103", "01/02/1999", "ACTIVADO", north, east), "renipress"
    )
    properties = {each.code: each.value for each in result.code_system.concepts["00004576"].properties}
    assert (properties.get("latitude"), properties.get("longitude")) == kept
    assert properties["ubigeo"] == "061103"


def test_a_register_is_asked_by_its_properties_and_reads_back():
    rows = "".join(
        HEAD.format(code, ubigeo, since, state, "-6.98", "-78.85")
        for code, ubigeo, since, state in [
            ("1", "061103", "", "ACTIVADO"),
            ("2", "061101", "", "ACTIVADO"),
            ("3", "061103", "", "CIERRE DEFINITIVO"),
            ("4", "061103", "2027-01-01", "ACTIVADO"),
        ]
    )
    system = loaded(REGISTER + rows, "renipress").code_system
    again = read_definition(dumps(code_system_resource(system)))
    assert again == system
    here = {"property": "ubigeo", "op": "=", "value": "061103"}
    compose = {"include": [{"system": system.url, "filter": [here]}]}
    asked = read_value_set({"resourceType": "ValueSet", "compose": compose})
    assert codes_of(expand(Terminology((again,)), asked, on=date(2026, 1, 1))) == ["00000001"]


LOINC_RELEASE = """\
"LOINC_NUM","COMPONENT","PROPERTY","STATUS","SHORTNAME","LONG_COMMON_NAME"
"8302-2","Body height","Len","ACTIVE","Bdy height","Body height"
"29463-7","Body weight","Mass","ACTIVE","Weight",""
"""


@pytest.mark.parametrize(
    ("kind", "text", "codes", "repairs"),
    [
        (
            "cpms",
            "CODIGO,DENOMINACION\n99215,Consulta\n99499.01,TELECONSULTA EN LINEA\n",
            ["99215", "99499.01"],
            {},
        ),
        ("cpms", "cpms;descripcion;grupo\n99499.1;Una;G\n", ["99499.10"], {"trailing-zeros": 1}),
        (
            "ups",
            "Id_Ups;Descripcion_Ups\n301204;MEDICINA GENERAL\n10203;OTRA\n",
            ["301204", "010203"],
            {"leading-zeros": 1},
        ),
        ("iafas", "COD_IAFAS;RAZON_SOCIAL;TIPO_IAFAS\n20001;UNA EPS;EPS\n", ["20001"], {}),
        (
            "loinc",
            LOINC_RELEASE,
            ["8302-2", "29463-7"],
            {},
        ),
    ],
)
def test_each_list_has_its_layout(kind, text, codes, repairs):
    result = loaded(text, kind)
    assert list(displays(result)) == codes
    assert (result.repaired_counts, result.refused_count) == (repairs, 0)


@pytest.mark.parametrize(
    ("kind", "header", "good", "bad"),
    [
        ("cpms", "codigo;denominacion", "99215;x", "9921;x"),
        ("ups", "id_ups;nombre", "1;x", "1234567;x"),
        ("iafas", "cod_iafas;razon_social", "1;x", "12-3;x"),
        ("loinc", "loinc_num;component", "8302-2;x", "8302-3;x"),
        ("loinc", "loinc_num;component", "8302-2;x", "05-ago;x"),  # 5-8, as a spreadsheet shows it
    ],
)
def test_a_code_of_another_form_is_refused(kind, header, good, bad):
    result = loaded(f"{header}\n{good}\n{bad}\n", kind)
    assert [(each.line, each.reason) for each in result.refused] == [(3, "not-a-code")]


def test_a_deprecated_number_of_loinc_counts_no_more():
    result = loaded("loinc_num;component;status\n8302-2;x;DEPRECATED\n8867-4;y;DISCOURAGED\n", "loinc")
    assert [concept.is_retired for concept in result.code_system.concepts.values()] == [True, False]


@pytest.mark.parametrize("filling", ["\n", "a\n", ";", '"', ";\n", "x"])
def test_a_hostile_file_takes_a_small_multiple_of_its_size(filling):
    raw = ("codigo;descripcion\nA01;Fiebres\n" + filling * (30_000 // len(filling))).encode()
    tracemalloc.start()
    with suppress(TerminologyError):
        loaded(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(raw)


codes = st.from_regex(r"[A-Z][0-9]{2}(\.[0-9])?", fullmatch=True)
names = st.text(st.sampled_from("Fiebre ñÁ;,|\"'\n()="), min_size=1, max_size=20)


@settings(max_examples=100)
@given(
    rows=st.dictionaries(codes, names.filter(lambda name: name.strip(" \n'=\""))),
    separator=st.sampled_from(table.SEPARATORS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    has_dots=st.booleans(),
)
def test_what_a_program_writes_is_loaded_as_it_was(rows, separator, encoding, line_end, has_dots):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator, lineterminator=line_end)
    writer.writerow(["Código", "Descripción"])
    writer.writerows((code if has_dots else code.replace(".", ""), name) for code, name in rows.items())
    try:
        result = loaded(written.getvalue().encode(encoding))
    except InvalidDefinition:
        assert not rows
        return
    # A leading apostrophe or ="…" is a spreadsheet's mark for text, and is taken away.
    marked = {code for code, name in rows.items() if name.strip().startswith(("'", "="))}
    plain = {code: " ".join(name.split()) for code, name in rows.items() if code not in marked}
    assert {code: name for code, name in displays(result).items() if code not in marked} == plain
    assert result.refused_count == 0


headers = st.sampled_from(
    ["codigo;descripcion", "cod_ipress;nombre;norte;este;ubigeo", "loinc_num,component", "id_ups|nombre", ""]
)


@settings(max_examples=200)
@given(
    kind=st.sampled_from(sorted(LAYOUTS)),
    header=headers,
    body=st.text(st.sampled_from("A01x.-;,|\"'=\n\r\t ñ\x00\x85\u2028NE+"), max_size=60)
    | st.text(max_size=40),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_no_file_raises_an_untyped_error(kind, header, body, encoding):
    with suppress(TerminologyError):
        result = loaded(f"{header}\n{body}".encode(encoding, "replace"), kind)
        assert result.loaded_count
