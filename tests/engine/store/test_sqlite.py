"""The store in one SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from ayni.engine.store.contract import Question
from ayni.engine.store.sqlite import SqliteStore

from .contract import StoreContract
from .contract_keeping import Outside
from .contract_search import Plans
from .plans import queries_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(path)
    yield made
    await made.close()


@pytest.fixture
def outside(path: Path) -> Outside:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        return apsw.Connection(str(path)).execute(sql).fetchall()

    return ask


@pytest.fixture
def plans(store: SqliteStore, path: Path) -> Plans:
    def ask(question: Question) -> str:
        connection = apsw.Connection(str(path))
        lines = [
            row[3]
            for sql, values in queries_of(store, question)
            for row in connection.execute(f"explain query plan {sql}", tuple(values))
        ]
        return "\n".join(lines)

    return ask


class TestSqliteStore(StoreContract):
    """The contract."""
