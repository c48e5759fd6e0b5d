"""Laws that need the whole engine: a disk that really ends. And that none of the twelve is without a test."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ayni.engine.store.reserve import FILE

DISK_BYTES = 24 << 20
LITTLE = 2 << 20
"""Less than an eighth of the disk, more than the engine needs to go on."""
TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("number", range(1, 13))
def test_every_law_has_a_test_that_is_named_after_it(number: int) -> None:
    named = re.compile(rf"^(?:async )?def test_law_{number:02}_", re.MULTILINE)
    methods = re.compile(rf"^    (?:async )?def test_law_{number:02}_", re.MULTILINE)
    texts = [path.read_text("utf-8") for path in TESTS.glob("engine/**/*.py")]
    assert any(named.search(text) or methods.search(text) for text in texts)


class Disk:
    """A file system of its own, which others fill as well."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._filler = folder, folder / "of-somebody-else"

    @property
    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def fill(self, *, leaving: int) -> None:
        """Somebody else takes what is free."""
        size = self._filler.stat().st_size if self._filler.exists() else 0
        with self._filler.open("ab") as file:
            os.posix_fallocate(file.fileno(), size, max(1, self.free - leaving))

    def clear(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root mounts a disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", folder], check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


async def test_law_10_on_a_full_disk_intake_stops_first_and_what_was_taken_is_delivered(
    disk, new_engine, qhali, booked, intake
):
    engine = new_engine(AYNI_VAR=str(disk.folder))
    engine.folder = disk.folder
    reserve = disk.folder / "engine" / FILE
    await engine.start()
    qhali.gate.clear()
    bookings = [booked(sequence=sequence) for sequence in range(1, 100)]
    for raw in bookings[:3]:
        assert (await engine.send(raw))["MSA-1"] == "AA"

    disk.fill(leaving=LITTLE)
    taken, answer = await refusal(engine, bookings[3:])
    taken += 3
    assert (answer["MSA-1"], answer["ERR-3.1"]) == ("AR", "207")
    assert "disco" in answer["ERR-8"]
    status, outcome = await engine.post(intake())
    assert (status, outcome["issue"][0]["code"]) == (503, "transient")
    assert reserve.exists(), "it is for what was taken"
    assert len(await engine.messages()) == taken

    disk.fill(leaving=0)
    await until(lambda: not reserve.exists())
    qhali.gate.set()
    await engine.reaches(*["delivered"] * taken, channel="state_to_qhali")

    disk.clear()
    async with asyncio.timeout(10):
        while (await engine.send(bookings[taken]))["MSA-1"] != "AA":  # noqa: ASYNC110 - as a sender does
            await asyncio.sleep(0.05)
    assert reserve.exists()
    await engine.reaches(*["delivered"] * (taken + 1), channel="state_to_qhali")
    assert [key[-4:] for key in qhali.event_keys()] == [f"R{number:03}" for number in range(1, taken + 2)]


async def until(is_so) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - it lies on a disk
            await asyncio.sleep(0.02)


async def refusal(engine, bookings: list[bytes]):
    """(how many were taken before, the first answer that is no yes): the disk is looked at now and then."""
    for count, raw in enumerate(bookings):
        if (answer := await engine.send(raw))["MSA-1"] != "AA":
            return count, answer
        await asyncio.sleep(0.05)
    raise AssertionError("everything was taken")
