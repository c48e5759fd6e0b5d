"""The store in PostgreSQL, by one engine."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from ayni.engine.store.contract import Question
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.postgresql_link import connect, in_its_words

from .contract import StoreContract
from .contract_keeping import Outside
from .contract_search import Plans
from .plans import queries_of


@pytest.fixture
async def store(postgresql_url: str) -> AsyncIterator[PostgresqlStore]:
    made = PostgresqlStore(postgresql_url)
    yield made
    await made.close()


@pytest.fixture
def outside(postgresql_url: str) -> Outside:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(postgresql_url) as connection:
            return connection.execute(sql.encode()).fetchall()

    return ask


@pytest.fixture
def plans(store: PostgresqlStore, postgresql_url: str) -> Plans:
    """A few rows are read whole whatever indexes there are, unless that is forbidden."""

    def ask(question: Question) -> str:
        with connect(postgresql_url) as connection:
            connection.execute("set enable_seqscan = off")
            lines = [
                line
                for sql, values in queries_of(store, question)
                for (line,) in connection.execute(f"explain {in_its_words(sql)}".encode(), values)
            ]
        return "\n".join(lines)

    return ask


class TestPostgresqlStore(StoreContract):
    """The contract."""
