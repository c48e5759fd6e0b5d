from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import (
    Hl7Error,
    acknowledge,
    acknowledge_unreadable,
    acknowledgement_owed,
    location_of,
    parse,
    validate,
)
from ayni.vocabulary.hl7.definitions import VERSIONS

UNKNOWN_FACILITY = Hl7Error(
    "expected a known facility",
    code=103,
    location="AIL^1^3^1^4",
    text="El establecimiento 00004576 no existe en este registro.",
)


def lines(message) -> list[str]:
    return message.encode().decode(message.encoding.codec).split("\r")


def test_the_answer_swaps_sender_and_receiver_and_names_the_message(booked, at):
    assert lines(acknowledge(parse(booked), "AA", control_id="ACK-1", at=at)) == [
        (
            "MSH|^~\\&|QHALI|ZLTECH|ONEVISIONCAX|DIRESA-CAJ|20261123093015-0500||ACK^S12^ACK|ACK-1|T|2.5.1"
            "|||||PER|UNICODE UTF-8|es^Spanish^ISO639"
        ),
        "MSA|AA|QH-7M3K9XBT4D.R004",
        "",
    ]


@pytest.mark.parametrize(
    ("place", "err_2"),
    [
        ("PID-3", "PID^1^3"),
        ("PID-3.1", "PID^1^3^1^1"),
        ("OBX[4]-3[2].4.2", "OBX^4^3^2^4^2"),
        ("Patient.identifier", ""),
        ("", ""),
    ],
)
def test_a_path_is_said_as_err_2_and_a_place_of_another_standard_is_not(place, err_2):
    assert location_of(place) == err_2


def test_every_finding_has_its_err_segment(booked, at):
    state = Hl7Error(
        "expected a legal transition",
        code=207,
        text="Ese cambio no está permitido.",
        application_code="state-not-allowed",
    )
    answer = acknowledge(parse(booked), "AE", control_id="1", at=at, errors=[UNKNOWN_FACILITY, state])
    assert lines(answer)[1:-1] == [
        "MSA|AE|QH-7M3K9XBT4D.R004",
        (
            "ERR||AIL^1^3^1^4|103^Table value not found^HL70357|E||||"
            "El establecimiento 00004576 no existe en este registro."
        ),
        "ERR|||207^Application internal error^HL70357|E|state-not-allowed|||Ese cambio no está permitido.",
    ]


def test_a_filtered_message_is_accepted_with_an_information(booked, at):
    filtered = Hl7Error("not for us", code=0, severity="I", text="El mensaje no es para este canal.")
    answer = acknowledge(parse(booked), "AA", control_id="1", at=at, errors=[filtered])
    assert lines(answer)[2] == "ERR|||0^Message accepted^HL70357|I||||El mensaje no es para este canal."
    assert filtered.answer == "AA"


def test_the_answer_is_written_as_the_message_was(at):
    raw = "MSH$%*!@$AÑ%1.2%ISO$B$C$D$2026$$ADT%A08$7!F!1$P$2.5$$$$$$8859/1\r".encode("latin-1")
    answer = acknowledge(parse(raw), "AE", control_id="a$b", at=at, errors=[UNKNOWN_FACILITY])
    assert lines(answer)[:3] == [
        "MSH$%*!@$C$D$AÑ%1.2%ISO$B$20261123093015-0500$$ACK%A08%ACK$a!F!b$P$2.5$$$$$PER$8859/1$es%Spanish%ISO639",
        "MSA$AE$7!F!1",
        (
            "ERR$$AIL%1%3%1%4$103%Table value not found%HL70357$E$$$$"
            "El establecimiento 00004576 no existe en este registro."
        ),
    ]
    assert answer.encode().startswith("MSH$%*!@$C$D$AÑ".encode("latin-1"))


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4"])
def test_before_version_2_5_the_reason_is_also_where_that_version_has_it(version, at):
    message = parse(f"MSH|^~\\&|A|B|C|D|||ADT^A08|7|T|{version}\r".encode())
    state = Hl7Error("x", code=207, text="Ese cambio no se permite.")
    answer = acknowledge(message, "AE", control_id="1", at=at, errors=[UNKNOWN_FACILITY, state])
    assert lines(answer)[1:-1] == [
        (
            "MSA|AE|7|El establecimiento 00004576 no existe en este registro."
            "|||103^Table value not found^HL70357"
        ),
        (
            "ERR|AIL^1^3^103&Table value not found&HL70357"
            "|AIL^1^3^1^4|103^Table value not found^HL70357|E||||"
            "El establecimiento 00004576 no existe en este registro."
        ),
        (
            "ERR|^^^207&Application internal error&HL70357||207^Application internal error^HL70357|E||||"
            "Ese cambio no se permite."
        ),
    ]
    assert "ERR-1 " not in "".join(finding.reason for finding in validate(answer))
    assert lines(acknowledge(message, "AA", control_id="1", at=at))[1] == "MSA|AA|7"


@pytest.mark.parametrize("version", [version for version in VERSIONS if version > "2.4"])
@pytest.mark.parametrize("code", ["AA", "AE", "AR", "CA", "CE", "CR"])
def test_an_answer_keeps_to_the_version_it_names(version, code, at):
    message = parse(f"MSH|^~\\&|A|B|C|D|||ADT^A08^ADT_A01|7|T|{version}||||||UNICODE UTF-8\r".encode())
    errors = [] if code[1] == "A" else [UNKNOWN_FACILITY, *validate(message)]
    assert validate(acknowledge(message, code, control_id="1", at=at, errors=errors)) == []


def test_an_event_with_separators_in_it_stays_one_component(at):
    message = parse(b"MSH|^~\\&|A|B|C|D|||ADT^A\\S\\08~x^y|7|T|2.5.1\r")
    assert lines(acknowledge(message, "AA", control_id="1", at=at))[0].split("|")[8] == "ACK^A\\S\\08^ACK"


def test_an_answer_fits_a_sender_that_has_no_escape_mark(at):
    message = parse(b"MSH|^~|A|B|C|D|||ADT^A08|7|T|2.3\r")
    error = Hl7Error("x", code=101, text="Falta a|b.", location="PID^1^5")
    answer = parse(acknowledge(message, "AE", control_id="1", at=at, errors=[error]).encode())
    assert (answer["ERR-1.4"], answer["ERR-3"], answer["ERR-8"]) == ("101", "101", "Falta a b.")


def test_empty_components_in_the_receivers_name_are_repeated(at):
    message = parse(b"MSH|^~\\&|A|^^|C|^^|||ADT^A08|7|T|2.5.1\r")
    assert lines(acknowledge(message, "AA", control_id="1", at=at))[0].startswith("MSH|^~\\&|C|^^|A|^^|")


header_texts = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n|"), max_size=6), max_size=18
)


@given(
    st.sampled_from(["^~\\&", "^~\\&#", "^~", "^~\\", "^~&", "E", ""]),
    header_texts,
    st.binary(max_size=20),
    st.sampled_from([0, 100, 101, 207]),
)
@example("^~", [], b"\x00\x80", 0)
@example("^~\\&", [*[""] * 7, "\x1f"], b"", 0)
@example("^~", [*[""] * 9, "\x1f"], b"\x00", 0)
def test_whatever_arrives_can_be_answered(marks, fields, rest, code):
    raw = "|".join(["MSH", marks, *fields]).encode() + b"\r" + rest
    at = datetime(2026, 11, 23, tzinfo=UTC)
    error = Hl7Error("x", code=code, text="Año & «día» | ^~\\", location="PID^1^5^1^1")
    try:
        message = parse(raw)
    except Hl7Error as unreadable:
        answer = acknowledge_unreadable(raw, unreadable, control_id="1", at=at)
    else:
        answer = acknowledge(message, error.answer, control_id="1", at=at, errors=[error])
        # No transport carries a control character.
        repeated = "".join(sign for sign in message.control_id if sign >= " ")
        assert parse(answer.encode())["MSA-2"] == repeated
    assert parse(answer.encode())["MSA-1"] in ("AA", "AE", "AR", "CE", "CR")


def test_an_unreadable_message_keeps_its_names(at):
    raw = "MSH|^~\\&|ÑUST'A|B|C|D|||ADT^A08|77|T|2.4\rhola".encode()
    error = Hl7Error("x", code=100, text="x")
    assert acknowledge_unreadable(raw, error, control_id="9", at=at)["MSH-5"] == "ÑUST'A"


def test_spanish_loses_its_accents_only_where_the_character_set_has_none(at):
    error = Hl7Error("x", code=101, text="Falta el número del niño.")
    answer = acknowledge(parse(b"MSH|^~\\&|A\r"), "AE", control_id="1", at=at, errors=[error])
    assert parse(answer.encode())["ERR-8"] == "Falta el numero del nino."


@pytest.mark.parametrize(
    ("raw", "echo", "code"),
    [
        (b"", ("", "", "", "2.5.1"), 100),
        (b"\x00\xff\x0b", ("", "", "", "2.5.1"), 100),
        (b"MSH|^^\\&|A|B|C|D|||ADT^A08|77|T|2.3", ("", "", "", "2.5.1"), 102),
        (b"MSH|^~\\&|A|B|C|D|||ADT^A08|77|T|2.3||||||JIS\nPID|1", ("A", "77", "T", "2.3"), 102),
        (b"MSH|^~\\&|A|B|C|D|||ADT^A08|77|T|2.4\rhola", ("A", "77", "T", "2.4"), 100),
        (b"MSH|^~\\&|A|B|C|D|||ADT^A08|77|T|2.4\rOBX|" + b"x" * (1 << 20), ("A", "77", "T", "2.4"), 104),
        (b"\xef\xbb\xbfMSH|^~\\&|A|B|C|D|||ADT^A08|77|T|2.4\rhola", ("A", "77", "T", "2.4"), 100),
    ],
)
def test_an_unreadable_message_is_answered_with_what_can_be_read(raw, echo, code, at):
    with pytest.raises(Hl7Error) as caught:
        parse(raw)
    answer = parse(acknowledge_unreadable(raw, caught.value, control_id="9", at=at).encode())
    assert answer["MSA-1"] == "AE"
    assert (answer["MSH-5"], answer["MSA-2"], answer["MSH-11"], answer["MSH-12"]) == echo
    assert (answer["ERR-3"], answer["ERR-8"]) == (str(code), caught.value.text)


@pytest.mark.parametrize(
    ("code", "answer"), [(0, "AA"), (101, "AE"), (200, "AR"), (202, "AR"), (205, "AE"), (207, "AR")]
)
def test_a_condition_leads_to_its_answer(code, answer):
    assert Hl7Error("x", code=code, text="x").answer == answer


def test_a_condition_outside_the_table_is_the_programmers_error():
    with pytest.raises(ValueError, match="0357"):
        Hl7Error("x", code=999, text="x")


def test_an_error_says_where_in_english():
    assert str(UNKNOWN_FACILITY) == "expected a known facility (at AIL^1^3^1^4)"


OUTCOMES = ("AA", "AE", "AR", "CA", "CE", "CR")


@pytest.mark.parametrize(
    ("wishes", "owed"),
    [
        ("|", {"AA", "AE", "AR"}),
        ("AL|AL", {*OUTCOMES}),
        ("AL|NE", {"CA", "CE", "CR"}),
        ("AL|", {"CA", "CE", "CR"}),
        ("NE|AL", {"AA", "AE", "AR"}),
        ("ER|SU", {"CE", "CR", "AA"}),
        ("SU|ER", {"CA", "AE", "AR"}),
        ("NE|NE", set()),
        ("ZZ|", set()),
    ],
)
def test_the_sender_says_which_answers_it_wants(wishes, owed):
    message = parse(f"MSH|^~\\&|A|B|C|D|||ADT^A08|1|T|2.5.1|||{wishes}\r".encode())
    assert {outcome for outcome in OUTCOMES if acknowledgement_owed(message, outcome)} == owed


@pytest.mark.parametrize(("wishes", "owed"), [("|", set()), ("AL|AL", {"CA", "CE", "CR"})])
def test_an_answer_is_received_but_never_answered(wishes, owed):
    message = parse(f"MSH|^~\\&|A|B|C|D|||ACK|1|T|2.5.1|||{wishes}\rMSA|AA|7\r".encode())
    assert {outcome for outcome in OUTCOMES if acknowledgement_owed(message, outcome)} == owed


def test_in_enhanced_mode_the_first_answer_says_received_and_a_later_one_the_outcome(booked, at):
    message = parse(booked)
    message["MSH-15"], message["MSH-16"] = "AL", "AL"
    first = acknowledge(message, "CA", control_id="1", at=at)
    later = acknowledge(message, "AE", control_id="2", at=at, errors=[UNKNOWN_FACILITY])
    assert (first["MSA-1"], first["MSA-2"], first["MSH-10"]) == ("CA", "QH-7M3K9XBT4D.R004", "1")
    assert (later["MSA-1"], later["MSA-2"], later["ERR-3"]) == ("AE", "QH-7M3K9XBT4D.R004", "103")


@pytest.mark.parametrize(("code", "answer"), [(100, "CE"), (203, "CR")])
def test_an_unreadable_message_of_enhanced_mode_has_a_first_answer(code, answer, at):
    raw = b"MSH|^~\\&|A|B|C|D|||ADT^A08|77|T|2.4|||AL|NE\rhola"
    error = Hl7Error("x", code=code, text="x")
    assert acknowledge_unreadable(raw, error, control_id="9", at=at)["MSA-1"] == answer


@pytest.mark.parametrize(("code", "answer"), [(100, "AE"), (203, "AR")])
def test_who_speaks_original_mode_answers_so_whatever_the_sender_asks_for(code, answer, at):
    raw = b"MSH|^~\\&|A|B|C|D|||ADT^A08|77|T|2.4|||AL|NE\rhola"
    error = Hl7Error("x", code=code, text="x")
    said = acknowledge_unreadable(raw, error, control_id="9", at=at, speaks_enhanced=False)
    assert said["MSA-1"] == answer


def test_findings_of_a_check_are_answered_as_errors_are(at):
    message = parse(b"MSH|^~\\&|A|B|C|D|2026||ACK|1|T|2.5.1\r")
    answer = acknowledge(message, "AE", control_id="1", at=at, errors=validate(message))
    assert lines(answer)[2] == "ERR||MSA^1|100^Segment sequence error^HL70357|E||||Falta el segmento MSA."
