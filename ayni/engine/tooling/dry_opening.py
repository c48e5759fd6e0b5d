"""Opening a channel's connectors as the engine would, without a port, a connection or a file made.

A connector says itself what is wrong with its settings; what it would need of a running engine to say more
is not there, and then it is not asked further.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, cast

from ayni.engine.channel import Channel
from ayni.engine.connectors.contract import DestinationDeclaration, SourceDeclaration, World
from ayni.wire.clock import real_now
from ayni.wire.failure import CannotStart
from ayni.wire.settings import Environment, SettingError

REFERENCE = re.compile(r"\$\{\w+\}")


class _NotRunning(Exception):
    """A connector wanted a part of the engine that only a running one has."""


class _Absent:
    def __getattr__(self, name: str) -> NoReturn:
        raise _NotRunning(name)

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise _NotRunning


def filled(environment: Environment, template: str) -> str:
    """A text with its settings, or as it is where one is missing."""
    try:
        return environment.expand(template)
    except SettingError:
        return template


def missing_settings(channel: Channel, environment: Environment) -> list[str]:
    """What is said of each setting that the channel's connectors name and nobody has set."""
    declared = (channel.source, *(each.connector for each in channel.destinations))
    names = {name for each in declared for text in _texts_in(each) for name in REFERENCE.findall(text)}
    return sorted(filter(None, (_lack_of(name, environment) for name in names)))


def wrong_settings(channel: Channel, environment: Environment) -> Iterator[str]:
    """What the channel's connectors say of settings they cannot work with."""
    with tempfile.TemporaryDirectory() as scratch:
        world = _world(environment, Path(scratch))
        said = [_said_by(channel.source, channel.name, world)]
        said += [_said_by(each.connector, each.partner, world) for each in channel.destinations]
    yield from filter(None, said)


def _said_by(declared: SourceDeclaration | DestinationDeclaration, name: str, world: World) -> str:
    token_file, copied = getattr(declared, "token_file", ""), world.data / f"token-{name}"
    try:
        _without_its_token(declared, copied, world).open(world, name)
    except _NotRunning:
        return ""
    except CannotStart as error:
        return str(error).replace(str(copied), token_file)
    except Exception as error:
        return f"{type(declared).__name__} of {name} cannot be opened: {type(error).__name__}"
    return ""


def _without_its_token(declared: Any, copied: Path, world: World) -> Any:
    """The same with a copy of its token's file: a listener makes that when it is not there, for good."""
    token_file = getattr(declared, "token_file", "")
    if not (token_file and is_dataclass(declared) and not isinstance(declared, type)):
        return declared
    path = world.path(token_file)
    if path.is_file():
        copied.write_bytes(path.read_bytes())
    return replace(declared, token_file=str(copied))


def _world(environment: Environment, scratch: Path) -> World:
    absent = cast("Any", _Absent())
    return World(
        environment=environment,
        http=lambda: absent,
        data=scratch.resolve(),
        now=real_now,
        bound=absent,
        web=absent,
        to_channel=absent,
    )


def _lack_of(reference: str, environment: Environment) -> str:
    try:
        environment.expand(reference)
    except SettingError as error:
        return str(error)
    return ""


def _texts_in(value: Any) -> Iterator[str]:
    """Every text in a declaration, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts_in(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts_in(getattr(value, each.name))
