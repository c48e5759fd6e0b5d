"""The pages about store and delivery say what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STORE, DELIVERY = ((ROOT / "docs/engine" / name).read_text("utf-8") for name in ("store.md", "delivery.md"))
TESTS = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("*.py"))
LAWS = 12


def test_every_law_on_the_page_has_a_test() -> None:
    laws = re.findall(r"^\| (\d+) · .* \| `test_law_(\d+)_…`", DELIVERY, re.MULTILINE)
    assert [int(number) for number, _ in laws] == list(range(1, LAWS + 1))
    for number, name in laws:
        assert int(number) == int(name)
        assert re.search(rf"def test_law_{name}_\w+", TESTS)


def test_every_table_is_on_the_page() -> None:
    schema = (ROOT / "ayni/engine/store/sqlite.sql").read_text("utf-8")
    tables = re.findall(r"create table if not exists (\w+)", schema)
    assert [name for name in tables if f"| `{name}` |" not in STORE] == []
