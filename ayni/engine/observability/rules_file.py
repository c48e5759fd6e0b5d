"""Reading `alerts.toml` from the folder of channels. What is wrong in it keeps the engine from starting.

A rule that is not read is an alarm that never rings, so nothing in the file is passed over.
"""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ayni.engine.observability.rules import (
    ChannelRules,
    DestinationRules,
    EngineRules,
    MailRules,
    Rules,
    Shape,
)
from ayni.wire.failure import CannotStart

FILE = "alerts.toml"
SECTIONS = ("engine", "every_channel", "every_destination", "channels", "destinations", "mail")

S = TypeVar("S", bound=Shape)
Table = Mapping[str, Any]


class RulesUnusable(CannotStart):
    """alerts.toml cannot be used; `finding` is the id and `hint` says what to do."""

    def __init__(self, finding: str, place: str, hint: str) -> None:
        super().__init__(f"{finding} · {FILE} · {place} · hint: {hint}")
        self.finding, self.place, self.hint = finding, place, hint


def read_rules(folder: Path, *, channels: Collection[str], destinations: Collection[str]) -> Rules:
    """The rules of a folder of channels, the defaults when it has no file; raises RulesUnusable."""
    found = _tables(folder / FILE)
    for name in found.keys() - set(SECTIONS):
        raise RulesUnusable("alerts-unknown-section", name, f"write one of {', '.join(SECTIONS)}")
    every_channel, every_destination = found.get("every_channel", {}), found.get("every_destination", {})
    return Rules(
        engine=_shaped(found.get("engine", {}), EngineRules, "engine"),
        every_channel=_shaped(every_channel, ChannelRules, "every_channel"),
        every_destination=_shaped(every_destination, DestinationRules, "every_destination"),
        channels=_named(found, "channels", every_channel, ChannelRules, channels),
        destinations=_named(found, "destinations", every_destination, DestinationRules, destinations),
        mail=_shaped(found["mail"], MailRules, "mail") if "mail" in found else None,
    )


def _tables(file: Path) -> Table:
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RulesUnusable(
            "alerts-unreadable", "file", f"{error.strerror}: let the engine read it"
        ) from error
    except ValueError as error:
        raise RulesUnusable("alerts-not-toml", "file", f"mend the TOML: {error}") from error
    for name, table in found.items():
        _expect_table(table, name)
    return found


def _expect_table(table: Any, place: str) -> None:
    if not isinstance(table, dict):
        raise RulesUnusable("alerts-not-a-table", place, f"write [{place}] and its rules below")


def _named(found: Table, section: str, every: Table, shape: type[S], known: Collection[str]) -> dict[str, S]:
    """Rules by name; what one does not say is as for all."""
    named = found.get(section, {})
    for name, table in named.items():
        _expect_table(table, f"{section}.{name}")
        if name not in known:
            hint = f"name one of {', '.join(sorted(known))}"
            raise RulesUnusable(f"alerts-unknown-{section[:-1]}", f"{section}.{name}", hint)
    return {name: _shaped({**every, **own}, shape, f"{section}.{name}") for name, own in named.items()}


def _shaped(table: Table, shape: type[S], section: str) -> S:
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as error:
        reason, _, at = str(error).partition(" - at `$")
        place = f"{section}{at.strip('`')}"
        raise RulesUnusable(
            "alerts-not-as-described", place, f"{reason}; see docs/engine/alerts.md"
        ) from error
