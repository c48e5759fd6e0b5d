"""Samples are files a person reviews: what comes in, and beside it what must become of it."""

import re
from pathlib import Path

import pytest

from ayni.engine.loading import load_channel
from ayni.engine.testing import SampleError, run_sample, samples
from ayni.engine.tooling.comparing import compared
from ayni.engine.tooling.outcome import outcome_of
from ayni.engine.tooling.sample import Sample, samples_in

CHANNEL = """
import json
from ayni.engine import Channel, ContentRefused, Destination, Handover, Outgoing
from ayni.engine.connectors.channel_link import FromChannels
from ayni.engine.connectors.folder import FolderWriter

def not_for_us(document):
    return "it is a rehearsal" if document.get("rehearsal") else ""

def to_lab(document):
    if "patient" not in document:
        raise ContentRefused("patient-missing", "Falta el paciente.", place="patient")
    document["for"] = "lab"
    return Outgoing(content=json.dumps(document).encode(), control_id="1", key=document["patient"])

def to_pharmacy(document):
    if "drug" in document:
        ordered = document["drug"] + document.get("for", "")
        return Outgoing(content=ordered.encode(), control_id="1", key="x")
    return None

def hand_over(answer):
    return Handover(channel="results", content=answer) if b"result" in answer else None

lab = Destination(partner="lab", connector=FolderWriter(path="lab"), transform=to_lab, handover=hand_over)
pharmacy = Destination(partner="pharmacy", connector=FolderWriter(path="out"), transform=to_pharmacy)

channel = Channel(
    name="adt", title="De prueba", filter=not_for_us,
    source=FromChannels(), destinations=(DESTINATIONS),
)
"""


class Bench:
    """A channel's folder in which a test puts samples."""

    def __init__(self, folder: Path, *, destinations: str = "lab,", code: str = CHANNEL) -> None:
        self.folder = folder / "adt"
        (self.folder / "samples").mkdir(parents=True)
        code = code.replace("DESTINATIONS", destinations)
        (self.folder / "channel.py").write_text(code, "utf-8")
        self.channel = load_channel(self.folder)

    def put(self, **files: str) -> Sample:
        """Writes the files of sample 01, named with _ for a dot; the sample."""
        for slot, content in files.items():
            name = f"01.{slot.replace('_', '.')}"
            (self.folder / "samples" / name).write_bytes(content.encode())
        (found,) = samples_in(self.folder / "samples")
        return found

    def differing(self, **files: str) -> list[str]:
        """The files that are not as expected."""
        sample = self.put(**files)
        return [each.file for each in compared(sample, outcome_of(self.channel, sample))]


GIVEN = '{"patient": "99000017"}'
OUT = '{\n "for": "lab",\n "patient": "99000017"\n}\n'


def test_what_goes_out_is_what_stands_beside_it(tmp_path: Path) -> None:
    assert Bench(tmp_path).differing(in_json=GIVEN, out_json=OUT) == []


@pytest.mark.parametrize(
    ("files", "differing"),
    [
        ({"out_json": '{"for": "lab"}'}, ["01.out.json"]),
        ({"error_txt": "patient-missing patient\n"}, ["01.error.txt", "01.out"]),
        ({"out_json": OUT, "out_txt": OUT}, ["01.out.txt"]),
        ({"out_json": OUT, "handover_results_json": "{}"}, ["01.handover.results.json"]),
    ],
)
def test_what_is_not_as_expected_is_named_by_its_file(
    tmp_path: Path, files: dict[str, str], differing: list[str]
) -> None:
    assert Bench(tmp_path).differing(in_json=GIVEN, **files) == differing


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ("{}", {"error_txt": "patient-missing patient\n"}),
        ("{", {"error_txt": "not-json\n"}),
        ('{"rehearsal": true}', {"filtered_txt": "it is a rehearsal\n"}),
    ],
)
def test_a_refusal_and_a_filter_reason_are_expected_in_files_of_their_own(
    tmp_path: Path, given: str, files: dict[str, str]
) -> None:
    bench = Bench(tmp_path)
    assert bench.differing(in_json=given, **files) == []
    (name,) = files
    assert bench.differing(in_json=given, **{name: "something else\n"}) == [f"01.{name.replace('_', '.')}"]


def test_each_of_several_destinations_has_its_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path, destinations="lab, pharmacy")
    given = '{"patient": "1", "drug": "x"}'
    out = '{"patient": "1", "drug": "x", "for": "lab"}'  # lab changed its own copy
    assert bench.differing(in_json=given, lab_out_json=out, pharmacy_out_txt="x") == []
    assert bench.differing(in_json=GIVEN, lab_out_json=OUT) == ["01.pharmacy.out.txt"]


def test_a_message_for_nobody_has_an_empty_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path, destinations="pharmacy,")
    assert bench.differing(in_json=GIVEN, out_txt="") == []
    assert bench.differing(in_json='{"drug": "x"}', out_txt="") == ["01.out.txt"]


def test_what_a_destination_answers_is_handed_over_or_ends_there(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert bench.differing(response_json='{"result": 1}') == ["01.handover.results"]
    assert bench.differing(handover_results_json='{"result": 1}') == []
    assert bench.differing(response_json="{}") == ["01.handover.results.json"]


def test_of_several_destinations_each_answer_has_its_partner(tmp_path: Path) -> None:
    bench = Bench(tmp_path, destinations="lab, pharmacy")
    answer = '{"result": 1}'
    assert bench.differing(lab_response_json=answer, lab_handover_results_json=answer) == []
    assert bench.differing(pharmacy_response_json=answer) == []


HL7 = "MSH|^~\\&|A|B|C|D|20261123093000-0500||ADT^A08^ADT_A01|1|T|2.5.1\rPID|1||99000017\r"
HL7_CHANNEL = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.folder import FolderWriter
from ayni.engine.connectors.mllp import MllpListener

def relay(message):
    return Outgoing(content=message.encode(), control_id=message.control_id, key="x")

channel = Channel(
    name="adt", title="De prueba", source=MllpListener(port="2"),
    destinations=(Destination(partner="lab", connector=FolderWriter(path="lab"), transform=relay),),
)
"""


def test_hl7_that_an_editor_saved_means_segments_that_end_in_cr(tmp_path: Path) -> None:
    bench = Bench(tmp_path, code=HL7_CHANNEL)
    lines = HL7.replace("\r", "\n")
    assert bench.differing(in_hl7=HL7, out_hl7=lines) == []
    assert bench.differing(in_hl7=lines, out_hl7=HL7) == []
    assert outcome_of(bench.channel, bench.put())["out"] == HL7.encode()


ANSWER = "MSH|^~\\&|C|D|A|B|20260101000000-0500||ACK^A08^ACK|1|T|2.5.1|||||PER||es^Spanish^ISO639\rMSA|{}|1\r"


def test_what_the_sender_hears_is_compared_where_it_is_expected(tmp_path: Path) -> None:
    bench = Bench(tmp_path, code=HL7_CHANNEL)
    assert bench.differing(in_hl7=HL7, out_hl7=HL7, answer_hl7=ANSWER.format("AA")) == []
    assert bench.differing(answer_hl7=ANSWER.format("AE")) == ["01.answer.hl7"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("document['nothing']", r"01: channel.py, line \d+ \(to_lab\): KeyError: 'nothing'"),
        ("Outgoing(content=b'', control_id='', key='x')", "01: ValueError: what goes to lab needs"),
        ("Outgoing(content=b'', control_id='1', key='')", "01: ValueError: what goes to lab needs"),
        ("Outgoing(content=b'', control_id='1', key=())", "01: ValueError: what goes to lab needs"),
    ],
)
def test_a_function_that_breaks_is_told_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    code = CHANNEL.replace('document["for"] = "lab"', f"return {content}")
    bench = Bench(tmp_path, code=code)
    with pytest.raises(SampleError, match=said):
        outcome_of(bench.channel, bench.put(in_json=GIVEN, out_json=OUT))


def test_a_handover_that_breaks_is_told_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path, code=CHANNEL.replace('b"result" in answer', "answer.nothing"))
    with pytest.raises(SampleError, match=r"\(hand_over\): AttributeError"):
        outcome_of(bench.channel, bench.put(response_json="{}"))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no sample"),
        ({"in_json": GIVEN}, "01: nothing stands beside it"),
        ({"in_json": GIVEN, "response_json": "{}"}, "01: nothing stands beside it"),
        ({"out_json": OUT}, "01: nothing is given"),
    ],
)
def test_a_sample_without_its_pair_is_named(tmp_path: Path, files: dict[str, str], said: str) -> None:
    bench = Bench(tmp_path)
    if files:
        bench.put(**files)
    with pytest.raises(SampleError, match=said):
        samples(bench.folder / "samples")


def test_a_channels_own_test_shows_every_difference(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.put(in_json=GIVEN, out_json=OUT.replace("lab", "pharmacy").replace("17", "18"))
    (sample,) = samples(bench.folder / "samples")
    with pytest.raises(SampleError) as caught:
        run_sample(bench.channel, sample)
    assert re.findall(r"^  (\w+)", str(caught.value), re.MULTILINE) == ["for", "patient"]


def test_what_lies_beside_the_samples_is_no_sample(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (bench.folder / "samples" / "README.md").write_text("what the samples are about")
    (bench.folder / "samples" / ".01.in.json.swp").write_text("an editor")
    assert samples_in(bench.folder / "samples") == []
