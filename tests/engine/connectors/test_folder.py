"""Files of this machine, in both directions; S-31: no name leaves the folder and no link is followed."""

import asyncio
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ayni.engine.connectors.contract import Sender, Source, World
from ayni.engine.connectors.file_name import name_for
from ayni.engine.connectors.files import NOTE
from ayni.engine.connectors.folder import FolderReader, FolderWriter
from ayni.wire.failure import CannotStart, NotConnected, NotTaken, Refused

from .contract import SECRET, DestinationContract, SourceContract, cannot, fails
from .sides import NOT_KEPT, REFUSED, Desk, Fate, parcel, until

LOOK_SECONDS = 0.02


class FolderOutside:
    """A partner who leaves files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._count = 0

    async def offer(self, text: str) -> bytes:
        self._count += 1
        self.leave(f"{self._count:03}.json", text.encode())
        return text.encode()

    def leave(self, name: str, content: bytes) -> Path:
        draft = self.folder / f".{name}"
        draft.write_bytes(content)
        return draft.rename(self.folder / name)

    def fate(self, raw: bytes) -> Fate:
        if raw in self._in("taken"):
            return "taken"
        return "refused" if raw in self._in("refused") else "waiting"

    def reason(self, raw: bytes) -> str:
        refused = self.folder / "refused"
        (name,) = (each.name for each in refused.glob("*.json") if each.read_bytes() == raw)
        return (refused / (name + NOTE)).read_text("utf-8")

    async def vanish(self) -> None:
        self.folder.rename(self._away)

    async def appear(self) -> None:
        self._away.rename(self.folder)

    @property
    def _away(self) -> Path:
        return self.folder.with_name("away")

    def _in(self, room: str) -> list[bytes]:
        return [each.read_bytes() for each in (self.folder / room).glob("*.json")]


@pytest.fixture
def outside(tmp_path: Path) -> FolderOutside:
    return FolderOutside(tmp_path / "results")


@pytest.fixture
def new_reader(world: World, outside: FolderOutside) -> Callable[..., Source]:
    def new(**declared: Any) -> Source:
        declared = {"path": str(outside.folder), "every_seconds": LOOK_SECONDS} | declared
        return FolderReader(**declared).open(world, "results")

    return new


class TestFolderReader(SourceContract):
    @pytest.fixture
    def source(self, new_reader: Callable[..., Source]) -> Source:
        return new_reader()


async def arrives(source: Source, *, count: int) -> list[bytes]:
    """What comes of the files that lie there."""
    desk = Desk()
    async with source.running(desk.receive):
        return await desk.gets(count)


async def test_files_come_in_the_order_of_their_names(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    for number in (3, 1, 2):
        outside.leave(f"{number}.json", str(number).encode())
    assert await arrives(new_reader(), count=3) == [b"1", b"2", b"3"]


async def test_files_come_in_the_order_of_their_times(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    for number in (3, 1, 2):
        os.utime(outside.leave(f"{10 - number}.json", str(number).encode()), (number, number))
    assert await arrives(new_reader(order="time"), count=3) == [b"1", b"2", b"3"]


async def test_one_that_is_not_kept_keeps_its_place_in_the_order(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    desk = Desk()
    desk.script = [NOT_KEPT]
    for number in (1, 2):
        outside.leave(f"{number}.json", str(number).encode())
    async with new_reader().running(desk.receive):
        assert await desk.gets(3) == [b"1", b"1", b"2"]


async def test_a_file_that_still_grows_is_left_alone(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    desk, path = Desk(), outside.folder / "grows.json"
    async with new_reader().running(desk.receive):
        for length in range(1, 20):
            path.write_bytes(b"x" * length)
            await looks(0.5)
        assert desk.arrived == []
        await desk.gets(1)
    assert [each.raw for each in desk.arrived] == [b"x" * 19]


async def looks(count: float) -> None:
    """Waits so many looks."""
    await asyncio.sleep(LOOK_SECONDS * count)


async def test_a_file_written_to_while_it_was_in_hand_stays_and_comes_as_another_message(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    desk, path = Desk(), outside.leave("one.json", b"first")
    desk.gate.clear()
    async with new_reader().running(desk.receive):
        await desk.gets(1)
        path.write_bytes(b"second")
        desk.gate.set()
        assert await desk.gets(2) == [b"first", b"second"]
    assert len({each.control_id for each in desk.arrived}) == 2


async def test_hidden_files_drafts_folders_and_links_are_left_alone(
    new_reader: Callable[..., Source], outside: FolderOutside, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(b"secret")
    for name in (".hidden.json", "a.json.tmp", "b.part", "c.json~", "d.filepart", "E.TMP"):
        (outside.folder / name).write_bytes(b"draft")
    (outside.folder / "link.json").symlink_to(secret)
    (outside.folder / "folder.json").mkdir()
    os.mkfifo(outside.folder / "pipe.json")
    outside.leave("real.json", b"real")
    desk = Desk()
    async with new_reader().running(desk.receive):
        await until(lambda: outside.fate(b"real") == "taken")
        await looks(5)
    assert [each.raw for each in desk.arrived] == [b"real"]
    assert secret.read_bytes() == b"secret"


async def test_a_link_that_takes_a_files_place_for_a_moment_is_not_read(
    world: World, outside: FolderOutside, tmp_path: Path
) -> None:
    secret, own = tmp_path / "secret", tmp_path / "own"
    secret.write_bytes(b"secret")
    own.write_bytes(b"public")
    over = threading.Event()

    def swap() -> None:
        """The same file and a link to the secret, in turn, under one name that is never missing."""
        next_one, name = outside.folder / ".next", outside.folder / "one.json"
        while not over.is_set():
            os.link(own, next_one)
            next_one.replace(name)
            next_one.symlink_to(secret)
            next_one.replace(name)

    desk = Desk()
    reader = FolderReader(path=str(outside.folder), every_seconds=0.001).open(world, "results")
    async with reader.running(desk.receive):
        swapping = asyncio.create_task(asyncio.to_thread(swap))
        await asyncio.sleep(1)
        over.set()
        await swapping
    assert {each.raw for each in desk.arrived} == {b"public"}


async def test_taken_is_never_a_link_out_of_the_folder(
    new_reader: Callable[..., Source], outside: FolderOutside, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (outside.folder / "taken").symlink_to(tmp_path / "elsewhere")
    outside.leave("one.json", b"1")
    await arrives(new_reader(), count=1)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert (outside.folder / "one.json").exists()


async def test_only_what_matches_is_taken(new_reader: Callable[..., Source], outside: FolderOutside) -> None:
    for name in ("a.json", "b.xml", "c.json"):
        outside.leave(name, name.encode())
    desk = Desk()
    async with new_reader(pattern="*.json").running(desk.receive):
        await desk.gets(2)
        await looks(3)
    assert [each.raw for each in desk.arrived] == [b"a.json", b"c.json"]


async def test_a_file_above_the_bound_is_refused_unread(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    desk = Desk()
    outside.leave("long.json", b"x" * 11)
    outside.leave("short.json", b"x" * 10)
    async with new_reader(bytes_max=10).running(desk.receive):
        await until(lambda: outside.fate(b"x" * 11) == "refused")
        await desk.gets(1)
    assert [each.raw for each in desk.arrived] == [b"x" * 10]
    assert "too-long" in outside.reason(b"x" * 11)


async def test_a_second_file_of_the_same_name_overwrites_nothing(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    desk = Desk()
    desk.script = [REFUSED] * 2
    async with new_reader().running(desk.receive):
        for content in (b"one", b"two"):
            outside.leave("same.json", content)
            await until(lambda: not (outside.folder / "same.json").exists())
    refused = outside.folder / "refused"
    assert (refused / "same.json").read_bytes() == b"one"
    assert (refused / "same.json.2").read_bytes() == b"two"
    assert {each.name for each in refused.glob("*" + NOTE)} == {
        "same.json" + NOTE,
        "same.json.2" + NOTE,
    }


async def test_a_name_that_is_no_text_does_no_harm(
    new_reader: Callable[..., Source], outside: FolderOutside
) -> None:
    outside.leave(os.fsdecode(b"\xff.json"), b"1")
    desk = Desk()
    async with new_reader().running(desk.receive):
        await desk.gets(1)
        await until(lambda: outside.fate(b"1") == "taken")
    desk.arrived[0].control_id.encode("utf-8")


class FolderSide:
    """Where a FolderWriter writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def content(self, text: str) -> bytes:
        return text.encode()

    def taken(self) -> list[bytes]:
        found = sorted(each for each in self.folder.iterdir() if each.read_bytes() != b"other")
        assert not [each for each in found if each.name.startswith(".")]
        return [each.read_bytes() for each in found]

    async def says_no(self) -> None:
        (self.folder / parcel(b"").control_id).write_bytes(b"other")

    async def down(self) -> None:
        self.folder.rename(self.folder.with_name("away"))

    async def up(self) -> None:
        self.folder.with_name("away").rename(self.folder)


@contextmanager
def disk_with_room_for(byte_count: int) -> Iterator[None]:
    """A limit to the length of files stands for a full disk: the write fails in the middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestFolderWriter(DestinationContract):
    CANNOT = cannot(
        test_a_lost_answer_is_unknown_and_the_repeat_takes_effect_once="a disk answers or fails",
        test_silence_is_unknown_after_its_time="a disk answers or fails",
        test_closing_ends_what_is_under_way_as_unknown="a write is over before it could be closed",
        test_a_caller_that_is_cancelled_is_cancelled="a write is over before it could be cancelled",
    )

    @pytest.fixture
    def far_side(self, tmp_path: Path) -> FolderSide:
        return FolderSide(tmp_path / "out")

    @pytest.fixture
    def sender(self, world: World, far_side: FolderSide) -> Sender:
        return FolderWriter(path=str(far_side.folder)).open(world, "lab")

    async def test_a_later_is_not_taken(self, sender: Sender, far_side: FolderSide) -> None:
        content = far_side.content(SECRET)
        with disk_with_room_for(len(content) - 1):
            failure = await fails(NotTaken, sender, content)
        assert not isinstance(failure, NotConnected)
        assert far_side.taken() == []
        await sender.send(parcel(content, attempt_count=1))
        assert far_side.taken() == [content]

    async def test_the_name_is_the_declared_one(self, world: World, far_side: FolderSide) -> None:
        sender = FolderWriter(path=str(far_side.folder), name="{key}-{message_id}.json").open(world, "lab")
        await sender.send(parcel(b"one", number=6))
        assert [each.name for each in far_side.folder.iterdir()] == ["QH-7M3K9XBT4D-7.json"]

    async def test_a_link_of_that_name_is_not_followed(self, sender: Sender, far_side: FolderSide) -> None:
        target = far_side.folder.with_name("target")
        target.write_bytes(b"kept")
        (far_side.folder / parcel(b"").control_id).symlink_to(target)
        with pytest.raises(Refused):
            await sender.send(parcel(b"one"))
        assert target.read_bytes() == b"kept"

    async def test_a_file_in_the_place_of_the_folder_is_nobody_there(
        self, world: World, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(NotConnected):
            await FolderWriter(path=str(tmp_path / "file")).open(world, "lab").send(parcel(b"one"))


@pytest.mark.parametrize(
    "control_id",
    ["../../etc/passwd", "/etc/passwd", "..", ".", ".hidden", "a/b", "a\\b", "a\0b", "ñ" * 90, "x" * 500, ""],
)
def test_no_name_leaves_the_folder(control_id: str) -> None:
    name = name_for("{control_id}.json", replace(parcel(b""), control_id=control_id))
    assert "/" not in name
    assert "\0" not in name
    assert name.isascii()
    assert not name.startswith(".")
    assert name.endswith(".json")
    assert len(name) <= 180
    assert Path(name).name == name


def test_other_names_are_other_files() -> None:
    ids = ["a/b", "a%2Fb", "a_b", "A_B", "x" * 500, "x" * 499 + "y", ".a", "%2Ea"]
    assert len({name_for("{control_id}", replace(parcel(b""), control_id=each)) for each in ids}) == len(ids)


@pytest.mark.parametrize(
    "name", ["fixed.json", "../{control_id}", "{control_id}/x", ".{control_id}", "{name}"]
)
def test_a_name_that_is_no_name_keeps_the_engine_from_starting(world: World, name: str) -> None:
    with pytest.raises(CannotStart):
        FolderWriter(path="out", name=name).open(world, "lab")
