"""A sample of a channel: the files of one name, some given, the others what must become of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

GIVEN, RESPONSE, OUT, HANDOVER, ANSWER = "in", "response", "out", "handover", "answer"
OUTCOMES = (OUT, "error", "filtered")
"""What may become of a message: one of these stands beside it."""


class SampleError(AssertionError):
    """A sample has nothing beside it, a function broke on it, or something else became of it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The files of one name, by their slot: what stands between name and ending, `in` or `lab.out`."""

    name: str
    folder: Path
    files: Mapping[str, Path]

    def __str__(self) -> str:
        return self.name

    @property
    def given(self) -> dict[str, Path]:
        """What comes in, and what destinations answer."""
        return {slot: path for slot, path in self.files.items() if _is_given(slot)}

    @property
    def expected(self) -> dict[str, Path]:
        """What must become of it."""
        return {slot: path for slot, path in self.files.items() if not _is_given(slot)}

    @property
    def mistake(self) -> str:
        """What keeps it from being a sample, "" when nothing does."""
        if not self.given:
            return f"{self.name}: nothing is given, expected {self.name}.in.* or {self.name}.response.*"
        if GIVEN in self.given and not any(kind_of(slot) in OUTCOMES for slot in self.expected):
            return f"{self.name}: nothing stands beside it, expected .out.*, .error.txt or .filtered.txt"
        return ""

    def update(self, slot: str, content: bytes | None) -> None:
        """Makes this what is expected in a slot; None that nothing is. The form of a file stays as it is."""
        path = self.files.get(slot)
        if content is None:
            if path is not None:
                path.unlink()
            return
        (path or self.folder / f"{self.name}.{slot}.{_ending(slot, content)}").write_bytes(
            _readable(content, like=path)
        )


def samples_in(folder: Path) -> list[Sample]:
    """The samples of a folder, by name, whatever is wrong with them."""
    files: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("[!.]*.*.*")):
        name, *parts, ending = path.name.split(".")
        slot, taken = ".".join(parts), files.setdefault(name, {})
        taken[slot if slot not in taken else f"{slot}.{ending}"] = path  # nothing will become of a second one
    return [Sample(name, folder, found) for name, found in files.items()]


def content_of(path: Path) -> bytes:
    """What a file of a sample stands for: HL7 v2 in lines that end in LF means segments that end in CR."""
    content = path.read_bytes()
    return content.replace(b"\n", b"\r") if _is_from_an_editor(path, content) else content


def kind_of(slot: str) -> str:
    """`out` of `lab.out`, `handover` of `lab.handover.results`."""
    parts = slot.split(".")
    return HANDOVER if HANDOVER in parts else parts[-1]


def _is_given(slot: str) -> bool:
    return slot == GIVEN or kind_of(slot) == RESPONSE


def _is_from_an_editor(path: Path, content: bytes) -> bool:
    return path.suffix == ".hl7" and b"\r" not in content


def _ending(slot: str, content: bytes) -> str:
    if kind_of(slot) in ("error", "filtered"):
        return "txt"
    if content.startswith(b"MSH"):
        return "hl7"
    return "json" if content[:1] in (b"{", b"[") else "txt"


def _readable(content: bytes, *, like: Path | None) -> bytes:
    """As a person reviews it: HL7 v2 in lines, unless the file has the segments' own ends; JSON indented."""
    if content.startswith(b"MSH") and b"\n" not in content:
        is_as_sent = like is not None and b"\r" in like.read_bytes()
        return content if is_as_sent else content.replace(b"\r", b"\n")
    if content[:1] in (b"{", b"["):
        return msgspec.json.format(content, indent=1) + b"\n"
    return content
