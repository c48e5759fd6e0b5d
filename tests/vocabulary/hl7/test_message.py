import pytest

from ayni.vocabulary.hl7 import Hl7Error, PathError, parse


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("MSH-1", "|"),
        ("MSH-2", "^~\\&"),
        ("MSH-3", "ONEVISIONCAX"),
        ("MSH-9", "SIU"),
        ("MSH-9.3", "SIU_S12"),
        ("SCH-6.2", "Citada"),
        ("SCH-11.5", "20261124091500-0500"),
        ("PID-3", "99000017"),
        ("PID-3.9.2", "Perú"),
        ("PID-3[2].4", "ONEVISIONCAX"),
        ("PID-3[3].4", ""),
        ("PID-5.1.1", "PRUEBA"),
        ("PID-5.1.2", ""),
        ("PID-5.99", ""),
        ("PID-99", ""),
        ("AIL[1]-3.4", "00004576"),
        ("AIL[2]-3.4", ""),
        ("ZZZ-1", ""),
    ],
)
def test_a_path_reads_one_leaf_and_nothing_where_there_is_none(booked, path, text):
    assert parse(booked)[path] == text


@pytest.mark.parametrize(
    "path",
    ["", "PID", "PID-", "PID-0", "PID-3[0]", "PID.3", "pid-3", "PID-3.1.1.1", "PID-١", "PID-1١", "PID[0]-3"],
)
def test_a_wrong_path_is_the_programmers_error(booked, path):
    message = parse(booked)
    for use in (lambda: message[path], lambda: message.__setitem__(path, "x")):
        with pytest.raises(PathError, match="expected a path"):
            use()


def test_a_wrong_path_is_not_quoted(booked):
    for use in (parse(booked).__getitem__, parse(booked).segments("PID")[0].__getitem__):
        with pytest.raises(PathError) as caught:
            use("99000017 PRUEBA")
        assert "PRUEBA" not in str(caught.value)


def test_the_header_has_names(booked, at):
    message = parse(booked)
    assert (message.type, message.structure, message.control_id) == (
        "SIU^S12",
        "SIU_S12",
        "QH-7M3K9XBT4D.R004",
    )
    assert (message.version, message.processing_id) == ("2.5.1", "T")
    assert message.timestamp.isoformat() == "2026-11-23T10:12:07-05:00"


def test_an_acknowledgement_without_event_has_its_code_as_type():
    assert parse(b"MSH|^~\\&|||||||ACK\r").type == "ACK"


def test_a_message_without_time_says_so_and_a_wrong_time_is_refused_at_msh_7():
    assert parse(b"MSH|^~\\&|A\r").timestamp is None
    with pytest.raises(Hl7Error) as caught:
        _ = parse(b"MSH|^~\\&|A||||ayer\r").timestamp
    assert (caught.value.code, caught.value.location) == (102, "MSH^1^7")


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("PID-2", "x", "PID|1|x|a^b&c~d"),
        ("PID-3", "x", "PID|1||x~d"),
        ("PID-3.1", "x", "PID|1||x^b&c~d"),
        ("PID-3.2", "x", "PID|1||a^x~d"),
        ("PID-3.2.3", "x", "PID|1||a^b&c&x~d"),
        ("PID-3[2].3", "x", "PID|1||a^b&c~d^^x"),
        ("PID-3[4]", "x", "PID|1||a^b&c~d~~x"),
        ("PID-5.2", "a&b", "PID|1||a^b&c~d||^a\\T\\b"),
    ],
)
def test_assigning_replaces_what_the_path_names_and_nothing_else(path, value, line):
    message = parse(b"MSH|^~\\&|A\rPID|1||a^b&c~d\r")
    message[path] = value
    assert message.encode() == f"MSH|^~\\&|A\r{line}\r".encode()
    assert message[path] == value


def test_assigning_leaves_the_original_bytes_alone(booked):
    message = parse(booked)
    message["PID-5"] = "OTRA"
    assert message.raw == booked
    assert message.encode() != booked


def test_assigning_makes_the_missing_segment_at_the_end():
    message = parse(b"MSH|^~\\&|A\rPID|1")
    message["NTE[1]-3"] = "nota"
    message["NTE[2]-3"] = "otra"
    assert message.encode() == b"MSH|^~\\&|A\rPID|1\rNTE|||nota\rNTE|||otra"
    with pytest.raises(ValueError, match="gap"):
        message["NTE[4]-3"] = "lejos"


@pytest.mark.parametrize("path", ["MSH-1", "MSH-2", "MSH-2.1"])
def test_the_separators_cannot_be_changed_in_place(booked, path):
    message = parse(booked)
    with pytest.raises(ValueError, match="separators"):
        message[path] = "x"


def test_the_separators_cannot_be_deleted(booked):
    with pytest.raises(ValueError, match="separators"):
        del parse(booked)["MSH-2"]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("PID-3", ["PID|1||"]),
        ("PID-3[1]", ["PID|1||d"]),
        ("PID-3[2]", ["PID|1||a^b&c"]),
        ("PID-3[9]", ["PID|1||a^b&c~d"]),
        ("PID-3.1", ["PID|1||^b&c~d"]),
        ("PID-3.9", ["PID|1||a^b&c~d"]),
        ("PID-3.2.2", ["PID|1||a^b&~d"]),
        ("PID-3.2.9", ["PID|1||a^b&c~d"]),
        ("PID-3[2].1.2", ["PID|1||a^b&c~d"]),
        ("PID-30", ["PID|1||a^b&c~d"]),
        ("PID-30[1]", ["PID|1||a^b&c~d"]),
        ("PID", []),
        ("ZZZ", ["PID|1||a^b&c~d"]),
        ("ZZZ-1", ["PID|1||a^b&c~d"]),
    ],
)
def test_deleting_takes_away_what_is_there(path, lines):
    message = parse(b"MSH|^~\\&|A\rPID|1||a^b&c~d\r")
    del message[path]
    assert message.encode().decode().split("\r")[1:-1] == lines


def test_deleting_one_of_several_segments_keeps_the_others():
    message = parse(b"MSH|^~\\&|A\rOBX|1\rOBX|2\rOBX|3\r")
    assert message["OBX[2]-1"] == "2"
    del message["OBX[2]"]
    assert [segment["1"] for segment in message.segments("OBX")] == ["1", "3"]
    assert (message["OBX[2]-1"], message["OBX[3]-1"]) == ("3", "")


def test_msh_cannot_be_deleted(booked):
    with pytest.raises(ValueError, match="MSH"):
        del parse(booked)["MSH"]


def test_segments_come_in_order_and_by_name(booked):
    message = parse(booked)
    assert [segment.name for segment in message.segments()] == [
        "MSH",
        "SCH",
        "TQ1",
        "NTE",
        "PID",
        "PV1",
        "RGS",
        "AIS",
        "AIL",
        "AIP",
    ]
    assert [segment["3.4"] for segment in message.segments("AIL")] == ["00004576"]
    assert message.segments("ZZZ") == []


def test_a_segment_is_added_with_escaped_fields():
    message = parse(b"MSH|^~\\&|A\r")
    added = message.add("PID", {1: "1", "3.1": "99000017", "3[2].4": "A&B", "5.1.2": "x"})
    assert message.encode() == b"MSH|^~\\&|A\rPID|1||99000017~^^^A\\T\\B||&x\r"
    added[8] = "F"
    assert message["PID-8"] == "F"


@pytest.mark.parametrize("name", ["pid", "PI", "PID[2]", "PID-1", "MSH"])
def test_only_a_segment_name_can_be_added(name):
    with pytest.raises(ValueError, match="expected a path"):
        parse(b"MSH|^~\\&|A\r").add(name)


def test_repetitions_are_read_and_assigned_one_by_one(booked):
    segment = parse(booked).segments("PID")[0]
    dni, own = segment.repetitions(3)
    assert (dni[1], dni["9.2"], own["4"]) == ("99000017", "Perú", "ONEVISIONCAX")
    own["5"] = "MR"
    assert segment["3[2].5"] == "MR"
    assert len(segment.repetitions(2)) == 0
    assert not segment.repetitions(2)
    assert segment.repetitions(3)[-1]["1"] == "OV-P-000731"
    assert segment.field(3).endswith("~OV-P-000731^^^ONEVISIONCAX^MR")


def test_a_repetition_sees_what_was_written_since():
    message = parse(b"MSH|^~\\&|A\rPID|1||a^b~c\r")
    first, second = message.segments("PID")[0].repetitions(3)
    message["PID-3[2].2"] = "x"
    first["1"] = "&"
    assert (first["1"], first["2"], second["2"]) == ("&", "b", "x")
    message["PID-3"] = "z"
    del message["PID-3[2]"]
    assert (first["1"], first["2"], second["1"]) == ("z", "", "")


def test_a_whole_field_is_taken_over_as_it_was_sent(booked):
    message, read = parse(b"MSH|^~\\&|A\r"), parse(booked).segments("PID")[0]
    written = message.add("PID")
    written.write_field(3, read.field(3))
    assert written.field(3) == read.field(3)
    assert message["PID-3[2].4"] == "ONEVISIONCAX"
    for number, text in ((3, "a|b"), (3, "a\rb"), (0, "a")):
        with pytest.raises(ValueError, match="expected"):
            written.write_field(number, text)


def test_any_number_of_repetitions_is_read():
    ids = [str(number) for number in range(1500)]
    message = parse(f"MSH|^~\\&|A\rPID|1||{'~'.join(ids)}\r".encode())
    assert [each[1] for each in message.segments("PID")[0].repetitions(3)] == ids


def test_a_segment_is_added_behind_another():
    message = parse(b"MSH|^~\\&|A\rOBX|1\rOBX|2\rNTE|1\r")
    assert message["OBX[2]-1"] == "2"
    message.add("NTE", {1: "uno"}, after="OBX")
    message.add("OBX", {1: "dos"}, after="NTE")
    message.add("ZZZ", after="MSH")
    assert [segment.encode() for segment in message.segments()[1:]] == [
        "ZZZ",
        "OBX|1",
        "NTE|uno",
        "OBX|dos",
        "OBX|2",
        "NTE|1",
    ]
    assert (message["OBX[2]-1"], message["NTE-1"]) == ("dos", "uno")


@pytest.mark.parametrize("after", ["ZZZ", "PID[2]", "PID-1", "pid"])
def test_behind_what_is_not_there_nothing_is_added(after):
    message = parse(b"MSH|^~\\&|A\rPID|1\r")
    with pytest.raises(ValueError, match=r"expected (a|the) path"):
        message.add("NTE", after=after)
    assert message.encode() == b"MSH|^~\\&|A\rPID|1\r"


def test_a_copy_and_its_original_do_not_change_each_other(booked):
    original = parse(booked)
    held = original.segments("PID")[0]
    original["PID-8"] = "M"
    before = original.encode()
    copied = original.copy()
    assert (copied.encode(), copied.raw, copied.repairs) == (before, booked, ())
    copied["PID-5"], copied["NTE-3"] = "OTRA", "otra"
    copied.add("ZZZ", {1: "x"})
    del copied["AIL"]
    assert original.encode() == before
    held[8] = "F"
    assert copied["PID-8"] == "M"
    assert (original["PID-8"], original["ZZZ-1"], original["AIL-3.4"]) == ("F", "", "00004576")


def test_a_copy_ends_as_its_original_does():
    raw = b"MSH|^~\\&|A|||||||||||||||8859/1\nPID|1||\xd1"
    copied = parse(raw).copy()
    assert copied.encode() == raw.replace(b"\n", b"\r")
    assert copied.repairs == ("segments ended in LF",)


def test_a_message_that_was_written_and_encoded_can_be_written_again(booked):
    message = parse(booked)
    for value in ("UNA", "OTRA"):
        message["PID-5"] = value
        assert f"|{value}|".encode() in message.encode()


def test_text_that_needs_a_separator_msh_2_lacks_is_refused_at_its_field():
    for path, value in (("PID-5", "a^b"), ("PID-5.1.2", "x")):
        message = parse(b"MSH|^~|A\rPID|1\r")
        message[path] = value
        assert message[path] == value
        with pytest.raises(Hl7Error) as caught:
            message.encode()
        assert (caught.value.code, caught.value.location) == (102, "PID^1^5")
        assert "MSH-2" in caught.value.text


def test_an_explicit_null_is_not_the_same_as_nothing():
    assert parse(b'MSH|^~\\&|A\rPID|1|""|\r')["PID-2"] == '""'


def test_text_that_the_character_set_lacks_is_refused_at_its_field():
    message = parse(b"MSH|^~\\&|A|||||||||||||||8859/1\rPID|1\r")
    message["PID-5"] = "Ł"
    with pytest.raises(Hl7Error) as caught:
        message.encode()
    assert (caught.value.code, caught.value.location) == (102, "PID^1^5")


@pytest.mark.parametrize(("charset", "codec"), [("8859/1", "latin-1"), ("UNICODE UTF-8", "utf-8")])
def test_a_new_character_set_is_the_one_that_is_sent(booked, charset, codec):
    for raw in (booked, b"MSH|^~\\&|A\rPID|1\r"):
        message = parse(raw)
        message["MSH-18"] = charset
        message["PID-5"] = "ÑAUPARI"
        sent = message.copy().encode()
        assert f"|{charset}".encode() in sent
        assert "|ÑAUPARI".encode(codec) in sent
        assert parse(sent)["PID-5"] == "ÑAUPARI"
        assert parse(sent).repairs == ()


def test_a_character_set_that_is_not_known_cannot_be_put(booked):
    message = parse(booked)
    for charset in ("ISO IR87", "\udcff"):
        with pytest.raises(Hl7Error) as caught:
            message["MSH-18"] = charset
        assert (caught.value.code, caught.value.location) == (102, "MSH^1^18")
    assert message.encode() == booked


def test_without_a_character_set_only_ascii_can_be_sent(booked):
    message = parse(booked)
    del message["MSH-18"]
    with pytest.raises(Hl7Error):
        message.encode()


def test_representations_hold_no_patient_data(booked):
    message = parse(booked)
    assert repr(message) == "<Message SIU^S12 QH-7M3K9XBT4D.R004>"
    assert repr(message.segments("PID")) == "[<Segment PID>]"
