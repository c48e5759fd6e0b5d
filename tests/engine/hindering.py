"""Keeping new messages out of a running engine, for each reason that there is."""

import shutil
import time
from types import SimpleNamespace
from typing import Any

import pytest

from ayni.engine import room
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.database import UnsafeStorage

from .conftest import until

NEARLY_FULL = SimpleNamespace(total=100 << 30, used=0, free=100 << 20)
"""Bytes: less than is little, more than makes the reserve be given up."""


async def hinder(engine: Any, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Returns once the interface says so."""
    if word == "queue-full":
        monkeypatch.setattr(room, "WAITING_MAX", -1)
    elif word == "disk-full":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: NEARLY_FULL)
    else:
        monkeypatch.setattr(SqliteStore, "attestation", _unsafe)
        monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=_an_hour_later))

    async def is_said() -> bool:
        channels = (await engine.api("/api/v1/channels"))["channels"]
        return all(each["hindrance"] == word for each in channels)

    await until(is_said)


def _unsafe(_: SqliteStore) -> None:
    raise UnsafeStorage("synchronous is OFF")


def _an_hour_later() -> float:
    return time.monotonic() + 3600
