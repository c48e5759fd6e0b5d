import stat
import threading
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from ayni.wire.database import SQLITE_VERSION_MIN, Database, UnsafeStorage

SCHEMA = """
create table if not exists parent (id integer primary key) strict;
create table if not exists child (
    parent_id integer references parent (id) deferrable initially deferred
) strict;
"""


@pytest.fixture
def family(tmp_path: Path):
    database = Database(tmp_path / "folder" / "f.sqlite", SCHEMA)
    yield database
    database.close()


def count(database: Database) -> int:
    with database.reading() as tx:
        return int(tx.execute("select count(*) from parent").get)


def test_a_block_that_raises_leaves_nothing_behind(family: Database) -> None:
    with suppress(RuntimeError), family.transaction() as tx:
        tx.execute("insert into parent values (1)")
        raise RuntimeError
    assert count(family) == 0


def test_a_commit_that_fails_leaves_nothing_behind_and_the_next_one_works(family: Database) -> None:
    with pytest.raises(apsw.ConstraintError), family.transaction() as tx:
        tx.execute("insert into parent values (1); insert into child values (99)")
    assert count(family) == 0
    with family.transaction() as tx:
        tx.execute("insert into parent values (2)")
    assert count(family) == 1


def test_a_reader_sees_one_view_while_the_writer_goes_on(family: Database) -> None:
    with family.reading() as tx:
        before = tx.execute("select count(*) from parent").get
        with family.transaction() as writing:
            writing.execute("insert into parent values (1)")
        assert tx.execute("select count(*) from parent").get == before == 0
    assert count(family) == 1


def test_a_reader_cannot_write(family: Database) -> None:
    with pytest.raises(apsw.ReadOnlyError), family.reading() as tx:
        tx.execute("insert into parent values (1)")
    assert count(family) == 0


def test_a_transaction_inside_its_own_is_an_error_and_no_endless_wait(family: Database) -> None:
    def change_twice() -> None:
        with family.transaction() as tx:
            tx.execute("insert into parent values (1)")
            with family.transaction() as again:
                again.execute("insert into parent values (2)")

    with pytest.raises(apsw.SQLError, match="transaction within a transaction"):
        change_twice()
    assert count(family) == 0


def test_a_statement_that_undoes_everything_by_itself_shows_its_own_error(family: Database) -> None:
    with pytest.raises(apsw.ConstraintError), family.transaction() as tx:
        tx.execute("insert or rollback into parent values (1), (1)")
    with family.transaction() as tx:
        tx.execute("insert into parent values (2)")
    assert count(family) == 1


def test_a_full_disk_is_an_error_and_the_next_transaction_works(family: Database) -> None:
    with family.transaction() as tx:
        tx.execute("create table big (content blob)")
        tx.execute("pragma max_page_count = 8")
    with pytest.raises(apsw.FullError), family.transaction() as tx:
        tx.execute("insert into big values (zeroblob(1000000))")
    with family.transaction() as tx:
        tx.execute("insert into parent values (1)")
    assert count(family) == 1


def test_a_reader_that_raises_can_read_again(family: Database) -> None:
    with pytest.raises(RuntimeError), family.reading():
        raise RuntimeError
    assert count(family) == 0


def test_threads_write_one_after_the_other_and_none_is_lost(family: Database) -> None:
    def write(first: int) -> None:
        for number in range(first, first + 20):
            with family.transaction() as tx:
                tx.execute("insert into parent values (?)", (number,))

    threads = [threading.Thread(target=write, args=(start,)) for start in range(0, 160, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(family) == 160


def test_a_commit_is_synced_and_in_the_wal(family: Database) -> None:
    with family.transaction() as tx:
        assert tx.execute("pragma synchronous").get == 2
        assert tx.execute("pragma foreign_keys").get == 1
    with family.reading() as tx:
        assert tx.execute("pragma journal_mode").get == "wal"


def test_only_the_owner_can_read_the_file_and_what_sqlite_puts_beside_it(family: Database) -> None:
    with family.transaction() as tx:
        tx.execute("insert into parent values (1)")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in family.path.parent.iterdir()}
    assert modes == {"f.sqlite": 0o600, "f.sqlite-wal": 0o600, "f.sqlite-shm": 0o600}


def test_a_file_that_cannot_have_a_wal_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnsafeStorage, match="journal_mode memory"):
        Database(Path(":memory:"))


def test_the_library_is_past_the_versions_that_can_lose_commits() -> None:
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= SQLITE_VERSION_MIN


def test_what_is_committed_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    for number in (1, 2):
        database = Database(tmp_path / "f.sqlite", SCHEMA)
        with database.transaction() as tx:
            tx.execute("insert into parent values (?)", (number,))
        assert count(database) == number
        database.close()
