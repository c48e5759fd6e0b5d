"""The revision of a channel: the same code has the same one, and a commit is named only where it has it."""

import os
import subprocess
from pathlib import Path

import pytest

from ayni.engine.loading import load_channel, load_channels
from ayni.engine.tooling.revision import committed, content_hash
from tests.engine.test_loading import write_channel


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@ayni.example"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose folder `channels` holds a channel; its commit has everything."""
    (tmp_path / "channels").mkdir()
    write_channel(tmp_path / "channels")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def commit(repository: Path) -> str:
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "channels")
    return git(repository, "rev-parse", "HEAD")[:12]


def revision(repository: Path) -> str:
    place = repository / "channels" / "lab"
    revision = load_channel(place).revision
    assert load_channels(repository / "channels")["lab"].revision == revision
    return revision


def test_the_content_hash_changes_with_the_code_and_with_nothing_else(tmp_path: Path) -> None:
    place = write_channel(tmp_path)
    before = content_hash(place)
    (place / "test_channel.py").write_text("assert True")
    (place / "README.md").write_text("what it carries")
    assert content_hash(place) == before
    write_channel(tmp_path, "channel = None")
    assert content_hash(place) != before


def test_the_same_code_has_the_same_hash_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        write_channel(tmp_path / name)
    assert content_hash(tmp_path / "here" / "lab") == content_hash(tmp_path / "there" / "lab")


def test_a_second_python_file_counts_and_so_does_its_name(tmp_path: Path) -> None:
    place = write_channel(tmp_path)
    alone = content_hash(place)
    (place / "words.py").write_text("RED = 1")
    with_words = content_hash(place)
    (place / "words.py").rename(place / "names.py")
    assert len({alone, with_words, content_hash(place)}) == 3


def test_the_commit_is_named_when_it_has_exactly_this_code(repository: Path) -> None:
    place = repository / "channels" / "lab"
    head = git(repository, "rev-parse", "HEAD")[:12]
    assert revision(repository) == f"{content_hash(place)}@{head}"
    (place / "README.md").write_text("what it carries")
    assert revision(repository) == f"{content_hash(place)}@{head}"


@pytest.mark.parametrize("change", ["changed", "staged", "added", "deleted"])
def test_code_that_no_commit_has_is_its_hash_alone(repository: Path, change: str) -> None:
    place = repository / "channels" / "lab"
    if change == "deleted":
        (place / "words.py").write_text("RED = 1")
        commit(repository)
        (place / "words.py").unlink()
    elif change == "added":
        (place / "words.py").write_text("RED = 1")
    else:
        (place / "channel.py").write_text((place / "channel.py").read_text() + "\n")
    if change == "staged":
        git(repository, "add", "-A")
    assert revision(repository) == content_hash(place)
    assert revision(repository) == content_hash(place)
    assert "@" + commit(repository) in revision(repository)


def test_ignored_folders_and_folders_outside_a_repository_have_no_commit(repository: Path) -> None:
    (repository / ".gitignore").write_text("var/\n")
    commit(repository)
    (repository / "var").mkdir()
    place = write_channel(repository / "var")
    assert load_channel(place).revision == content_hash(place)


def test_without_a_commit_or_without_git_the_hash_is_the_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_channel(tmp_path)
    assert load_channel(place).revision == content_hash(place)
    git(tmp_path, "init", "-q")
    assert load_channel(place).revision == content_hash(place)
    commit(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    assert load_channel(place).revision == content_hash(place)


def test_what_a_hook_says_of_another_repository_is_not_heard(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert committed(repository / "channels").commit
    assert "GIT_DIR" in os.environ
