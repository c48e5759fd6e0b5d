"""An empty room in the run's PostgreSQL server for each test."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

pytest.register_assert_rewrite("tests.engine.store.contract", "tests.engine.store.samples")

_numbers = count(1)


@pytest.fixture
def postgresql_url(server_url: str) -> Iterator[str]:
    """An empty schema, which ends with the test."""
    name = f"room_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create schema {name}")
        yield f"{server_url}?options=-csearch_path%3D{name}"
        connection.execute(f"drop schema {name} cascade")
