"""Rows of a database: a reader that polls a query, and a writer of one statement.

Statements are written in the words of their database, and values are always bound: `:name` in SQLite,
`%(name)s` in PostgreSQL.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import structlog

from ayni.engine.connectors.contract import Arrived, Parcel, Sender, Source, World
from ayni.engine.connectors.polling import PollingSource
from ayni.engine.connectors.sends import Sends
from ayni.engine.connectors.sql_base import KeyTaken, Row, SqlBase, open_base
from ayni.engine.errors import ContentError, code_of
from ayni.vocabulary.fhir.json import NumberAsWritten, as_written, number_as_written
from ayni.wire.failure import Refused

log = structlog.get_logger()

LOOK_SECONDS = 5.0
ROWS_MAX = 100
"""Rows that are held in memory at once."""


def _as_text(value: Any) -> Any:
    """What JSON has no form for, such as an address or a range of PostgreSQL, goes as its text."""
    return as_written(value) if isinstance(value, NumberAsWritten) else str(value)


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_as_text)
_decoder = msgspec.json.Decoder(float_hook=number_as_written)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlReader:
    """Takes each row that `query` finds as a JSON object; `key` is the column that names it.

    `mark_taken` runs with the row's values once the engine has it, `mark_refused` with `error` as well when
    it was refused: both must see to it that the query does not find the row again.
    """

    url: str
    query: str
    key: str
    mark_taken: str
    mark_refused: str
    password_file: str = ""
    every_seconds: float = LOOK_SECONDS
    rows_max: int = ROWS_MAX
    format: str = "json"

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        place = _RowPlace(self, open_base(world, self.url, self.password_file))
        return PollingSource(place, every_seconds=self.every_seconds, channel=channel)


class _RowPlace:
    """The rows a query finds (see `polling.Place`)."""

    def __init__(self, declared: SqlReader, base: SqlBase) -> None:
        self._declared, self._base = declared, base
        self._current: Row = {}

    async def look(self) -> AsyncGenerator[Arrived, None]:
        seen = set[str]()
        while rows := [each for each in await self._rows() if self._key_of(each) not in seen]:
            for row in rows:
                self._current, key = row, self._key_of(row)
                seen.add(key)
                content = {name: _in_json(value) for name, value in row.items()}
                yield Arrived(raw=_encoder.encode(content), control_id=key)

    async def _rows(self) -> list[Row]:
        found = await self._base.rows(self._declared.query, {}, limit=self._declared.rows_max)
        if without := [each for each in found if each.get(self._declared.key) is None]:
            log.error("rows without a key left where they are", count=len(without))
        return [each for each in found if each.get(self._declared.key) is not None]

    def _key_of(self, row: Row) -> str:
        return str(row[self._declared.key])

    async def taken(self, arrived: Arrived) -> None:
        await self._base.run(self._declared.mark_taken, self._current)

    async def refused(self, arrived: Arrived, error: ContentError | None) -> None:
        code = code_of(error) if error else "refused"
        await self._base.run(self._declared.mark_refused, self._current | {"error": code})

    async def close(self) -> None:
        await self._base.close()


def _in_json(value: Any) -> Any:
    """JSON has no NaN and no Infinity: they go by name, as PostgreSQL's own `to_json` writes them."""
    is_number = isinstance(value, float | Decimal)
    return str(number) if is_number and not (number := Decimal(value)).is_finite() else value


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlWriter:
    """Runs one statement with the values of the outgoing JSON object; what is nested in it goes as JSON text.

    A unique key that is there already means delivered when `same`, a query with the same values, finds a row;
    without `same` it does so only where an earlier attempt may have come through.
    """

    url: str
    statement: str
    same: str = ""
    password_file: str = ""

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        return _SqlSending(self, open_base(world, self.url, self.password_file))


class _SqlSending:
    def __init__(self, declared: SqlWriter, base: SqlBase) -> None:
        self._declared, self._base = declared, base
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        await self._sends.close()
        await self._base.close()

    async def _send(self, parcel: Parcel) -> bytes:
        values = _values_in(parcel.content)
        try:
            await self._base.run(self._declared.statement, values)
        except KeyTaken:
            if not await self._is_same(values, parcel):
                raise
        return b""

    async def _is_same(self, values: Row, parcel: Parcel) -> bool:
        if not self._declared.same:
            return parcel.attempt_count > 0
        return bool(await self._base.rows(self._declared.same, values, limit=1))


def _values_in(content: bytes) -> dict[str, Any]:
    try:
        values = _decoder.decode(content)
    except (msgspec.DecodeError, InvalidOperation):
        values = None
    if not isinstance(values, dict):
        raise Refused("the content is no JSON object")
    return {name: _bindable(value) for name, value in values.items()}


def _bindable(value: Any) -> Any:
    return _encoder.encode(value).decode() if isinstance(value, dict | list) else value
