"""Which store an engine works with: one SQLite file in its data folder, or a PostgreSQL that some share."""

from pathlib import Path

import structlog

from ayni.engine.store.sql import SqlStore
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.failure import CannotStart
from ayni.wire.settings import Environment, SettingError

log = structlog.get_logger()

SETTING = "AYNI_ENGINE_DATABASE"
SCHEMES = ("postgresql://", "postgres://")


def open_store(environment: Environment, data: Path) -> SqlStore:
    """The store of `AYNI_ENGINE_DATABASE`; says in the log on what its durability stands.

    Raises CannotStart, in one line, when it would not keep what it says it keeps.
    """
    url = environment.text(SETTING)
    store = _in_postgresql(url) if url else SqliteStore(data / "messages.sqlite")
    log.info("store opened", **store.attestation())
    return store


def _in_postgresql(url: str) -> SqlStore:
    if not url.startswith(SCHEMES):
        raise SettingError(f"{SETTING}: write an address that begins with postgresql://, or nothing")
    try:
        from ayni.engine.store.postgresql import PostgresqlStore
    except ModuleNotFoundError as error:
        raise CannotStart(f"{SETTING}: install the extra, pip install 'ayni[postgresql]'") from error
    return PostgresqlStore(url)
