"""Loading the channels of a deployment: what cannot be used is named, with what to do about it."""

from pathlib import Path

import pytest

from ayni.engine.errors import ChannelError
from ayni.engine.loading import load_channel, load_channels, revision_of

WORKING = """
from ayni.engine import Channel, Destination, Outgoing

def transform(message):
    return Outgoing(content=b"x", control_id="1", key="a")

channel = Channel(
    name="{name}", title="De prueba", source="fhir",
    destinations=({destinations}),
)
"""
DESTINATION = 'Destination(partner="qhali", protocol="fhir", transform=transform),'


def write_channel(folder: Path, code: str = "", *, name: str = "lab") -> Path:
    place = folder / name
    place.mkdir(exist_ok=True)
    code = code or WORKING.format(name=name, destinations=DESTINATION)
    (place / "channel.py").write_text(code, "utf-8")
    return place


def finding_of(folder: Path) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        load_channels(folder)
    return caught.value


def test_a_channel_is_its_folder_and_carries_its_revision(tmp_path: Path) -> None:
    place = write_channel(tmp_path)
    (loaded,) = load_channels(tmp_path).values()
    assert (loaded.name, loaded.revision) == ("lab", revision_of(place))


def test_every_channel_is_found_by_name_and_other_folders_are_let_be(tmp_path: Path) -> None:
    for name in ("lab", "pharmacy"):
        write_channel(tmp_path, name=name)
    (tmp_path / "notes").mkdir()
    assert list(load_channels(tmp_path)) == ["lab", "pharmacy"]


def test_two_channels_cannot_listen_on_the_one_mllp_port(tmp_path: Path) -> None:
    for name in ("lab", "pharmacy"):
        code = WORKING.format(name=name, destinations=DESTINATION)
        write_channel(tmp_path, code.replace('source="fhir"', 'source="mllp"'), name=name)
    error = finding_of(tmp_path)
    assert (error.finding, error.channel) == ("second-mllp-source", "pharmacy")
    assert "lab" in error.hint


def test_a_partner_is_spoken_to_in_one_protocol(tmp_path: Path) -> None:
    write_channel(tmp_path, name="lab")
    other = DESTINATION.replace('protocol="fhir"', 'protocol="mllp"')
    write_channel(tmp_path, WORKING.format(name="pharmacy", destinations=other), name="pharmacy")
    error = finding_of(tmp_path)
    assert (error.finding, error.channel, error.hint) == (
        "other-protocol",
        "pharmacy",
        "qhali is spoken to in fhir",
    )


def test_a_folder_that_is_not_there_says_which_setting_names_it(tmp_path: Path) -> None:
    error = finding_of(tmp_path / "nowhere")
    assert error.finding == "no-channels-folder"
    assert "AYNI_CHANNELS" in error.hint


def test_a_folder_without_channels_says_where_to_put_them(tmp_path: Path) -> None:
    assert finding_of(tmp_path).finding == "no-channels"


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("def", "does-not-import (SyntaxError)"),
        ("import nothing_of_that_name", "does-not-import (ModuleNotFoundError)"),
        ("channel = 1 / 0", "does-not-import (ZeroDivisionError)"),
        ("route = 1", "not-declared"),
        ("channel = {'name': 'lab'}", "not-declared"),
        (WORKING.format(name="other", destinations=DESTINATION), "other-name"),
        (WORKING.format(name="lab", destinations=""), "no-destination"),
    ],
)
def test_what_is_wrong_with_a_channel_has_a_name_and_a_hint(tmp_path: Path, code: str, finding: str) -> None:
    write_channel(tmp_path, code)
    error = finding_of(tmp_path)
    assert (error.finding, error.channel) == (finding, "lab")
    assert str(error) == f"{finding} · channels/lab · hint: {error.hint}"


def test_a_folder_without_channel_py_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(ChannelError) as caught:
        load_channel(tmp_path)
    assert caught.value.finding == "does-not-import (FileNotFoundError)"


def test_the_revision_changes_with_the_code_and_with_nothing_else(tmp_path: Path) -> None:
    place = write_channel(tmp_path)
    before = revision_of(place)
    (place / "test_channel.py").write_text("assert True")
    (place / "README.md").write_text("what it carries")
    assert revision_of(place) == before
    write_channel(tmp_path, "channel = None")
    assert revision_of(place) != before


def test_the_same_code_has_the_same_revision_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        write_channel(tmp_path / name)
    assert revision_of(tmp_path / "here" / "lab") == revision_of(tmp_path / "there" / "lab")


def test_a_second_python_file_counts_and_so_does_its_name(tmp_path: Path) -> None:
    place = write_channel(tmp_path)
    alone = revision_of(place)
    (place / "words.py").write_text("RED = 1")
    with_words = revision_of(place)
    (place / "words.py").rename(place / "names.py")
    assert len({alone, with_words, revision_of(place)}) == 3


def test_a_channel_may_declare_dataclasses_with_postponed_annotations(tmp_path: Path) -> None:
    head = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Row:\n    code: str\n"
    )
    write_channel(tmp_path, head + WORKING.format(name="lab", destinations=DESTINATION))
    assert list(load_channels(tmp_path)) == ["lab"]
