"""Loading the channels of a deployment: what cannot be used is named, with what to do about it."""

from pathlib import Path

import pytest

from ayni.engine.errors import ChannelError
from ayni.engine.loading import (
    ChannelsUnusable,
    check_together,
    clashes,
    load_all,
    load_channel,
    load_channels,
)
from ayni.engine.tooling.revision import content_hash

WORKING = """
from ayni.engine import Channel, Destination, Outgoing, application_acknowledgements
from ayni.engine.connectors.fhir import FhirListener, FhirSender
from ayni.engine.connectors.folder import FolderReader
from ayni.engine.connectors.http import HttpListener
from ayni.engine.connectors.mllp import MllpListener
from ayni.engine.connectors.timer import Timer

def transform(message):
    return Outgoing(content=b"x", control_id="1", key="a")

channel = Channel(
    name="{name}", title="De prueba", source={source},
    destinations=({destinations}),
)
"""
SOURCE = 'FhirListener(port="2", token_file="token")'
CONNECTOR = 'FhirSender(url="http://a", token_file="token")'
DESTINATION = f'Destination(partner="qhali", connector={CONNECTOR}, transform=transform),'


def code_of(name: str = "lab", *, source: str = SOURCE, destinations: str = DESTINATION) -> str:
    return WORKING.format(name=name, source=source, destinations=destinations)


def write_channel(folder: Path, code: str = "", *, name: str = "lab") -> Path:
    place = folder / name
    place.mkdir(exist_ok=True)
    (place / "channel.py").write_text(code or code_of(name), "utf-8")
    return place


def finding_of(folder: Path) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        load_channels(folder)
    return caught.value


def test_a_channel_is_its_folder_and_carries_its_revision(tmp_path: Path) -> None:
    place = write_channel(tmp_path)
    (loaded,) = load_channels(tmp_path).values()
    assert (loaded.name, loaded.revision) == ("lab", content_hash(place))


def test_every_channel_is_found_by_name_and_other_folders_are_let_be(tmp_path: Path) -> None:
    for name in ("lab", "pharmacy"):
        write_channel(tmp_path, name=name)
    (tmp_path / "notes").mkdir()
    assert list(load_channels(tmp_path)) == ["lab", "pharmacy"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('MllpListener(port="2")', 'MllpListener(port="2")'),
        ('MllpListener(port="2")', 'MllpListener(port="2", acknowledgement="enhanced")'),
        ('MllpListener(port="2")', SOURCE),
        (SOURCE, 'MllpListener(port="2")'),
        ('HttpListener(port="2", path="/a")', 'HttpListener(port="2", path="/a", format="text")'),
        ('FolderReader(path="in")', 'FolderReader(path="in", order="time")'),
    ],
)
def test_a_place_has_one_channel(tmp_path: Path, one: str, other: str) -> None:
    write_channel(tmp_path, code_of("lab", source=one), name="lab")
    write_channel(tmp_path, code_of("pharmacy", source=other), name="pharmacy")
    error = finding_of(tmp_path)
    assert (error.finding, error.channel) == ("source-taken", "pharmacy")
    assert "lab" in error.hint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SOURCE, SOURCE),
        ('HttpListener(port="2", path="/a")', 'HttpListener(port="2", path="/b")'),
        ('HttpListener(port="2", path="/a")', SOURCE),
        ('FolderReader(path="in", pattern="a*")', 'FolderReader(path="in", pattern="b*")'),
        ("Timer(every_seconds=60)", "Timer(every_seconds=60)"),
    ],
)
def test_what_channels_may_share_they_may(tmp_path: Path, one: str, other: str) -> None:
    write_channel(tmp_path, code_of("lab", source=one), name="lab")
    write_channel(tmp_path, code_of("pharmacy", source=other), name="pharmacy")
    assert list(load_channels(tmp_path)) == ["lab", "pharmacy"]


def test_two_ways_to_write_one_port_are_one_port(tmp_path: Path) -> None:
    for name, port in (("lab", "2"), ("pharmacy", "${TWO}")):
        write_channel(tmp_path, code_of(name, source=f'MllpListener(port="{port}")'), name=name)
    channels = load_channels(tmp_path).values()
    check_together(channels)
    assert [each.finding for each in clashes(channels, lambda text: text.replace("${TWO}", "2"))] == [
        "source-taken"
    ]


def test_a_partner_is_spoken_to_by_one_connector(tmp_path: Path) -> None:
    write_channel(tmp_path, name="lab")
    other = DESTINATION.replace("http://a", "http://b")
    write_channel(tmp_path, code_of("pharmacy", destinations=other), name="pharmacy")
    error = finding_of(tmp_path)
    assert (error.finding, error.channel) == ("other-connector", "pharmacy")
    assert "qhali" in error.hint


HIS = f'application_acknowledgements(partner="his", connector={CONNECTOR}),'
LISTENER = 'MllpListener(port="2"{})'
ENHANCED = ', acknowledgement="enhanced"'


@pytest.mark.parametrize(
    ("mode", "destinations", "finding"),
    [
        ("", DESTINATION + HIS, "nobody-asks"),
        (ENHANCED, DESTINATION + HIS + HIS.replace("his", "lis"), "acknowledges-twice"),
        (ENHANCED, HIS, "no-destination"),
        (ENHANCED, DESTINATION + HIS.replace("his", "qhali"), "partner-twice"),
    ],
)
def test_application_acknowledgements_go_to_one_partner_of_senders_that_ask(
    tmp_path: Path, mode: str, destinations: str, finding: str
) -> None:
    write_channel(tmp_path, code_of(source=LISTENER.format(mode), destinations=destinations))
    assert finding_of(tmp_path).finding == finding
    write_channel(tmp_path, code_of(source=LISTENER.format(ENHANCED), destinations=DESTINATION + HIS))
    assert load_channel(tmp_path / "lab").acknowledging == "his"


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    write_channel(tmp_path, "def", name="broken")
    write_channel(tmp_path, code_of("lab", source="2", destinations=""), name="lab")
    write_channel(tmp_path, name="working")
    found = load_all(tmp_path)
    assert [(each.channel, each.finding) for each in found.errors] == [
        ("broken", "does-not-import"),
        ("lab", "no-source"),
        ("lab", "no-destination"),
    ]
    assert "working" in found.channels
    with pytest.raises(ChannelsUnusable) as caught:
        load_channels(tmp_path)
    assert str(caught.value).splitlines() == [str(each) for each in found.errors]


def test_a_folder_that_is_not_there_says_which_setting_names_it(tmp_path: Path) -> None:
    error = finding_of(tmp_path / "nowhere")
    assert error.finding == "no-channels-folder"
    assert "AYNI_CHANNELS" in error.hint


def test_a_folder_without_channels_says_where_to_put_them(tmp_path: Path) -> None:
    assert finding_of(tmp_path).finding == "no-channels"


TWICE = DESTINATION + DESTINATION


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("route = 1", "not-declared"),
        ("channel = {'name': 'lab'}", "not-declared"),
        (code_of("other"), "other-name"),
        (code_of(destinations=""), "no-destination"),
        (code_of(destinations=TWICE), "partner-twice"),
        (code_of(source='"fhir"'), "no-source"),
        (code_of(source='FolderReader(path="in", format="xml")'), "unknown-format"),
        (code_of(destinations=DESTINATION.replace(CONNECTOR, '"fhir"')), "no-connector"),
        (code_of(destinations=DESTINATION.replace("=transform", "=transform(1)")), "not-a-function"),
    ],
)
def test_what_is_wrong_with_a_channel_has_a_name_and_a_hint(tmp_path: Path, code: str, finding: str) -> None:
    write_channel(tmp_path, code)
    error = finding_of(tmp_path)
    assert (error.finding, error.channel) == (finding, "lab")
    assert str(error) == f"{finding} · channels/lab · hint: {error.hint}"


@pytest.mark.parametrize("name", ["Lab", "9lab", "lab-results", "lab.v2", "l" * 41])
def test_a_name_is_one_that_folder_module_and_address_can_have(tmp_path: Path, name: str) -> None:
    write_channel(tmp_path, name=name)
    assert finding_of(tmp_path).finding == "unusable-name"


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("def", "channel.py, line 1: invalid syntax"),
        ("\nimport nothing_of_that_name", "channel.py, line 2: ModuleNotFoundError nothing_of_that_name"),
        ("from ayni.engine import Nothing", "channel.py, line 1: ImportError ayni.engine"),
        ("lane = 1\nkey = lanes", "channel.py, line 2: NameError lanes"),
        ("a = {'SECRETO': 1}\n\nb = a['99000017']", "channel.py, line 3: KeyError"),
        ("int('PRUEBA')", "channel.py, line 1: ValueError"),
        ("def f():\n    raise OSError('PRUEBA')\nf()", "channel.py, line 2: OSError"),
        ("import sys\nsys.exit(99000017)", "channel.py, line 2: SystemExit"),
    ],
)
def test_an_import_that_fails_tells_its_line_and_no_value(tmp_path: Path, code: str, hint: str) -> None:
    write_channel(tmp_path, code)
    error = finding_of(tmp_path)
    assert (error.finding, error.hint) == ("does-not-import", hint)


def test_a_connector_whose_extra_is_missing_says_what_to_install(tmp_path: Path) -> None:
    code = "from ayni.wire.failure import CannotStart\nraise CannotStart('install ayni[mail]')"
    write_channel(tmp_path, code)
    assert finding_of(tmp_path).hint == "install ayni[mail]"


def test_a_folder_without_channel_py_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(ChannelError) as caught:
        load_channel(tmp_path)
    assert caught.value.finding == "no-channel"


def test_a_channel_may_declare_dataclasses_with_postponed_annotations(tmp_path: Path) -> None:
    head = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Row:\n    code: str\n"
    )
    write_channel(tmp_path, head + code_of())
    assert list(load_channels(tmp_path)) == ["lab"]


def test_a_channel_may_have_more_files_and_each_load_reads_them_anew(tmp_path: Path) -> None:
    place = write_channel(tmp_path, "from .words import TITLE\n" + code_of().replace('"De prueba"', "TITLE"))
    for title in ("ONE", "TWO"):  # of the same length, in the same second
        (place / "words.py").write_text(f'TITLE = "{title}"')
        assert load_channel(place).title == title


def test_what_cannot_be_loaded_leaves_the_modules_of_what_runs(tmp_path: Path) -> None:
    place = write_channel(tmp_path, code_of().replace("    return", "    from .words import RED\n    return"))
    (place / "words.py").write_text("RED = 1")
    running = load_channel(place)
    write_channel(tmp_path, "def")
    with pytest.raises(ChannelError):
        load_channel(place)
    assert running.destinations[0].transform(None) is not None
