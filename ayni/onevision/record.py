"""The regional record as its parts see it: one file, one clock, one writer at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import apsw

from ayni.fhirserver import SCHEMA as RESOURCES
from ayni.fhirserver import Repository
from ayni.wire import outbox, received
from ayni.wire.clock import TEST_TRAFFIC, Now
from ayni.wire.database import Database

NUMBERING = """
create table if not exists numbering (series text primary key, last integer not null) strict;
"""

SCHEMAS = (RESOURCES, outbox.SCHEMA, received.SCHEMA, NUMBERING)
"""What the record's file holds: resources, events that must travel, messages already taken, number series."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What one change may touch, in one transaction: the resources, and what goes with them.

    Its clock stands still: everything one change writes carries one time.
    """

    tx: apsw.Connection
    at: datetime
    repository: Repository
    processing_id: str

    def now(self) -> datetime:
        """The time of this change."""
        return self.at

    def next_number(self, series: str) -> int:
        """The next number of a series, without gaps: a change that is undone gives its number back."""
        row = self.tx.execute(
            "insert into numbering values (?, 1) on conflict do update set last = last + 1 returning last",
            (series,),
        ).fetchone()
        return int(row[0])


@dataclass(frozen=True, slots=True)
class Record:
    """The record of the region. `changed` is called after each commit: what must travel leaves at once."""

    database: Database
    now: Now
    new_id: Callable[[], str]
    processing_id: str = "T"
    changed: Callable[[], None] = field(default=lambda: None)

    @property
    def is_test(self) -> bool:
        """Whether only invented people are taken, so that people and times may be invented for them."""
        return self.processing_id == TEST_TRAFFIC

    @contextmanager
    def changing(self) -> Iterator[Chart]:
        """One change: all of it is kept when the block ends, none of it when it raises."""
        at = self.now()
        with self.database.transaction() as tx:
            yield Chart(tx, at, self._repository(tx, lambda: at), self.processing_id)
        self.changed()

    @contextmanager
    def reading(self) -> Iterator[Chart]:
        """One consistent view."""
        at = self.now()
        with self.database.reading() as tx:
            yield Chart(tx, at, self._repository(tx, lambda: at), self.processing_id)

    def _repository(self, tx: apsw.Connection, now: Now) -> Repository:
        return Repository(tx, now=now, new_id=self.new_id)
