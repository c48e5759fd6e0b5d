import subprocess
import sys

import pytest

from ayni.vocabulary.hl7 import parse, validate
from ayni.vocabulary.hl7.definitions import VERSIONS, Part, definitions, nearest
from ayni.vocabulary.hl7.structures import STRUCTURES

FAMILIES = [
    *("ADT_A01", "SIU_S12", "SRM_S01", "SRR_S01", "ORM_O01"),
    *("ORU_R01", "REF_I12", "RRI_I12", "MDM_T02", "ACK"),
]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_the_messages_we_speak(version):
    structures = definitions(version).structures
    missing = [name for name in FAMILIES if name not in structures]
    assert missing == (["ORM_O01"] if version in ("2.7", "2.8") else [])
    assert ("OML_O21" in structures) == (version not in ("2.3", "2.3.1"))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_segment_and_type_that_is_named_is_defined(version):
    known = definitions(version)
    leaves = {"DT", "DTM", "FT", "GTS", "ID", "IS", "NM", "SI", "ST", "TM", "TN", "TX", "WD", "varies"}
    elements = [element for segment in known.segments.values() for element in segment.fields]
    elements += [element for components in known.types.values() for element in components]
    assert {element.type for element in elements} - known.types.keys() <= leaves
    assert {
        name for parts in known.structures.values() for name in segments_of(parts)
    } <= known.segments.keys()


def segments_of(parts: tuple[Part, ...]) -> set[str]:
    return {name for part in parts for name in (segments_of(part.parts) if part.parts else {part.name})}


@pytest.mark.parametrize(
    ("version", "segment", "field", "expected"),
    [
        ("2.5.1", "PID", 3, ("Patient Identifier List", "CX", True, 0, 250, "")),
        ("2.5.1", "PID", 8, ("Administrative Sex", "IS", False, 1, 1, "0001")),
        ("2.3", "PID", 5, ("Patient Name", "XPN", True, 1, 48, "")),
        ("2.8", "PID", 5, ("Patient Name", "XPN", True, 0, 0, "0200")),
        ("2.5.1", "OBX", 5, ("Observation Value", "varies", False, 0, 99999, "")),
        # Where a version withdrew fields the later ones must not have moved up.
        ("2.7", "SCH", 25, ("Filler Status Code", "CWE", False, 1, 0, "0278")),
        ("2.8", "SCH", 25, ("Filler Status Code", "CWE", False, 1, 0, "0278")),
        ("2.8", "EVN", 2, ("Recorded Date/Time", "DTM", True, 1, 0, "")),
        ("2.8", "EVN", 1, ("Event Type Code", "WD", False, 1, 0, "")),
        ("2.8", "OBX", 27, ("Root cause", "CWE", False, 1, 0, "0914")),
    ],
)
def test_a_field_is_as_the_version_has_it(version, segment, field, expected):
    element = definitions(version).segments[segment].fields[field - 1]
    assert (
        element.name,
        element.type,
        element.required,
        element.most,
        element.length,
        element.table,
    ) == expected


def test_a_structure_nests_its_groups():
    parts = definitions("2.5.1").structures["SRM_S01"]
    assert [(part.name, part.least, part.most) for part in parts] == [
        ("MSH", 1, 1),
        ("ARQ", 1, 1),
        ("APR", 0, 1),
        ("NTE", 0, 0),
        ("PATIENT", 0, 0),
        ("RESOURCES", 1, 0),
    ]
    assert [part.name for part in parts[4].parts] == ["PID", "PV1", "PV2", "OBX", "DG1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_tables_of_single_codes(version):
    tables = definitions(version).tables
    assert len(tables) > 190
    assert {"F", "M", "U"} <= tables["0001"]
    assert {"ISO", "DNS", "L", "M", "N"} <= tables["0301"]
    assert not [code for codes in tables.values() for code in codes if "," in code or code != code.strip()]


SPOKEN = [each for each in STRUCTURES if each[:3] in ("ACK", *(name[:3] for name in FAMILIES))]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("type_", SPOKEN)
def test_the_order_of_every_message_we_speak_is_checked(version, type_):
    """By the structure of the version, or of the nearest one that has it."""
    message = parse(f"MSH|^~\\&|A|B|C|D|20261123||{type_}|1|T|{version}\rZZZ|1\r".encode())
    found = [finding.text for finding in validate(message)]
    assert not [text for text in found if "su orden no se revisa" in text]
    assert [text for text in found if text.startswith("Falta el segmento")]


def test_a_table_with_a_pattern_in_it_refuses_nothing():
    tables = definitions("2.5.1").tables
    assert tables["0001"] == {"A", "F", "M", "N", "O", "U"}
    assert "0396" not in tables  # 99zzz and HL7nnnn stand for others


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("2.5.1", "2.5.1"),
        ("2.8.2", "2.8"),
        ("2.7.1", "2.7"),
        ("2.10", "2.8"),
        ("3", "2.8"),
        ("2.1", "2.3"),
        ("", "2.5.1"),
        ("x", "2.5.1"),
        ("2..5", "2.5.1"),
        ("9" * 5000, "2.5.1"),
    ],
)
def test_the_nearest_version_is_the_last_one_before(version, known):
    assert nearest(version) == known


def test_another_version_is_the_programmers_error():
    with pytest.raises(ValueError, match=r"2\.9"):
        definitions("2.9")


def test_no_definition_is_read_at_import():
    script = (
        "import ayni.vocabulary.hl7, ayni.vocabulary.hl7.definitions as d; print(d.definitions.cache_info())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "misses=0" in done.stdout
