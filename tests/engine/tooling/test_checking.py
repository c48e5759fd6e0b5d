"""The check says everything that is wrong with a deployment before it starts, each with an id and a hint."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ayni.engine.tooling.checking import Finding, check, checked_channels
from ayni.engine.tooling.running import try_channel
from ayni.wire.failure import CannotStart
from ayni.wire.settings import Environment

OURS = Path(__file__).resolve().parents[3] / "channels"

CODE = """
from ayni.engine import Channel, Destination, Handover, Outgoing, Policy
from ayni.engine.connectors.channel_link import FromChannels, ToChannel
from ayni.engine.connectors.fhir import FhirListener, FhirSender
from ayni.engine.connectors.folder import FolderReader, FolderWriter
from ayni.engine.connectors.http import HttpListener, HttpSender
from ayni.engine.connectors.mail import MailSender
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.connectors.sftp import SftpReader, SftpWriter
from ayni.engine.connectors.sql import SqlReader, SqlWriter
from ayni.engine.connectors.timer import Timer
{head}
def transform(message):
    return Outgoing(content=b"x", control_id="1", key="a")

channel = Channel(
    name="{name}", title="De prueba", source={source}, {more}
    destinations=(Destination(partner="{name}_lab", connector={connector}, transform=transform, {policy}),),
)
"""


class Deployed:
    """A folder of channels, checked in an environment."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.var = folder / "channels", folder / "var"
        self.settings = {"AYNI_VAR": str(self.var)}

    def put(
        self,
        name: str = "lab",
        *,
        source: str = "FromChannels()",
        connector: str = 'FolderWriter(path="out")',
        **more: str,
    ) -> Path:
        """Writes a channel with a README and a sample."""
        place = self.folder / name
        (place / "samples").mkdir(parents=True)
        words = {"head": "", "more": "", "policy": ""} | more
        code = CODE.format(name=name, source=source, connector=connector, **words)
        (place / "channel.py").write_text(code, "utf-8")
        (place / "README.md").write_text("what it carries")
        for slot, content in (("in.json", "{}"), ("out.txt", "x")):
            (place / "samples" / f"01.{slot}").write_text(content)
        return place

    def found(self, **settings: str) -> list[tuple[str, str, str]]:
        """(level, id, channel) of each finding."""
        return [(each.level, each.id, each.channel) for each in self.findings(**settings)]

    def findings(self, **settings: str) -> list[Finding]:
        return check(self.folder, Environment(self.settings | settings))


@pytest.fixture
def deployed(tmp_path: Path) -> Deployed:
    return Deployed(tmp_path)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A check opens no socket."""

    def refuse(*_: object) -> None:
        raise AssertionError("no network")

    for name in ("connect", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    return


def test_a_working_channel_and_those_of_this_repository_have_no_finding(deployed: Deployed) -> None:
    deployed.put()
    assert deployed.found() == []
    assert check(OURS, Environment({})) == []


BREAKERS: dict[str, Callable[[Path], object]] = {
    "no-readme": lambda place: (place / "README.md").unlink(),
    "no-samples": lambda place: [each.unlink() for each in (place / "samples").iterdir()],
    "sample-without-pair": lambda place: (place / "samples" / "01.out.txt").unlink(),
}


@pytest.mark.parametrize("finding", BREAKERS)
def test_what_a_folder_lacks_is_a_warning(deployed: Deployed, finding: str) -> None:
    BREAKERS[finding](deployed.put())
    assert deployed.found() == [("warning", finding, "lab")]


@pytest.mark.parametrize(
    ("line", "is_foreign"),
    [
        ("import ayni.qhali", True),
        ("from ayni.engineering import x", True),
        ("import numpy as np", True),
        ("def f():\n    import yaml", True),
        ("from .. import other", True),
        ("import json, re", False),
        ("from ayni.vocabulary.hl7 import parse", False),
        ("import ayni.engine.policy", False),
        ("def f():\n    from . import words", False),
    ],
)
def test_a_channel_imports_the_engine_the_vocabulary_and_the_standard_library(
    deployed: Deployed, line: str, is_foreign: bool
) -> None:
    head = line if line.startswith("def") else f"def f():\n    {line}"
    deployed.put(head=head)
    assert deployed.found() == ([("warning", "foreign-import", "lab")] if is_foreign else [])


@pytest.mark.parametrize(
    ("declared", "hint"),
    [
        ({"source": 'MllpListener(port="${AYNI_LAB_PORT}")'}, "AYNI_LAB_PORT"),
        ({"connector": 'MllpSender(address="${AYNI_LAB_PORT}")'}, "AYNI_LAB_PORT"),
        (
            {"connector": 'HttpSender(url="http://a", headers=(("X-Key", "${AYNI_LAB_PORT}"),))'},
            "AYNI_LAB_PORT",
        ),
    ],
)
def test_a_setting_that_nobody_set_is_named(deployed: Deployed, declared: dict[str, str], hint: str) -> None:
    deployed.put(**declared)
    assert deployed.found() == [("error", "setting-missing", "lab")]
    assert hint in deployed.findings()[0].hint


def test_all_settings_that_nobody_set_are_named(deployed: Deployed) -> None:
    deployed.put(source='MllpListener(port="${ONE}")', connector='MllpSender(address="${TWO}:${THREE}")')
    assert [each.hint.split()[0] for each in deployed.findings()] == ["ONE", "THREE", "TWO"]


SFTP = 'address="a:22", user="u", key_file="${AYNI_VAR}/key", known_hosts="${AYNI_VAR}/hosts", path="in"'


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"source": 'MllpListener(port="soon")'}, "port number"),
        ({"source": 'FhirListener(port="soon", token_file="t")'}, "port number"),
        ({"source": 'HttpListener(port="0", path="/a", token_file="t")'}, "port number"),
        ({"source": 'HttpListener(port="2", path="/a")'}, "anybody could send"),
        ({"source": 'HttpListener(port="2", path="a", token_file="t")'}, "begins with /"),
        ({"source": "Timer()"}, "every_seconds"),
        ({"source": f"SftpReader({SFTP})"}, "private key"),
        (
            {"source": 'SqlReader(url="oracle:x", query="", key="", mark_taken="", mark_refused="")'},
            "oracle",
        ),
        ({"connector": 'MllpSender(address="a")'}, "host:port"),
        ({"connector": 'FhirSender(url="a", token_file="t")'}, "http"),
        ({"connector": 'HttpSender(url="http://a", token_file="${AYNI_VAR}/secret")'}, "${AYNI_VAR}/secret"),
        ({"connector": 'FolderWriter(path="out", name="same")'}, "{control_id}"),
        ({"connector": f"SftpWriter({SFTP})"}, "private key"),
        ({"connector": 'SqlWriter(url="oracle:x", statement="")'}, "oracle"),
        (
            {"connector": 'MailSender(address="a:25", sender="a", recipients=("b@c",), subject="s")'},
            "name@domain",
        ),
    ],
)
def test_a_setting_that_a_connector_cannot_work_with_is_said_in_its_words(
    deployed: Deployed, declared: dict[str, str], said: str
) -> None:
    deployed.put(**declared)
    assert deployed.found() == [("error", "cannot-open", "lab")]
    assert said in deployed.findings()[0].hint


@pytest.mark.parametrize(
    "declared",
    [
        {"source": 'MllpListener(port="2")', "connector": 'MllpSender(address="a:2")'},
        {
            "source": 'FhirListener(port="2", token_file="${AYNI_VAR}/in")',
            "connector": 'FhirSender(url="http://a", token_file="${AYNI_VAR}/out")',
        },
        {
            "source": 'HttpListener(port="2", path="/a", token_file="${AYNI_VAR}/in")',
            "connector": 'HttpSender(url="http://a")',
        },
        {
            "source": 'FolderReader(path="${AYNI_VAR}/in")',
            "connector": 'FolderWriter(path="${AYNI_VAR}/out")',
        },
        {
            "source": 'SqlReader(url="sqlite:${AYNI_VAR}/a", query="", key="", mark_taken="", mark_refused="")',  # noqa: E501
            "connector": 'SqlWriter(url="sqlite:${AYNI_VAR}/a", statement="")',
        },
        {
            "source": "Timer(every_seconds=1)",
            "connector": 'MailSender(address="a:25", sender="a@b", recipients=("b@c",), subject="s")',
        },
    ],
)
def test_a_check_of_settings_leaves_nothing_behind(deployed: Deployed, declared: dict[str, str]) -> None:
    deployed.put(**declared)
    assert deployed.found() == []
    assert not deployed.var.exists()


def test_a_token_that_protects_nothing_is_found_and_left_as_it_is(deployed: Deployed) -> None:
    deployed.put(source='FhirListener(port="2", token_file="${AYNI_VAR}/in")')
    deployed.var.mkdir()
    (deployed.var / "in").write_text("short")
    assert deployed.found() == [("error", "cannot-open", "lab")]
    assert "${AYNI_VAR}/in" in deployed.findings()[0].hint
    assert [each.name for each in deployed.var.iterdir()] == ["in"]


def test_one_port_in_two_settings_and_the_port_of_the_console_are_taken(deployed: Deployed) -> None:
    deployed.put("lab", source='MllpListener(port="2601")')
    deployed.put("pharmacy", source='MllpListener(port="${PHARMACY_PORT}")')
    assert deployed.found(PHARMACY_PORT="2602") == []
    assert deployed.found(PHARMACY_PORT="2601") == [("error", "source-taken", "pharmacy")]
    assert deployed.found(PHARMACY_PORT="8003") == [("error", "source-taken", "pharmacy")]
    assert deployed.found(PHARMACY_PORT="8003", AYNI_ENGINE_PORT="9") == []


@pytest.mark.parametrize(
    "declared",
    [
        {"head": 'def f(answer):\n    return Handover(channel="TARGET", content=answer)'},
        {"head": 'NEXT = "TARGET"\ndef f(answer):\n    return Handover(channel=NEXT, content=answer)'},
        {"connector": 'ToChannel(channel="TARGET")'},
    ],
)
def test_what_goes_on_to_a_channel_needs_one(deployed: Deployed, declared: dict[str, str]) -> None:
    deployed.put("lab", **{name: text.replace("TARGET", "results") for name, text in declared.items()})
    assert deployed.found() == [("error", "unknown-channel", "lab")]
    assert "results" in deployed.findings()[0].hint
    deployed.put("results")
    assert deployed.found() == []


def test_a_handover_that_only_a_sample_names_is_checked_too(deployed: Deployed) -> None:
    place = deployed.put()
    (place / "samples" / "01.response.json").write_text("{}")
    (place / "samples" / "01.handover.results.json").write_text("{}")
    assert deployed.found() == [("error", "unknown-channel", "lab")]


@pytest.mark.parametrize(
    ("policy", "is_said"),
    [
        ("policy=Policy(attempts_max=None),", True),
        ("policy=Policy(attempts_max=None),  # an order is not given up\n", False),
        ("\n  # an order is not given up\n  policy=Policy(attempts_max=None),", False),
        ("policy=Policy(attempts_max=5),", False),
        ("", False),
    ],
)
def test_a_policy_that_never_gives_up_says_why(deployed: Deployed, policy: str, is_said: bool) -> None:
    deployed.put(policy=policy)
    assert deployed.found() == ([("info", "never-gives-up", "lab")] if is_said else [])


SEARCH = """
from ayni.engine import Channel
from ayni.engine.connectors.fhir_query import FhirQueryListener, FhirSearch

channel = Channel(
    name="lab", title="De prueba", destinations=(),
    source=FhirQueryListener(
        port="2", url="http://a", token_file="${AYNI_VAR}/in",
        searches=(FhirSearch(type="Patient", parameters=("identifier",)),),
    ),
)
"""


def test_a_channel_of_searches_has_neither_destination_nor_sample(deployed: Deployed) -> None:
    place = deployed.put()
    (place / "channel.py").write_text(SEARCH, "utf-8")
    for path in (place / "samples").iterdir():
        path.unlink()
    assert deployed.found() == []
    assert try_channel(place).is_as_expected


def test_taking_other_content_under_a_known_control_id_is_noted(deployed: Deployed) -> None:
    deployed.put(more='duplicates="accept-as-new",')
    assert deployed.found() == [("info", "accepts-as-new", "lab")]


def test_all_findings_of_all_channels_are_told_errors_first(deployed: Deployed) -> None:
    (deployed.put("adt", source="2") / "README.md").unlink()
    (deployed.put("lab", connector='MllpSender(address="${LAB}")') / "README.md").unlink()
    (deployed.put("broken", head="1 / 0") / "README.md").unlink()
    assert deployed.found() == [
        ("error", "no-source", "adt"),
        ("warning", "no-readme", "adt"),
        ("error", "does-not-import", "broken"),
        ("warning", "no-readme", "broken"),
        ("error", "setting-missing", "lab"),
        ("warning", "no-readme", "lab"),
    ]


def test_a_folder_that_is_not_there_is_a_finding_too(deployed: Deployed) -> None:
    assert deployed.found() == [("error", "no-channels-folder", "channels")]


def test_an_engine_does_not_start_on_errors_and_says_each_in_a_line(deployed: Deployed) -> None:
    deployed.put("lab", connector='MllpSender(address="${LAB}")')
    deployed.put("pharmacy", connector='MllpSender(address="${LAB}")', source='MllpListener(port="x")')
    deployed.put("adt", source='MllpListener(port="x")')
    with pytest.raises(CannotStart) as caught:
        checked_channels(deployed.folder, Environment(deployed.settings))
    lines = str(caught.value).splitlines()
    assert [line.partition(" · hint: ")[0] for line in lines] == [
        f"cannot-open · {deployed.folder / 'adt'}",
        f"setting-missing · {deployed.folder / 'lab'}",
        f"source-taken · {deployed.folder / 'pharmacy'}",
        f"setting-missing · {deployed.folder / 'pharmacy'}",
    ]


def test_an_engine_starts_with_warnings_and_logs_each_once(deployed: Deployed) -> None:
    (deployed.put(policy="policy=Policy(attempts_max=None),") / "README.md").unlink()
    with capture_logs() as logged:
        assert list(checked_channels(deployed.folder, Environment(deployed.settings))) == ["lab"]
    assert [(each["finding"], each["channel"], each["log_level"]) for each in logged] == [
        ("no-readme", "lab", "warning")
    ]
