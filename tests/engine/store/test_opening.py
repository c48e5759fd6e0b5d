"""Which store an engine works with."""

import sys
from pathlib import Path
from typing import Any

import pytest

from ayni.engine.store.opening import SETTING, open_store
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.failure import CannotStart


class Environment:
    """One setting."""

    def __init__(self, url: str) -> None:
        self._url = url

    def text(self, name: str) -> str:
        assert name == SETTING
        return self._url


def environment(url: str) -> Any:
    return Environment(url)


async def test_without_a_setting_it_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    store = open_store(environment(""), tmp_path / "engine")
    assert isinstance(store, SqliteStore)
    assert exists(tmp_path / "engine" / "messages.sqlite")
    await store.close()


def exists(path: Path) -> bool:
    return path.exists()


async def test_an_address_names_the_database_that_engines_share(postgresql_url: str, tmp_path: Path) -> None:
    store = open_store(environment(postgresql_url), tmp_path)
    assert isinstance(store, PostgresqlStore)
    await store.close()


@pytest.mark.parametrize("url", ["mysql://db/ayni", "messages.sqlite", "host=db dbname=ayni"])
async def test_another_kind_of_address_is_refused_by_the_setting_s_name(tmp_path: Path, url: str) -> None:
    with pytest.raises(CannotStart, match=SETTING) as refusal:
        open_store(environment(url), tmp_path)
    assert url not in str(refusal.value), "an address may hold a password"


async def test_without_the_driver_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ayni.engine.store.postgresql", None)
    with pytest.raises(CannotStart, match="install"):
        open_store(environment("postgresql://db/ayni"), tmp_path)
