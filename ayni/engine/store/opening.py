"""Which store an engine works with: one SQLite file in its data folder, or a PostgreSQL that some share."""

from pathlib import Path
from typing import Protocol

from ayni.engine.store.contract import Store
from ayni.engine.store.reserve import Reserve
from ayni.engine.store.sqlite import SqliteStore
from ayni.engine.writing import Writer
from ayni.wire.failure import CannotStart
from ayni.wire.settings import Environment, SettingError

SETTING = "AYNI_ENGINE_DATABASE"
SCHEMES = ("postgresql://", "postgres://")


class WrittenStore(Store, Protocol):
    """A store whose changes go through one writer."""

    writer: Writer


def open_store(environment: Environment, data: Path) -> WrittenStore:
    """The store of `AYNI_ENGINE_DATABASE`; its attestation says on what its durability stands.

    Raises CannotStart, in one line, when it would not keep what it says it keeps.
    """
    url = environment.text(SETTING)
    return _in_postgresql(url) if url else SqliteStore(data / "messages.sqlite", Reserve(data))


def _in_postgresql(url: str) -> WrittenStore:
    if not url.startswith(SCHEMES):
        raise SettingError(f"{SETTING}: write an address that begins with postgresql://, or nothing")
    try:
        from ayni.engine.store.postgresql import PostgresqlStore
    except ModuleNotFoundError as error:
        raise CannotStart(f"{SETTING}: install the extra, pip install 'ayni[engine]'") from error
    return PostgresqlStore(url)
