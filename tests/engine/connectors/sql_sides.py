"""Two real databases as the other side of the SQL connectors: the same tables, each in its own words."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import psycopg

from ayni.engine.connectors.contract import Source, World
from ayni.engine.connectors.sql import SqlReader, SqlWriter

from .cable import Cable
from .sides import Fate

RESULT_COLUMNS = "id, said"
BUSY_SECONDS = 0.4


class Sqlite:
    """A file."""

    BIND = ":{}"
    SCHEMA = """
        create table result (number integer primary key, id text unique, said text not null);
        create table mood (mood text);
        create trigger no before insert on result when (select mood from mood) = 'no'
            begin select raise(abort, 'QUISPEMAMANI is what was said'); end;
        create table box (id integer primary key, said text, amount numeric, state text default 'new');
    """

    def __init__(self, path: Path) -> None:
        self.path, self.url = path, f"sqlite:{path}"
        with self.opened() as base:
            base.execute(self.SCHEMA)

    @contextmanager
    def opened(self) -> Iterator[apsw.Connection]:
        base = apsw.Connection(str(self.path))
        base.set_busy_timeout(2000)
        try:
            yield base
        finally:
            base.close()

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        with self.opened() as base:
            return list(base.execute(statement))

    async def is_busy(self) -> None:
        """Another program writes for a moment, longer than we wait."""
        base = apsw.Connection(str(self.path))
        base.execute("begin immediate")
        asyncio.get_running_loop().call_later(BUSY_SECONDS, base.close)

    async def down(self) -> None:
        await self.vanish()

    async def up(self) -> None:
        await self.appear()

    async def vanish(self) -> None:
        self.path.rename(self.path.with_suffix(".away"))

    async def appear(self) -> None:
        self.path.with_suffix(".away").rename(self.path)


class Postgres:
    """A server behind a cable."""

    BIND = "%({})s"
    SCHEMA = """
        drop schema public cascade;
        create schema public;
        create table result (number serial primary key, id text unique, said text not null);
        create table mood (mood text);
        create sequence times;
        create function moody() returns trigger language plpgsql as $$
            declare now_mood text := (select mood from mood);
            begin
                if now_mood = 'no' then raise exception '% is what was said', new.said; end if;
                if now_mood = 'later' and nextval('times') = 1 then
                    raise serialization_failure using message = new.said;
                end if;
                return new;
            end $$;
        create trigger moody before insert on result for each row execute function moody();
        create table box (id int primary key, said text, amount numeric, state text default 'new');
    """

    def __init__(self, server_url: str, line: Cable) -> None:
        self._server_url, self.line = server_url, line
        self.url = f"postgresql://postgres@127.0.0.1:{line.port}/postgres"
        self.run(self.SCHEMA)

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """What may wait for a lock of the connector's runs beside the loop: it lets go in the loop."""
        options = "-c lock_timeout=5s"
        with psycopg.connect(self._server_url, autocommit=True, options=options) as base:
            cursor = base.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    async def is_busy(self) -> None:
        self.run("insert into mood values ('later')")

    async def down(self) -> None:
        await self.line.unplug()

    async def up(self) -> None:
        await self.line.plug()

    async def vanish(self) -> None:
        await asyncio.to_thread(self.run, "alter table box rename to away")

    async def appear(self) -> None:
        await asyncio.to_thread(self.run, "alter table away rename to box")


class WriterSide:
    """A table that a SqlWriter fills."""

    def __init__(self, base: Sqlite | Postgres) -> None:
        self.base = base

    def declared(self, **declared: Any) -> SqlWriter:
        bound = ", ".join(self.base.BIND.format(name) for name in ("id", "said"))
        return SqlWriter(
            url=self.base.url, statement=f"insert into result ({RESULT_COLUMNS}) values ({bound})", **declared
        )

    @property
    def same(self) -> str:
        return f"select 1 from result where id = {self.bind('id')} and said = {self.bind('said')}"

    def bind(self, name: str) -> str:
        return self.base.BIND.format(name)

    def content(self, text: str) -> bytes:
        return json.dumps({"id": text[:10], "said": text}).encode()

    def taken(self) -> list[bytes]:
        rows = self.base.run("select id, said from result order by number")
        return [json.dumps({"id": each[0], "said": each[1]}).encode() for each in rows]

    async def says_no(self) -> None:
        self.base.run("insert into mood values ('no')")

    async def says_later(self) -> None:
        await self.base.is_busy()

    async def loses_its_answer(self) -> None:
        assert isinstance(self.base, Postgres)
        self.base.line.fault = "lose"

    async def is_silent(self) -> None:
        assert isinstance(self.base, Postgres)
        self.base.line.fault = "hold"

    async def down(self) -> None:
        await self.base.down()

    async def up(self) -> None:
        await self.base.up()


class ReaderSide:
    """A table that a SqlReader empties."""

    def __init__(self, base: Sqlite | Postgres) -> None:
        self.base = base
        self._count = 0

    def opened(self, world: World, **declared: Any) -> Source:
        mark = f"where id = {self.base.BIND.format('id')}"
        return SqlReader(
            url=self.base.url,
            query="select id, said, amount from box where state = 'new' order by id",
            key="id",
            mark_taken=f"update box set state = 'taken' {mark}",
            mark_refused=f"update box set state = 'refused ' || {self.base.BIND.format('error')} {mark}",
            every_seconds=0.02,
            **declared,
        ).open(world, "results")

    async def offer(self, text: str) -> bytes:
        self._count += 1
        quoted = text.replace("'", "''")
        self.base.run(f"insert into box (id, said, amount) values ({self._count}, '{quoted}', 1.5)")
        row = {"id": self._count, "said": text, "amount": 1.5}
        return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()

    def fate(self, raw: bytes) -> Fate:
        state = self._state(raw)
        if state.startswith("refused"):
            return "refused"
        return "taken" if state == "taken" else "waiting"

    def reason(self, raw: bytes) -> str:
        return self._state(raw)

    async def vanish(self) -> None:
        await self.base.vanish()

    async def appear(self) -> None:
        await self.base.appear()

    def _state(self, raw: bytes) -> str:
        ((state,),) = self.base.run(f"select state from box where id = {json.loads(raw)['id']}")
        return str(state)
