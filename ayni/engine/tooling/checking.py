"""Checking a deployment's channels before anything starts: every finding has an id and a hint."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import structlog

from ayni.engine.channel import Channel
from ayni.engine.connectors.channel_link import ToChannel
from ayni.engine.errors import ChannelError
from ayni.engine.loading import Claims, Loaded, load_all, raise_all, takes_messages
from ayni.engine.tooling.channel_code import ChannelCode
from ayni.engine.tooling.dry_opening import filled, missing_settings, wrong_settings
from ayni.engine.tooling.running import SAMPLES
from ayni.engine.tooling.sample import HANDOVER, kind_of, samples_in
from ayni.wire.settings import Environment

log = structlog.get_logger()

Level = Literal["error", "warning", "info"]

LEVELS: tuple[Level, ...] = ("error", "warning", "info")
CONSOLE = "the engine's console"
NO_CHANNELS = ("no-channels-folder", "no-channels")
"""Findings about the folder of channels itself."""
NO_CONNECTORS = ("no-source", "no-connector")
IMPORTS = "a channel imports the standard library, ayni.engine and ayni.vocabulary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about the channel at a path. The engine does not start on an error, and logs a warning."""

    level: Level
    id: str
    channel: str
    hint: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.level:<7}  {self.id} · {self.path} · hint: {self.hint}"


def checked_channels(folder: Path, environment: Environment) -> dict[str, Channel]:
    """The channels a deployment starts with; raises CannotStart with a line for each error, logs warnings."""
    loaded, findings = _examined(folder, environment)
    errors = [each for each in findings if each.level == "error"]
    raise_all([ChannelError(each.id, each.channel, each.hint, path=each.path) for each in errors])
    for each in findings:
        if each.level == "warning":
            log.warning("channel finding", finding=each.id, channel=each.channel, hint=each.hint)
    return loaded.channels


def check(folder: Path, environment: Environment) -> list[Finding]:
    """All findings about the channels of a folder, channel by channel.

    Of a channel's own folder, those about it: it is examined among the channels beside it.
    """
    if not (folder / "channel.py").is_file():
        return _examined(folder, environment)[1]
    own = folder.resolve()
    found = _examined(own.parent, environment)[1]
    return [replace(each, path=str(folder)) for each in found if each.channel == own.name]


def _examined(folder: Path, environment: Environment) -> tuple[Loaded, list[Finding]]:
    taken: Claims = {(environment.text("AYNI_ENGINE_PORT"),): CONSOLE}
    loaded = load_all(folder, expand=partial(filled, environment), taken=taken)
    found = [_finding("error", each.finding, each.channel, each.hint) for each in loaded.errors]
    folders = {path.parent.name: _Folder(path.parent) for path in sorted(folder.glob("*/channel.py"))}
    for name, place in folders.items():
        found += _about_folder(place, loaded.channels.get(name))
    unopenable = {each.channel for each in loaded.errors if each.finding in NO_CONNECTORS}
    for name, channel in loaded.channels.items():
        if name not in unopenable:
            found += _about_settings(channel, environment)
        found += _about_targets(channel, folders[name], folders)
        found += _about_choices(channel, folders[name])
    placed = [replace(each, path=str(_path(folder, each))) for each in found]
    return loaded, sorted(placed, key=lambda each: (each.channel, LEVELS.index(each.level)))


def _path(folder: Path, finding: Finding) -> Path:
    return folder if finding.id in NO_CHANNELS else folder / finding.channel


class _Folder:
    """What lies in a channel's folder, whether or not it can be loaded."""

    def __init__(self, path: Path) -> None:
        self.path, self.code, self.samples = path, ChannelCode(path), samples_in(path / SAMPLES)

    def targets(self) -> set[str]:
        """The channels that its answers go on to, as its code and its samples name them."""
        slots = [slot for sample in self.samples for slot in sample.expected if kind_of(slot) == HANDOVER]
        named = {slot.partition(f"{HANDOVER}.")[2] for slot in slots} - {""}
        return named | self.code.handover_targets()


def _about_folder(folder: _Folder, channel: Channel | None) -> Iterator[Finding]:
    name = folder.path.name
    if not (folder.path / "README.md").is_file():
        yield _finding("warning", "no-readme", name, "write README.md: from, to, answer, order, fields")
    if not folder.samples and (channel is None or takes_messages(channel)):
        yield _finding("warning", "no-samples", name, "put a pair into samples: 01-name.in.json and .out.hl7")
    for sample in folder.samples:
        if sample.mistake:
            yield _finding("warning", "sample-without-pair", name, sample.mistake)
    for module in folder.code.strangers():
        yield _finding("warning", "foreign-import", name, f"{module}: {IMPORTS}")


def _about_settings(channel: Channel, environment: Environment) -> Iterator[Finding]:
    missing = missing_settings(channel, environment)
    if missing:
        yield from (_finding("error", "setting-missing", channel.name, each) for each in missing)
        return
    for said in wrong_settings(channel, environment):
        yield _finding("error", "cannot-open", channel.name, said)


def _about_targets(channel: Channel, folder: _Folder, known: Iterable[str]) -> Iterator[Finding]:
    links = [each.connector for each in channel.destinations if isinstance(each.connector, ToChannel)]
    for target in sorted(folder.targets() | {link.channel for link in links}):
        if target not in known:
            hint = f"there is no channel {target}: deploy it too, or name another"
            yield _finding("error", "unknown-channel", channel.name, hint)


def _about_choices(channel: Channel, folder: _Folder) -> Iterator[Finding]:
    endless = [each.partner for each in channel.destinations if each.policy.attempts_max is None]
    if endless and folder.code.endless_without_reason():
        hint = f"deliveries to {', '.join(endless)} are tried for ever: say why beside attempts_max"
        yield _finding("info", "never-gives-up", channel.name, hint)
    if channel.duplicates == "accept-as-new":
        hint = "a control id with other content becomes a second message, logged as such"
        yield _finding("info", "accepts-as-new", channel.name, hint)


def _finding(level: Level, name: str, channel: str, hint: str) -> Finding:
    return Finding(level=level, id=name, channel=channel, hint=hint)
