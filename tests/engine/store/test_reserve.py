"""The reserve of disk: when it shuts and opens, and what a write that found no room does with it."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from ayni.engine.store import reserve
from ayni.engine.store.reserve import LOW_BYTES, RESERVE_BYTES, Reserve
from ayni.engine.store.sqlite import SqliteStore
from ayni.engine.store.transaction import Transaction

from .samples import added, message, states

LARGE = 1 << 40
MIB = 1 << 20


class Disk:
    """A disk whose free space a test chooses."""

    def __init__(self) -> None:
        self.free, self.total = LARGE, LARGE

    def usage(self, _: Path) -> SimpleNamespace:
        return SimpleNamespace(total=self.total, free=self.free)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    monkeypatch.setattr(reserve, "shutil", SimpleNamespace(disk_usage=made.usage))
    return made


def held(folder: Path) -> int:
    """The bytes that the reserve really has on the disk."""
    file = folder / reserve.FILE
    return file.stat().st_blocks * 512 if file.exists() else 0


def test_law_10_the_reserve_has_its_space_on_the_disk_and_is_nobody_elses(disk: Disk, tmp_path: Path) -> None:
    assert not Reserve(tmp_path).is_low
    assert held(tmp_path) >= RESERVE_BYTES
    assert (tmp_path / reserve.FILE).stat().st_mode & 0o077 == 0


def test_law_10_intake_stops_before_the_reserve_is_given_up(disk: Disk, tmp_path: Path) -> None:
    made = Reserve(tmp_path)
    disk.free = LOW_BYTES - 1
    made.look()
    assert made.is_low
    assert held(tmp_path) >= RESERVE_BYTES
    disk.free = MIB
    made.look()
    assert held(tmp_path) == 0


def test_law_10_it_opens_again_only_when_there_is_clearly_room_and_the_reserve_is_back(
    disk: Disk, tmp_path: Path
) -> None:
    made = Reserve(tmp_path)
    made.give_up()
    for free in (LOW_BYTES, LOW_BYTES * 5 // 4, LOW_BYTES * 5 // 4 + RESERVE_BYTES - 1):
        disk.free = free
        made.look()
        assert made.is_low
    disk.free += 1
    made.look()
    assert not made.is_low
    assert held(tmp_path) >= RESERVE_BYTES


def test_law_10_a_small_disk_has_a_small_reserve(disk: Disk, tmp_path: Path) -> None:
    disk.total = disk.free = 16 * MIB
    Reserve(tmp_path)
    assert MIB <= held(tmp_path) < 2 * MIB


def test_law_10_an_engine_that_starts_on_a_full_disk_takes_nothing(disk: Disk, tmp_path: Path) -> None:
    Reserve(tmp_path)
    disk.free = 0
    again = Reserve(tmp_path)
    assert again.is_low
    assert held(tmp_path) == 0


async def test_law_10_a_write_that_finds_the_disk_full_gives_the_reserve_up_and_is_tried_again(
    tmp_path: Path,
) -> None:
    made = Reserve(tmp_path)
    store = SqliteStore(tmp_path / "messages.sqlite", made)

    def needs_the_reserve(tx: Transaction) -> str:
        if held(tmp_path):
            raise apsw.exception_for(apsw.SQLITE_FULL)
        return "written"

    first = await added(store)
    assert await store.writer.write(needs_the_reserve) == "written"
    assert store.is_short
    assert states(store, first) == ["pending"]
    assert isinstance(await store.add(message()), int)
    await store.close()


def test_the_disk_of_this_machine_is_looked_at(tmp_path: Path) -> None:
    made = Reserve(tmp_path)
    made.look()
    assert made.is_low is (shutil.disk_usage(tmp_path).free < LOW_BYTES)
