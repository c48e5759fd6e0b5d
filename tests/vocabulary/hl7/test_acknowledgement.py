import pytest

from ayni.vocabulary.hl7 import (
    Hl7Error,
    acknowledge,
    acknowledge_unreadable,
    acknowledgement_owed,
    parse,
    validate,
)

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
    raw = "MSH$%*!@$AÑ%1.2%ISO$B$C$D$2026$$ADT%A08$7!F!1$P$2.3$$$$$$8859/1\r".encode("latin-1")
    answer = acknowledge(parse(raw), "AE", control_id="a$b", at=at, errors=[UNKNOWN_FACILITY])
    assert lines(answer)[:3] == [
        "MSH$%*!@$C$D$AÑ%1.2%ISO$B$20261123093015-0500$$ACK%A08%ACK$a!F!b$P$2.3$$$$$PER$8859/1$es%Spanish%ISO639",
        "MSA$AE$7!F!1",
        (
            "ERR$$AIL%1%3%1%4$103%Table value not found%HL70357$E$$$$"
            "El establecimiento 00004576 no existe en este registro."
        ),
    ]
    assert answer.encode().startswith("MSH$%*!@$C$D$AÑ".encode("latin-1"))


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


def test_findings_of_a_check_are_answered_as_errors_are(at):
    message = parse(b"MSH|^~\\&|A|B|C|D|2026||ACK|1|T|2.5.1\r")
    answer = acknowledge(message, "AE", control_id="1", at=at, errors=validate(message))
    assert lines(answer)[2] == "ERR||MSA^1|100^Segment sequence error^HL70357|E||||Falta el segmento MSA."
