"""The two pages about the console name what is there, and all of it."""

import re
from pathlib import Path

from click.testing import CliRunner

from ayni.engine.cli import engine
from ayni.engine.console.api.operations import OPERATIONS

DOCS = Path(__file__).resolve().parents[3] / "docs" / "engine"
CONSOLE = (DOCS / "console.md").read_text("utf-8")
COMMANDS = (DOCS / "cli.md").read_text("utf-8")


def test_every_command_and_option_on_its_page_exists_and_every_command_is_on_it():
    lines = re.findall(r"ayni engine ([a-z][a-z -]*)", COMMANDS)
    named = {line.split()[0] for line in lines}
    listed = set(engine.list_commands(None))  # type: ignore[arg-type]
    assert named <= listed
    assert {name for name in listed if not re.search(rf"\b{name}\b", COMMANDS)} == set()
    for line in re.findall(r"^(?:\$ |\S+ \S+ \| )?ayni engine (.*)$", COMMANDS, re.MULTILINE):
        words = line.partition("#")[0].split()
        help_of = CliRunner().invoke(engine, [*_command(words), "--help"]).output
        for option in re.findall(r"(--[a-z-]+)", line):
            assert option in help_of, line


def _command(words: list[str]) -> list[str]:
    return words[:2] if words[0] in ("account", "hold") else words[:1]


def test_every_address_on_the_page_exists_and_every_address_is_on_it():
    paths = {operation.path.replace(":row", "") for operation in OPERATIONS}
    for method, path in re.findall(r"\| `(GET|POST) (/api/[^`]*)`", CONSOLE):
        assert any(each.method == method and each.path.replace(":row", "") == path for each in OPERATIONS), (
            path
        )
    for path in paths:
        end = path.rpartition("/")[2]
        assert f"/{end}`" in CONSOLE or f"/{end}" in CONSOLE, path


def test_every_example_address_is_one_of_the_interface():
    for address in re.findall(r"8003(/api/[^\s'?]*)", CONSOLE):
        pattern = re.sub(r"/\d+", "/{id:row}", address)
        assert pattern in {operation.path for operation in OPERATIONS}, address
