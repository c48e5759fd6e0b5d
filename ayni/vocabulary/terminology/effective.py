"""Since when and until when something counts."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Standing(StrEnum):
    """Where a concept stands on a day."""

    FUTURE = "future"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Effective:
    """The days from `since` on and before `until`; None is an open end."""

    since: date | None = None
    until: date | None = None

    @classmethod
    def period(cls, start: date | None, end: date | None) -> "Effective":
        """A FHIR Period, whose end is still part of it (R4, Data Types, Period)."""
        return cls(start, end + timedelta(days=1) if end and end < date.max else None)

    @property
    def last(self) -> date | None:
        """The last day, as a Period says it."""
        return self.until - timedelta(days=1) if self.until else None

    def standing(self, on: date) -> Standing:
        if self.since and on < self.since:
            return Standing.FUTURE
        return Standing.RETIRED if self.until and on >= self.until else Standing.CURRENT


ALWAYS: Final = Effective()
