"""A value set: which codes of which systems belong together, said by lists, filters and other value sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ayni.vocabulary.terminology.effective import ALWAYS, Effective

Operator = Literal["=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists"]
"""Value set FilterOperator (R4); `descendent-of` is the standard's own spelling."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A test of one property; `concept` and `code` name the code itself, `display` its name."""

    property: str
    op: Operator
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One include or exclude (R4, ValueSet, "Composition Rules").

    Codes of `system` (all; or those of `listed`, code to its display here; or those that pass all `filters`)
    that are in every one of `value_sets`. Without a system, what is in every one of them.
    """

    system: str = ""
    version: str = ""
    listed: Mapping[str, str] | None = None
    filters: tuple[Filter, ...] = ()
    value_sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSet:
    """One version. `with_retired`: codes that count no more belong to it, too."""

    url: str
    version: str = ""
    name: str = ""
    title: str = ""
    published: date | None = None
    effective: Effective = ALWAYS
    with_retired: bool = False
    include: tuple[Clause, ...]
    exclude: tuple[Clause, ...] = ()

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}" if self.version else self.url
