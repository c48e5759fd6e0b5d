"""The glossary is the list of words: complete, short, and obeyed by the code."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROW = re.compile(r"^\| (?!word |---)(?P<word>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE)
NEVER = re.compile(r"; never: (?P<words>[a-z_, ]+)$")

PROMISED = """
channel, source, destination, connector, filter, transformer, message, delivery, attempt, acknowledgement,
refused, stalled, replay, conversation, turn, fact, red flag, orientation, intake, consent, notification,
intake request, patient, facility, slot, appointment, encounter, condition, observation, referral,
counter-referral, correlation id, event key, state, outbox, scenario, evidence, hop
"""


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/glossary.md").read_text("utf-8")


@pytest.fixture(scope="module")
def entries(page: str) -> list[tuple[str, str]]:
    return [(row["word"], row["meaning"]) for row in ROW.finditer(page)]


def test_every_promised_word_is_there(entries: list[tuple[str, str]]) -> None:
    assert set(re.split(r",\s", PROMISED.strip())) - {word for word, _ in entries} == set()


def test_no_word_has_two_meanings(entries: list[tuple[str, str]]) -> None:
    words = [word for word, _ in entries]
    assert sorted(words) == sorted(set(words))


def test_words_are_in_order_within_their_section(page: str) -> None:
    for section in page.split("\n## ")[1:]:
        words = [row["word"] for row in ROW.finditer(section)]
        assert words == sorted(words), section.splitlines()[0]


def test_a_meaning_is_one_sentence(entries: list[tuple[str, str]]) -> None:
    def is_one_sentence(meaning: str) -> bool:
        return not re.search(r"\. [A-Z]", meaning) and (meaning.endswith(".") or bool(NEVER.search(meaning)))

    assert [word for word, meaning in entries if not is_one_sentence(meaning)] == []


def test_the_code_uses_no_word_the_glossary_turns_down(
    entries: list[tuple[str, str]], sources: dict[Path, ast.Module]
) -> None:
    turned_down = {word for _, meaning in entries for word in _turned_down(meaning)}
    assert turned_down
    found = [
        f"{path}: {name}"
        for path, tree in sources.items()
        if path.parts[0] in ("ayni", "channels")
        for name in _defined_names(tree)
        if turned_down & _readings(name)
    ]
    assert found == []


def _turned_down(meaning: str) -> list[str]:
    match = NEVER.search(meaning)
    return match["words"].split(", ") if match else []


def _defined_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _readings(name: str) -> set[str]:
    """The words of a name, alone and by twos: `TraceId` and `trace_id` both read `trace_id`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")
    return set(words) | {f"{one}_{two}" for one, two in itertools.pairwise(words)}
