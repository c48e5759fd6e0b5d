"""Loading the channels of a deployment from their folders, and checking that they can stand together."""

import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType

from ayni.engine.channel import Channel, Destination
from ayni.engine.connectors.contract import DestinationDeclaration
from ayni.engine.errors import ChannelError
from ayni.engine.formats import ENHANCED, FORMATS
from ayni.engine.tooling.revision import Committed, committed
from ayni.wire.failure import CannotStart

PACKAGE = "channel_folders"
"""Where the modules of channels stand among all modules: no import finds them by accident."""
USABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""A channel's name is a folder, a module, a word in addresses and a field of every log line."""
NAME_HINT = "write at most 40 small letters, digits and _, a letter first"
PLACE = ("address", "url", "path", "pattern", "query")
"""The fields of a source's declaration that say where its messages are."""

Claim = tuple[str, ...]
Claims = Mapping[Claim, str]
"""What sources have for themselves, and whose each is."""
NO_CLAIMS: Claims = MappingProxyType({})


class ChannelsUnusable(CannotStart):
    """Several things keep channels from being used; a line for each."""

    def __init__(self, errors: Sequence[ChannelError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder of channels holds: the channels by name, and all that keeps others from being used."""

    channels: dict[str, Channel]
    errors: tuple[ChannelError, ...]


def load_channels(folder: Path) -> dict[str, Channel]:
    """The channels by name; raises ChannelError, or ChannelsUnusable when more than one thing is wrong."""
    found = load_all(folder)
    raise_all(found.errors)
    return found.channels


def load_all(folder: Path, *, expand: Callable[[str], str] = str, taken: Claims = NO_CLAIMS) -> Loaded:
    """Loads what can be loaded, and says of the rest what is wrong with it (see `clashes`)."""
    if not folder.is_dir():
        hint = "set AYNI_CHANNELS to the folder of channels"
        return Loaded({}, (ChannelError("no-channels-folder", folder.name, hint),))
    places = [path.parent for path in sorted(folder.glob("*/channel.py"))]
    if not places:
        hint = "put each channel in channels/<name>/channel.py"
        return Loaded({}, (ChannelError("no-channels", folder.name, hint),))
    known, channels, errors = committed(folder), dict[str, Channel](), list[ChannelError]()
    for place in places:
        try:
            channels[place.name] = channel = _declared_in(place, known)
            errors += mistakes_in(channel)
        except ChannelError as error:
            errors.append(error)
    return Loaded(channels, (*errors, *clashes(channels.values(), expand, taken)))


def load_channel(folder: Path) -> Channel:
    """The channel declared in one folder's channel.py, with its revision; raises like `load_channels`."""
    channel = _declared_in(folder, committed(folder.parent, folder.name))
    raise_all(tuple(mistakes_in(channel)))
    return channel


def raise_all(errors: Sequence[ChannelError]) -> None:
    """Raises what is wrong, if anything is."""
    if errors:
        raise errors[0] if len(errors) == 1 else ChannelsUnusable(errors)


def check_together(channels: Iterable[Channel]) -> None:
    """Raises when channels are in each other's way (see `clashes`)."""
    raise_all(tuple(clashes(channels)))


def clashes(
    channels: Iterable[Channel], expand: Callable[[str], str] = str, taken: Claims = NO_CLAIMS
) -> Iterator[ChannelError]:
    """One place has one source, and one partner one connector: its lanes are shared by every channel.

    `expand` fills in settings, so that two ways to write one port are seen to be one. `taken` are the claims
    of others, with their names.
    """
    claims, connectors = dict(taken), dict[str, DestinationDeclaration]()
    for channel in channels:
        claim = claim_of(channel, expand)
        if (other := _claimed(claims, claim)) is not None:
            yield ChannelError("source-taken", channel.name, f"{other} has this source: take another")
        claims.setdefault(claim, channel.name)
        for each in channel.destinations:
            if connectors.setdefault(each.partner, each.connector) != each.connector:
                hint = f"declare {each.partner} as the other channel does, or name another partner"
                yield ChannelError("other-connector", channel.name, hint)


def claim_of(channel: Channel, expand: Callable[[str], str]) -> Claim:
    """What this channel's source has for itself, () when nothing: a port, a path on one, a folder, a query.

    Who has a whole port excludes everybody who has a path on it.
    """
    source, is_shared = channel.source, getattr(channel.source, "is_shared", False)
    if isinstance(port := getattr(source, "port", None), str):
        path = f"/channels/{channel.name}" if is_shared else getattr(source, "path", "")
        return tuple(filter(None, (expand(port), expand(path))))
    named = [(name, getattr(source, name, None)) for name in PLACE]
    where = [f"{name}={expand(text)}" for name, text in named if isinstance(text, str)]
    return () if is_shared else (type(source).__name__, *(where or [repr(source)]))


def _claimed(claims: Claims, claim: Claim) -> str | None:
    """Whose claim this one is in the way of."""
    pairs = ((name, min(len(claim), len(other)), other) for other, name in claims.items())
    return next((name for name, length, other in pairs if length and other[:length] == claim[:length]), None)


def takes_messages(channel: Channel) -> bool:
    """Whether anything goes through it: a search that is passed on is no message and has no destination."""
    return bool(getattr(channel.source, "takes_messages", True))


def mistakes_in(channel: Channel) -> Iterator[ChannelError]:
    """All that is wrong with a declaration by itself."""
    source, name = channel.source, channel.name
    if not USABLE_NAME.fullmatch(name):
        yield ChannelError("unusable-name", name, NAME_HINT)
    if not callable(getattr(source, "open", None)):
        yield ChannelError("no-source", name, "source must be a connector such as MllpListener(...)")
    elif getattr(source, "format", None) not in FORMATS:
        yield ChannelError("unknown-format", name, f"a source's format is one of {', '.join(FORMATS)}")
    if not channel.receivers and takes_messages(channel):
        yield ChannelError("no-destination", name, "name at least one Destination")
    yield from _mistakes_in_acknowledging(channel)
    partners = [each.partner for each in channel.destinations]
    for partner in sorted({each for each in partners if partners.count(each) > 1}):
        yield ChannelError("partner-twice", name, f"send {partner} one message: one Destination each")
    for each in channel.destinations:
        yield from _mistakes_towards(each, name)


def _mistakes_in_acknowledging(channel: Channel) -> Iterator[ChannelError]:
    asked = [each for each in channel.destinations if each.acknowledges]
    if asked and getattr(channel.source, "format", "") != ENHANCED:
        hint = 'only enhanced mode asks for it: declare the source with acknowledgement="enhanced"'
        yield ChannelError("nobody-asks", channel.name, hint)
    if len(asked) > 1:
        yield ChannelError("acknowledges-twice", channel.name, "name one partner that senders listen at")


def _mistakes_towards(destination: Destination, name: str) -> Iterator[ChannelError]:
    if not callable(getattr(destination.connector, "open", None)):
        hint = f"the connector of {destination.partner} must be one such as MllpSender(...)"
        yield ChannelError("no-connector", name, hint)
    if not (callable(destination.transform) and callable(destination.handover)):
        hint = f"transform and handover of {destination.partner} are functions: write their names only"
        yield ChannelError("not-a-function", name, hint)


def _declared_in(folder: Path, known: Committed) -> Channel:
    if not (folder / "channel.py").is_file():
        hint = "write its channel.py, or make one: ayni engine new-channel NAME"
        raise ChannelError("no-channel", folder.name, hint)
    declared = getattr(_module_of(folder), "channel", None)
    if not isinstance(declared, Channel):
        raise ChannelError("not-declared", folder.name, "channel.py must define channel = Channel(...)")
    if declared.name != folder.name:
        raise ChannelError("other-name", folder.name, f"the folder and the name {declared.name!r} must agree")
    return replace(declared, revision=known.revision_of(folder))


def _module_of(folder: Path) -> ModuleType:
    """The module of a channel.py as it stands now, whatever was loaded from the folder before.

    It is a package, so that `from .codes import …` finds the files beside it. When it fails, the modules of
    the channel that runs stay where they are.
    """
    name = f"{PACKAGE}.{folder.name}"
    before = {key: module for key, module in sys.modules.items() if _is_within(name, key)}
    _forget(name)
    module = module_from_spec(_spec_of(name, folder))
    sys.modules[name] = module  # dataclasses look their own module up by name
    try:
        assert module.__spec__ is not None
        assert module.__spec__.loader is not None
        module.__spec__.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        _forget(name)
        sys.modules.update(before)
        raise ChannelError("does-not-import", folder.name, _broken(error, folder)) from error
    return module


def _spec_of(name: str, folder: Path) -> ModuleSpec:
    sys.path_importer_cache[str(folder)] = FileFinder(str(folder), (_AsItStands, [".py"]))
    loader = _AsItStands(name, str(folder / "channel.py"))
    spec = spec_from_file_location(name, loader=loader, submodule_search_locations=[str(folder)])
    assert spec is not None
    return spec


class _AsItStands(SourceFileLoader):
    """Compiles the file itself: a cached compilation may be of other code of the same length and second."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _forget(name: str) -> None:
    for key in [key for key in sys.modules if _is_within(name, key)]:
        del sys.modules[key]


def _is_within(name: str, module: str) -> bool:
    return module == name or module.startswith(f"{name}.")


def _broken(error: BaseException, folder: Path) -> str:
    """Where an import failed and by what kind of error; never its text, which may quote a value."""
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or 'channel.py').name}, line {error.lineno}: {error.msg}"
    if isinstance(error, CannotStart):
        return str(error)
    frames = [
        each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).parent == folder
    ]
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}: " if frames else ""
    name = getattr(error, "name", None)
    return f"{place}{type(error).__name__}{f' {name}' if name else ''}"
