"""Loading the channels of a deployment from their folders, and checking them before anything starts."""

import hashlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ayni.engine.channel import Channel, Protocol
from ayni.engine.errors import ChannelError

REVISION_LENGTH = 12
"""Hexadecimal characters shown of a channel's content hash: enough to tell revisions apart by eye."""


def load_channels(folder: Path) -> dict[str, Channel]:
    """The channels by name; raises ChannelError with a hint for the first that cannot be used."""
    if not folder.is_dir():
        raise ChannelError("no-channels-folder", folder.name, "set AYNI_CHANNELS to the folder of channels")
    channels = {path.parent.name: load_channel(path.parent) for path in sorted(folder.glob("*/channel.py"))}
    if not channels:
        raise ChannelError("no-channels", folder.name, "put each channel in channels/<name>/channel.py")
    _check_together(channels.values())
    return channels


def _check_together(channels: Iterable[Channel]) -> None:
    """One engine has one MLLP listener, and one link to each partner."""
    listening, protocols = "", dict[str, Protocol]()
    for channel in channels:
        if channel.source == "mllp" and listening:
            raise ChannelError("second-mllp-source", channel.name, f"the one MLLP listener is {listening}'s")
        listening = channel.name if channel.source == "mllp" else listening
        for each in channel.destinations:
            if (spoken := protocols.setdefault(each.partner, each.protocol)) != each.protocol:
                raise ChannelError("other-protocol", channel.name, f"{each.partner} is spoken to in {spoken}")


def load_channel(folder: Path) -> Channel:
    """The `channel` declared in one folder's channel.py, with its revision."""
    spec = importlib.util.spec_from_file_location(f"channels.{folder.name}", folder / "channel.py")
    if spec is None or spec.loader is None:
        raise ChannelError("unreadable", folder.name, "channel.py must be a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their own module up by name
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ChannelError(f"does-not-import ({type(error).__name__})", folder.name, str(error)) from error
    declared = getattr(module, "channel", None)
    if not isinstance(declared, Channel):
        raise ChannelError("not-declared", folder.name, "channel.py must define channel = Channel(...)")
    if declared.name != folder.name:
        raise ChannelError("other-name", folder.name, f"the folder and the name {declared.name!r} must agree")
    if not declared.destinations:
        raise ChannelError("no-destination", folder.name, "name at least one Destination")
    return replace(declared, revision=revision_of(folder))


def revision_of(folder: Path) -> str:
    """A short content hash of the channel's Python files: the same code has the same revision."""
    digest = hashlib.sha256()
    for path in _sources(folder):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:REVISION_LENGTH]


def _sources(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*.py")) if not path.name.startswith("test_"))
