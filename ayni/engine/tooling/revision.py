"""Which code a channel's folder holds: a hash of it, and the git commit that has the very same."""

import contextlib
import hashlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REVISION_LENGTH = 12
"""Hexadecimal characters shown of a hash: enough to tell revisions apart by eye."""
GIT_SECONDS = 5.0
SHA1_LENGTH = 40


def sources_in(folder: Path) -> Iterator[Path]:
    """The Python files that run when the channel does, by name."""
    return (path for path in sorted(folder.glob("*.py")) if not path.name.startswith("test_"))


def content_hash(folder: Path) -> str:
    """A short hash of the channel's Python files: the same code has the same, wherever it lies."""
    digest = hashlib.sha256()
    for path in sources_in(folder):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:REVISION_LENGTH]


@dataclass(frozen=True, slots=True)
class Committed:
    """What the current commit holds of a folder of channels: git's hash of each file by its path there."""

    commit: str = ""
    hashes: dict[str, str] = field(default_factory=dict)

    def revision_of(self, folder: Path) -> str:
        """The content hash of one channel, `<hash>@<commit>` when the commit has exactly this code."""
        is_the_same = bool(self.commit) and self._code_of(folder.name) == self._found_in(folder)
        return content_hash(folder) + (f"@{self.commit[:REVISION_LENGTH]}" if is_the_same else "")

    def _code_of(self, name: str) -> dict[str, str]:
        inside = ((Path(path), found) for path, found in self.hashes.items())
        return {
            path.name: found
            for path, found in inside
            if path.parent == Path(name) and path.suffix == ".py" and not path.name.startswith("test_")
        }

    def _found_in(self, folder: Path) -> dict[str, str]:
        return {path.name: _git_hash(path.read_bytes(), self.commit) for path in sources_in(folder)}


def committed(folder: Path, name: str = ".") -> Committed:
    """What git says of the channels in a folder, or of one of them; nothing where there is no git."""
    with contextlib.suppress(OSError, subprocess.SubprocessError, UnicodeDecodeError):
        commit = _git(folder, "rev-parse", "--verify", "HEAD").strip()
        tree = _git(folder, "ls-tree", "-r", "-z", commit, "--", name)
        return Committed(commit, dict(_entries(tree)))
    return Committed()


def _entries(tree: str) -> Iterator[tuple[str, str]]:
    for entry in filter(None, tree.split("\0")):
        described, _, path = entry.partition("\t")
        yield path, described.split(" ")[2]


def _git(folder: Path, *arguments: str) -> str:
    """What git prints about a folder; what a hook or a shell says about another repository is not heard."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(  # noqa: S603 - fixed words; the folder is the operator's own setting
        ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git that the operator uses
        capture_output=True,
        check=True,
        env=variables,
        timeout=GIT_SECONDS,
    ).stdout.decode()


def _git_hash(content: bytes, commit: str) -> str:
    """The hash by which git knows a file, in a repository whose commits have names such as this one."""
    kind = "sha1" if len(commit) == SHA1_LENGTH else "sha256"
    return hashlib.new(kind, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
