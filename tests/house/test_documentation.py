"""What the documents promise is there."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ayni.wire.settings import SETTINGS

SETTING = re.compile(r"\bAYNI_[A-Z0-9_]*[A-Z0-9]\b")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def test_every_dependency_has_a_reason(project: dict[str, Any], root: Path) -> None:
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    names = {re.split(r"[<>=\[; ]", line)[0] for group in groups for line in group}
    page = (root / "docs/decisions/0004-dependencies.md").read_text("utf-8")
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_setting_is_on_its_page_with_its_start_value_and_meaning(root: Path) -> None:
    page = (root / "docs/operating/settings.md").read_text("utf-8")
    rows = [
        f"| `{setting.name}` | {f'`{setting.default}`' if setting.default else '–'} | {setting.meaning} |"
        for setting in SETTINGS
    ]
    assert [row for row in rows if row not in page] == []


def test_no_setting_is_hidden_in_the_code_or_only_on_paper(root: Path) -> None:
    declared = {setting.name for setting in SETTINGS}
    texts = [*(root / "ayni").rglob("*.py"), *(root / "docs").rglob("*.md"), *root.glob("*.md")]
    named = {name for path in texts for name in SETTING.findall(path.read_text("utf-8"))}
    assert named - declared == set()


def test_every_decision_says_what_it_is_not_for(root: Path) -> None:
    headings = ["## Context", "## Decision", "## Consequences", "## What it is not for"]
    for page in sorted((root / "docs/decisions").glob("[0-9]*.md")):
        lines = page.read_text("utf-8").splitlines()
        assert [line for line in lines if line.startswith("## ")] == headings, page.name
        assert lines[0].startswith(f"# {int(page.name[:4])}. "), page.name


def test_every_link_leads_somewhere(tracked: tuple[Path, ...], root: Path) -> None:
    broken = [
        f"{path.relative_to(root)}: {link}"
        for path in tracked
        if path.suffix == ".md"
        for link in LINK.findall(path.read_text("utf-8"))
        if not (path.parent / link).exists()
    ]
    assert broken == []
