"""A document whose text comes line by line: one text in FHIR with its code, its lines on the way back."""

import base64
from typing import Any

import pytest

from ayni.vocabulary.fhir import FhirError, Resource, bundle
from ayni.vocabulary.hl7 import Message, parse
from ayni.vocabulary.maps import bundle_from, message_from

HEAD = (
    "MSH|^~\\&|A|B|C|D|20261124091500-0500||MDM^T02^MDM_T02|1|T|2.5.1\r"
    "PID|1||1^^^X^MR||PRUEBA\rTXA|1|CN|TX||||||||||DOC-31^A|||||AU||AV\r"
)
REPORT = "11488-4^Informe de consulta^LN"
HISTORY = "10164-2^Historia^LN"
PDF = "^application^pdf^Base64^JVBERi0xLjQK"

Part = tuple[str, str, str]  # OBX-2, OBX-3, OBX-5


def document(*parts: Part) -> Message:
    obx = (f"OBX|{n}|{kind}|{code}||{value}||||||F\r" for n, (kind, code, value) in enumerate(parts, 1))
    return parse((HEAD + "".join(obx)).encode())


def reference(message: Message) -> Resource:
    return bundle.only(bundle_from(message).bundle, "DocumentReference")


def text_of(content: dict[str, Any]) -> str:
    return base64.b64decode(content["attachment"]["data"]).decode()


def code_of(content: dict[str, Any]) -> str:
    part, _ = content["extension"]
    return str(part["valueCodeableConcept"]["coding"][0]["code"])


def told(message: Message) -> list[Part]:
    return [(obx[2], obx.field(3), obx.field(5)) for obx in message.segments("OBX")]


@pytest.mark.parametrize("kind", ["TX", "FT", "ST"])
def test_four_hundred_lines_are_one_text_and_four_hundred_lines_again(kind: str) -> None:
    lines = [f"Renglón {number}: tos & fiebre" for number in range(400)]
    before = document(*((kind, REPORT, line.replace("&", "\\T\\")) for line in lines))
    (content,) = reference(before)["content"]
    assert text_of(content) == "\n".join(lines)
    assert content["attachment"]["contentType"] == "text/plain"
    after = message_from(bundle_from(before).bundle)
    assert [obx[5] for obx in after.segments("OBX")] == lines
    assert {(obx[2], obx.field(3), obx[11]) for obx in after.segments("OBX")} == {("TX", REPORT, "F")}


def test_the_code_of_a_document_stands_beside_its_kind() -> None:
    codings = reference(document(("TX", REPORT, "a"), ("TX", REPORT, "b")))["type"]["coding"]
    assert [(each["system"], each["code"]) for each in codings] == [
        ("http://terminology.hl7.org/CodeSystem/v2-0270", "CN"),
        ("http://loinc.org", "11488-4"),
    ]


def test_equal_and_blank_lines_are_lines() -> None:
    before = document(*(("TX", REPORT, line) for line in ("a", "a", "", "a")))
    assert text_of(reference(before)["content"][0]) == "a\na\n\na"
    assert told(message_from(bundle_from(before).bundle)) == told(before)


def test_the_repetitions_of_one_obx_are_lines_too() -> None:
    assert text_of(reference(document(("TX", REPORT, "a~b"), ("TX", REPORT, "c")))["content"][0]) == "a\nb\nc"


def test_blank_lines_alone_are_no_text() -> None:
    (content,) = reference(document(("TX", REPORT, "")))["content"]
    assert "data" not in content["attachment"]


def test_parts_with_codes_of_their_own_stay_apart() -> None:
    parts = (
        ("ED", "PDF^Informe^99LAB", PDF),
        ("TX", REPORT, "a"),
        ("TX", HISTORY, "b"),
        ("RP", "IMG^Imagen^99LAB", "https://a.example/1"),
        ("TX", REPORT, "c"),
    )
    contents = reference(document(*parts))["content"]
    assert [code_of(each) for each in contents] == ["PDF", "11488-4", "10164-2", "IMG"]
    assert [text_of(contents[1]), text_of(contents[2])] == ["a\nc", "b"]
    after = message_from(bundle_from(document(*parts)).bundle)
    assert told(after) == [parts[0], parts[1], parts[4], parts[2], parts[3]]


def test_a_document_with_more_lines_than_a_message_may_have_is_refused_and_never_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ayni.vocabulary.maps.to_v2.message.SEGMENTS_OF_ONE_MAX", 3)
    message = bundle_from(document(("TX", REPORT, "a"))).bundle
    content = bundle.only(message, "DocumentReference")["content"][0]
    content["attachment"]["data"] = base64.b64encode(b"a\nb\nc").decode()
    assert len(message_from(message).segments("OBX")) == 3
    content["attachment"]["data"] = base64.b64encode(b"a\nb\nc\nd").decode()
    with pytest.raises(FhirError) as refused:
        message_from(message)
    assert (refused.value.issue, refused.value.expression) == ("too-costly", "DocumentReference")
