"""A concept map: which code of one system stands for which of another, and what becomes of the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Literal

from ayni.vocabulary.terminology.effective import ALWAYS, Effective

Equivalence = Literal[
    "relatedto",
    "equivalent",
    "equal",
    "wider",
    "subsumes",
    "narrower",
    "specializes",
    "inexact",
    "unmatched",
    "disjoint",
]
"""Value set ConceptMapEquivalence (R4), read from source to target."""

NO_TRANSLATION: Final = frozenset({"unmatched", "disjoint"})
TURNED_ROUND: Final[Mapping[Equivalence, Equivalence]] = {
    "wider": "narrower",
    "narrower": "wider",
    "subsumes": "specializes",
    "specializes": "subsumes",
}
"""What an equivalence is read from target to source; the others read the same both ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`row` counts the rows of the whole map from 1, so that a translation can say which one it used."""

    row: int
    code: str
    display: str = ""
    equivalence: Equivalence = "equivalent"
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Unmapped policy: every code without a row becomes this one."""

    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class KeepSource:
    """Unmapped policy: the source code goes on as it is (FHIR `provided`)."""


@dataclass(frozen=True, slots=True)
class AskOtherMap:
    """Unmapped policy: another map decides."""

    url: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Unmapped policy, and the one of a map that names none: no code is better than a wrong one."""


Policy = Fixed | KeepSource | AskOtherMap | Refuse


@dataclass(frozen=True, kw_only=True)
class Group:
    """The rows from one system to one other: source code to its targets, in their order."""

    source: str
    target: str
    source_version: str = ""
    target_version: str = ""
    rows: Mapping[str, tuple[Target, ...]]
    unmapped: Policy = Refuse()

    @cached_property
    def turned(self) -> Mapping[str, tuple[Target, ...]]:
        """The rows read from target to source."""
        back: dict[str, list[Target]] = {}
        for code, targets in self.rows.items():
            for each in targets:
                if each.equivalence in NO_TRANSLATION:
                    continue
                equivalence = TURNED_ROUND.get(each.equivalence, each.equivalence)
                reverse = Target(row=each.row, code=code, equivalence=equivalence, comment=each.comment)
                back.setdefault(each.code, []).append(reverse)
        return {code: tuple(targets) for code, targets in back.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptMap:
    """One version of a map."""

    url: str
    version: str = ""
    name: str = ""
    title: str = ""
    published: date | None = None
    effective: Effective = ALWAYS
    groups: tuple[Group, ...]

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}" if self.version else self.url
