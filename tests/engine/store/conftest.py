"""One PostgreSQL server for the run, an empty room in it for each test."""

import os
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from .postgresql_server import NoServer, postgresql_server

pytest.register_assert_rewrite("tests.engine.store.contract", "tests.engine.store.samples")

_numbers = count(1)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A server; skips at home when there can be none, fails in CI."""
    try:
        with postgresql_server() as url:
            yield url
    except NoServer as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL here: {error}")


@pytest.fixture
def postgresql_url(server_url: str) -> Iterator[str]:
    """An empty schema, which ends with the test."""
    name = f"room_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create schema {name}")
        yield f"{server_url}?options=-csearch_path%3D{name}"
        connection.execute(f"drop schema {name} cascade")
