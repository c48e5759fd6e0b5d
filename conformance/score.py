"""What one suite found."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Score:
    """`right` of `n` cases; `figures` are what else a reader needs to judge that."""

    name: str  # the key in var/conformance.json
    n: int
    right: int
    word: str = "ok"  # what `right` is called there
    figures: dict[str, int] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)  # case: why it is not counted
    failures: tuple[tuple[str, str], ...] = ()  # (reason, case)

    @property
    def share(self) -> float:
        return self.right / self.n if self.n else 0.0

    def as_json(self) -> dict[str, int]:
        excluded = {"excluded": len(self.excluded)} if self.excluded else {}
        return {"n": self.n, self.word: self.right, **self.figures, **excluded}


class NoData(Exception):
    """The data of a suite is not in the folder that was given."""
