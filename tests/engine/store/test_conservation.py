"""The check that everything received is accounted for notices when it is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from ayni.engine.store.conservation import conservation
from ayni.engine.store.sqlite import SqliteStore

from .samples import LAB, added, claimed, filtered, settlement


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(path)
    for key in "AAB":
        await added(made, key)
    await made.add(filtered())
    of_a, _ = await claimed(made)
    await made.settle(of_a, settlement())
    yield made
    await made.close()


async def test_law_12_nothing_is_missing_in_a_sound_store(store: SqliteStore) -> None:
    found = conservation(store)
    assert found.is_kept
    assert found.received == {("orders", ""): 4, ("orders", LAB): 3}


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("delete from message where id = 4", "orders: 3 received, 4 accounted for"),
        ("delete from delivery where id = 1", "orders → laboratory: 2 received, 3 accounted for"),
        (
            "update tally set count = 5 where state = 'pending'",
            "orders → laboratory: 3 received, 6 accounted",
        ),
        ("update delivery set state = 'delivered' where id = 2", "2 are delivered, 1 were noted"),
        ("delete from place where delivery_id = 2", "delivery 2 is contradicted"),
        ("update lane set waiting_count = 0 where key = 'A'", "lane 1 is contradicted"),
        ("insert into place values (1, 99, 1)", "place 1 is contradicted"),
        ("update delivery set is_waiting = 0 where id = 2", "delivery 2 is contradicted"),
        ("delete from message where id = 2", "delivery 2 is contradicted"),
    ],
)
async def test_law_12_what_is_lost_or_invented_is_found_and_named(
    store: SqliteStore, path: Path, damage: str, finding: str
) -> None:
    apsw.Connection(str(path)).execute(damage)
    found = conservation(store)
    assert not found.is_kept
    assert any(finding in each for each in found.findings), found.findings
