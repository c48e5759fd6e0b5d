"""`ayni terminology …` as somebody uses it at a terminal, with real files."""

import json

import pytest
from click.testing import CliRunner

from ayni.__main__ import main

DISEASES = "CODIGO;DESCRIPCION\nA01;Fiebres tifoideas\nA010; Fiebre tifoidea\nnada;Otra\n"


@pytest.fixture
def ayni(tmp_path):
    """Runs the command with a folder of its own; gives exit code and lines."""

    def run(*words):
        done = CliRunner().invoke(main, ["terminology", *words, "--var", str(tmp_path / "var")])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.exit_code, done.output.splitlines()

    return run


@pytest.fixture
def diseases(tmp_path):
    file = tmp_path / "cie10.csv"
    file.write_text(DISEASES, "utf-8")
    return str(file)


def test_a_list_is_loaded_with_its_findings_and_then_answers(ayni, diseases, tmp_path):
    code, lines = ayni("load", "cie10", diseases, "--version", "2019")
    assert code == 1  # one row was refused, the others are loaded
    assert lines[0].startswith("http://hl7.org/fhir/sid/icd-10|2019: 2 codes loaded into ")
    assert lines[1:3] == [
        "1 refused: 1 not-a-code",
        "  cie10.csv:4 [CODIGO]: expected a code such as A01.0, A010 or J00X, found nada (not-a-code)",
    ]
    assert lines[3] == "1 repaired: 1 blanks"
    assert [path.name for path in (tmp_path / "var/terminology").iterdir()] == ["cie10-2019.json"]
    assert ayni("lookup", "cie10", "A01.0")[1][:3] == [
        "name: cie10",
        "version: 2019",
        "display: Fiebre tifoidea",
    ]
    assert ayni("expand", "CIE10VS", "--filter", "fie", "--count", "1")[1] == [
        "A01\tFiebres tifoideas",
        "1 of 2",
    ]


def test_a_list_is_loaded_again_in_its_place(ayni, diseases):
    for _ in range(2):
        ayni("load", "cie10", diseases, "--version", "2019")
    assert len([line for line in ayni("list")[1] if "icd-10" in line]) == 2  # the user's and the shipped part


def test_the_summary_is_for_programs_too(ayni, diseases):
    code, lines = ayni("load", "cie10", diseases, "--version", "2019", "--json")
    summary = json.loads("\n".join(lines))
    assert (code, summary["loaded"], summary["refused"]) == (1, 2, {"not-a-code": 1})
    assert summary["findings"][0]["line"] == 4


def test_a_list_counts_from_its_day(ayni, tmp_path):
    file = tmp_path / "ups.csv"
    for version, since, name in (("1", "2020-01-01", "VIEJO"), ("2", "2024-01-01", "NUEVO")):
        file.write_text(f"id_ups;nombre\n301204;{name}\n", "utf-8")
        assert ayni("load", "ups", str(file), "--version", version, "--since", since)[0] == 0
    for on, name in (("2023-12-31", "VIEJO"), ("2024-01-01", "NUEVO")):
        assert f"display: {name}" in ayni("lookup", "ups", "301204", "--on", on)[1]
    assert ayni("lookup", "ups", "301204", "--on", "2019-12-31")[0] == 1
    assert "display: VIEJO" in ayni("lookup", "ups", "301204", "--system-version", "1")[1]


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["lookup", "his-payer", "2"], 0, "display: S.I.S"),
        (["lookup", "his-payer", "99"], 1, "Error: expected a code of the system, found 99"),
        (["lookup", "nowhere", "1"], 1, "Error: expected a known address"),
        (["validate", "his-payer", "2"], 0, "result: true"),
        (["validate", "his-payer", "99"], 1, "result: false"),
        (["validate", "his-payer", "2", "--in", "his-payer"], 0, "result: true"),
        (["translate", "document-type-to-sis", "ce"], 0, "result: true"),
        (["translate", "document-type-to-sis", "passport"], 1, "result: false"),
        (["translate", "his-college-to-minsa", "1O", "--reverse"], 0, "result: true"),
        (["expand", "his-payer", "--filter", "sanidad na"], 0, "6\tSANIDAD NAVAL"),
        (["expand", "nowhere"], 1, "Error: expected a known address"),
        (["load", "cie10", "missing.csv", "--version", "1"], 2, "Error: Invalid value for 'FILE'"),
        (["load", "snomed", "x.csv", "--version", "1"], 2, "Error: Invalid value for"),
    ],
)
def test_each_question_has_its_answer_and_exit_code(ayni, words, code, line):
    found, lines = ayni(*words)
    assert found == code
    assert any(line in each for each in lines)


def test_an_answer_is_fhir_for_programs(ayni):
    code, lines = ayni("translate", "ubigeo-inei-to-reniec", "061103", "--json")
    answer = json.loads(lines[0])
    assert (code, answer["resourceType"]) == (0, "Parameters")
    assert answer["parameter"][1]["part"][1]["valueCoding"]["code"] == "061002"


@pytest.mark.parametrize("raw", [b"PK\x03\x04", b"", b"a;b\n1;2\n"])
def test_a_file_that_cannot_be_read_is_said_in_one_line(ayni, tmp_path, raw):
    file = tmp_path / "lista.csv"
    file.write_bytes(raw)
    code, lines = ayni("load", "cie10", str(file), "--version", "1")
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("Error: expected a ")
    assert "lista.csv:1" in lines[0]


def test_a_spoilt_file_in_the_folder_is_named(ayni, tmp_path):
    folder = tmp_path / "var/terminology"
    folder.mkdir(parents=True)
    (folder / "mine.json").write_text("{", "utf-8")
    code, lines = ayni("list")
    assert (code, "mine.json" in lines[0]) == (1, True)


def test_every_command_shows_examples():
    group = main.get_command(None, "terminology")
    for name in sorted(set(group.commands) - {"list"}):
        assert f"ayni terminology {name} " in CliRunner().invoke(group, [name, "--help"]).output
