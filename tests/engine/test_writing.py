"""Group commit: shared by those who ask at the same moment, and nobody's fault but one's own."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from ayni.engine.store.sqlite import SqliteFile
from ayni.engine.store.transaction import Transaction
from ayni.engine.writing import WAITING_MAX, StoreBusy, Writer
from ayni.wire.database import Database

SCHEMA = "create table if not exists note (text text not null unique) strict;"
SQL = {
    "note": "insert into note values (?)",
    "no-more-pages": "pragma max_page_count = 1",
    "many-pages": "pragma max_page_count = 1073741823",
    "large-note": "insert into note values (hex(zeroblob(900000)))",
}


class CountingDatabase(Database):
    """A real file that counts its commits and can be held up before one."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)
        self.commits = 0
        self.may_write = threading.Event()
        self.may_write.set()
        self._writer.set_commit_hook(self._count)

    def _count(self) -> bool:
        self.may_write.wait(10)
        self.commits += 1
        return False


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[CountingDatabase]:
    database = CountingDatabase(tmp_path / "notes.sqlite")
    yield database
    database.close()


@pytest.fixture
async def writer(database: CountingDatabase) -> AsyncIterator[Writer]:
    writer = Writer(SqliteFile(database, SQL))
    yield writer
    database.may_write.set()
    await writer.close()


def note(text: str):
    return lambda tx: tx.run("note", text) and text


def notes(database: Database) -> list[str]:
    with database.reading() as tx:
        return [text for (text,) in tx.execute("select text from note order by rowid")]


async def test_who_asks_at_the_same_moment_shares_a_commit_and_each_hears_their_own_result(database, writer):
    database.may_write.clear()
    first = asyncio.ensure_future(writer.write(note("first")))
    await asyncio.sleep(0.05)
    others = [asyncio.ensure_future(writer.write(note(str(number)))) for number in range(100)]
    await asyncio.sleep(0.05)
    assert not first.done()
    database.may_write.set()
    assert await asyncio.gather(first, *others) == ["first", *map(str, range(100))]
    assert database.commits == 2
    assert notes(database) == ["first", *map(str, range(100))]


async def test_nobody_hears_yes_before_the_commit(database, writer):
    database.may_write.clear()
    asked = asyncio.ensure_future(writer.write(note("a")))
    await asyncio.sleep(0.1)
    assert not asked.done()
    assert notes(database) == []
    database.may_write.set()
    assert await asked == "a"
    assert notes(database) == ["a"]


async def test_one_that_fails_before_writing_fails_alone(database, writer):
    def refuse(tx: Transaction) -> None:
        raise ValueError("no")

    said = await asyncio.gather(
        writer.write(note("a")), writer.write(refuse), writer.write(note("b")), return_exceptions=True
    )
    assert (said[0], type(said[1]), said[2]) == ("a", ValueError, "b")
    assert notes(database) == ["a", "b"]


async def test_one_that_fails_in_the_middle_leaves_nothing_of_itself_and_all_of_the_others(database, writer):
    def half(tx: Transaction) -> None:
        tx.run("note", "half")
        raise ValueError("no")

    said = await asyncio.gather(
        *(writer.write(change) for change in (note("a"), half, note("b"), note("a"))), return_exceptions=True
    )
    assert [type(each) for each in said] == [str, ValueError, str, apsw.ConstraintError]
    assert notes(database) == ["a", "b"]


async def test_a_full_disk_undoes_nothing_of_the_others_and_writes_nothing_twice(database, writer):
    def too_large(tx: Transaction) -> None:
        tx.rows("no-more-pages")
        try:
            tx.run("large-note")
        finally:
            tx.rows("many-pages")

    said = await asyncio.gather(
        *(writer.write(change) for change in (note("a"), too_large, note("b"))), return_exceptions=True
    )
    assert (said[0], type(said[1]), said[2]) == ("a", apsw.FullError, "b")
    assert notes(database) == ["a", "b"]


async def test_who_fails_and_is_then_written_hears_yes(database, writer):
    """A disk that has no space for a moment: together they fail, and at the second try all is written."""
    tries = []

    def at_second(tx: Transaction) -> str:
        tx.run("note", "a")
        tries.append(tx)
        if len(tries) == 1:
            raise apsw.FullError
        return "a"

    assert await asyncio.gather(writer.write(at_second), writer.write(note("b"))) == ["a", "b"]
    assert notes(database) == ["a", "b"]


async def test_one_who_stops_waiting_does_not_disturb_the_others(database, writer):
    database.may_write.clear()
    leaving = asyncio.ensure_future(writer.write(note("leaving")))
    staying = asyncio.ensure_future(writer.write(note("staying")))
    await asyncio.sleep(0.05)
    leaving.cancel()
    database.may_write.set()
    assert await staying == "staying"


async def test_too_many_waiting_are_told_at_once(database, writer):
    database.may_write.clear()
    first = asyncio.ensure_future(writer.write(note("first")))
    await asyncio.sleep(0.05)
    waiting = [asyncio.ensure_future(writer.write(note(str(number)))) for number in range(WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy):
        await writer.write(note("one too many"))
    database.may_write.set()
    await asyncio.gather(first, *waiting)
    assert len(notes(database)) == WAITING_MAX + 1


async def test_closing_writes_what_waits(database):
    writer = Writer(SqliteFile(database, SQL))
    asked = [asyncio.ensure_future(writer.write(note(str(number)))) for number in range(20)]
    await asyncio.sleep(0)
    await writer.close()
    assert await asyncio.gather(*asked) == list(map(str, range(20)))
