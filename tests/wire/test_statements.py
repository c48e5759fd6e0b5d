from pathlib import Path

import pytest

from ayni.wire.statements import statements

STORE = """-- What this file is about; belongs to no statement.

-- add --
-- Why it is so.
insert into thing values (?);

-- find_next --
select 1; -- find --
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "a_package_with_sql"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "store.sql").write_text(STORE, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


def test_a_statement_is_what_stands_below_its_name_with_its_reasons(package: str) -> None:
    assert statements(package) == {
        "add": "-- Why it is so.\ninsert into thing values (?);",
        "find_next": "select 1; -- find --",
    }
