"""Rows of two real databases, read and written."""

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ayni.engine.connectors.contract import Sender, Source, World
from ayni.engine.connectors.sql import SqlReader, SqlWriter
from ayni.wire.failure import CannotStart, NotConnected, NotTaken, Refused

from .cable import cable
from .conftest import Ports
from .contract import DestinationContract, SourceContract, cannot, fails
from .sides import A_WHILE_SECONDS, Desk, parcel, until
from .sql_sides import Postgres, ReaderSide, Sqlite, WriterSide


@pytest.fixture
async def postgres(server_url: str, ports: Ports) -> AsyncIterator[Postgres]:
    server_port = int(server_url.rpartition(":")[2].partition("/")[0])
    async with cable(ports.free(), server_port, marker=b"insert into result") as line:
        yield Postgres(server_url, line)


@pytest.fixture
def sqlite(tmp_path: Path) -> Sqlite:
    return Sqlite(tmp_path / "lab.sqlite")


@pytest.fixture(params=["sqlite", "postgres"])
def base(request: pytest.FixtureRequest) -> Sqlite | Postgres:
    found: Sqlite | Postgres = request.getfixturevalue(request.param)
    return found


class TestSqliteReader(SourceContract):
    @pytest.fixture
    def outside(self, sqlite: Sqlite) -> ReaderSide:
        return ReaderSide(sqlite)

    @pytest.fixture
    def source(self, world: World, outside: ReaderSide) -> Source:
        return outside.opened(world)


class TestPostgresReader(SourceContract):
    @pytest.fixture
    def outside(self, postgres: Postgres) -> ReaderSide:
        return ReaderSide(postgres)

    @pytest.fixture
    def source(self, world: World, outside: ReaderSide) -> Source:
        return outside.opened(world)


class TestSqliteWriter(DestinationContract):
    CANNOT = cannot(
        test_a_lost_answer_is_unknown_and_the_repeat_takes_effect_once="a file answers or fails",
        test_silence_is_unknown_after_its_time="a file answers or fails",
        test_closing_ends_what_is_under_way_as_unknown="a statement is over before it could be closed",
        test_a_caller_that_is_cancelled_is_cancelled="a statement is over before it could be cancelled",
    )

    @pytest.fixture
    def far_side(self, sqlite: Sqlite) -> WriterSide:
        return WriterSide(sqlite)

    @pytest.fixture
    def sender(self, world: World, far_side: WriterSide) -> Sender:
        return far_side.declared().open(world, "lab")


class TestPostgresWriter(DestinationContract):
    @pytest.fixture
    def far_side(self, postgres: Postgres) -> WriterSide:
        return WriterSide(postgres)

    @pytest.fixture
    def sender(self, world: World, far_side: WriterSide) -> Sender:
        return far_side.declared().open(world, "lab")


async def test_a_key_of_somebody_else_is_refused_at_the_first_attempt(
    world: World, base: Sqlite | Postgres
) -> None:
    side = WriterSide(base)
    base.run("insert into result (id, said) values ('one', 'other')")
    await fails(Refused, side.declared().open(world, "lab"), side.content("one"))


async def test_what_is_the_same_is_said_by_a_query(world: World, base: Sqlite | Postgres) -> None:
    side = WriterSide(base)
    sender = side.declared(same=side.same).open(world, "lab")
    await sender.send(parcel(side.content("one")))
    await sender.send(parcel(side.content("one")))
    base.run("update result set said = 'other'")
    with pytest.raises(Refused):
        await sender.send(parcel(side.content("one"), attempt_count=3))
    await sender.close()


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (b'{"id": "1", "said": null}', Refused),
        (b'{"id": "1"}', Refused),
        (b"[1]", Refused),
        (b"not json", Refused),
        (b'{"id": "1", "said": "\\u0000"}', None),
    ],
)
async def test_content_that_does_not_fit_is_refused(
    world: World, base: Sqlite | Postgres, content: bytes, failure: Any
) -> None:
    side = WriterSide(base)
    sender = side.declared().open(world, "lab")
    if failure is None and isinstance(base, Sqlite):
        await sender.send(parcel(content))  # SQLite keeps what PostgreSQL cannot
    else:
        await fails(failure or Refused, sender, content)
    await sender.close()


async def test_a_statement_that_does_not_fit_the_tables_is_to_be_mended_here(
    world: World, base: Sqlite | Postgres
) -> None:
    sender = SqlWriter(url=base.url, statement="insert into nowhere values (1)").open(world, "lab")
    with pytest.raises(NotTaken) as caught:
        await sender.send(parcel(b"{}"))
    assert not isinstance(caught.value, NotConnected)
    await sender.close()


async def test_digits_stay_as_they_are(world: World, base: Sqlite | Postgres) -> None:
    base.run("create table amount (id text, amount numeric(10, 2), detail text)")
    bound = ", ".join(base.BIND.format(name) for name in ("id", "amount", "detail"))
    writer = SqlWriter(url=base.url, statement=f"insert into amount values ({bound})").open(world, "lab")
    await writer.send(parcel(b'{"id": "1.10", "amount": 0.30, "detail": {"dose": 1.10}}'))
    ((name, amount, detail),) = base.run("select id, amount, detail from amount")
    assert (name, Decimal(str(amount)), detail) == ("1.10", Decimal("0.3"), '{"dose":1.10}')
    await writer.close()


async def test_a_number_inside_keeps_its_digits(world: World, base: Sqlite | Postgres) -> None:
    base.run("create table dose (detail text)")
    statement = f"insert into dose values ({base.BIND.format('detail')})"
    writer = SqlWriter(url=base.url, statement=statement).open(world, "lab")
    await writer.send(parcel(b'{"detail": [0.0000001, 1E2, 2.50e-3]}'))
    assert base.run("select detail from dose") == [("[0.0000001,1E2,2.50e-3]",)]
    await fails(Refused, writer, b'{"detail": 1e9999999999999999999}')
    await writer.close()


async def test_a_row_of_postgresql_is_json_with_the_digits_it_has(world: World, postgres: Postgres) -> None:
    desk = Desk()
    reader = SqlReader(
        url=postgres.url,
        query="""select 1 as id, 1.10 as weight, 'NaN'::numeric as lost, '-Infinity'::float8 as low,
                        '{"dose": 1.10, "tiny": 0.0000001}'::json as plan, '[2.50]'::jsonb as steps,
                        '10.0.0.7'::inet as seen_by""",
        key="id",
        mark_taken="select 1",
        mark_refused="select 1",
        every_seconds=60,
    )
    async with reader.open(world, "results").running(desk.receive):
        (raw,) = await desk.gets(1)
    assert raw == (
        b'{"id":1,"weight":1.10,"lost":"NaN","low":"-Infinity",'
        b'"plan":{"dose": 1.10, "tiny": 0.0000001},"steps":[2.50],"seen_by":"10.0.0.7"}'
    )


async def test_values_are_never_part_of_the_statement(world: World, base: Sqlite | Postgres) -> None:
    side = WriterSide(base)
    sender = side.declared().open(world, "lab")
    content = side.content("'); drop table result; --")
    await sender.send(parcel(content))
    assert side.taken() == [content]
    await sender.close()


async def test_rows_come_in_the_order_of_the_query_however_many(
    world: World, base: Sqlite | Postgres
) -> None:
    side, desk = ReaderSide(base), Desk()
    rows = [await side.offer(str(number)) for number in range(7)]
    async with side.opened(world, rows_max=2).running(desk.receive):
        assert await desk.gets(7) == rows
        await until(lambda: side.fate(rows[-1]) == "taken")


async def test_a_row_without_a_key_is_left_where_it_is(world: World, sqlite: Sqlite) -> None:
    sqlite.run("create table odd (id integer, said text)")
    sqlite.run("insert into odd values (null, 'a'), (2, 'b')")
    reader = SqlReader(
        url=sqlite.url,
        query="select * from odd",
        key="id",
        mark_taken="delete from odd where id = :id",
        mark_refused="delete from odd where id = :id",
        every_seconds=0.02,
    )
    desk = Desk()
    async with reader.open(world, "odd").running(desk.receive):
        await until(lambda: sqlite.run("select count(*) from odd") == [(1,)])
    assert [json.loads(each.raw) for each in desk.arrived] == [{"id": 2, "said": "b"}]


async def test_a_query_changes_nothing(world: World, base: Sqlite | Postgres) -> None:
    side, desk = ReaderSide(base), Desk()
    await side.offer("one")
    reader = SqlReader(
        url=base.url,
        query="delete from box returning id",
        key="id",
        mark_taken="",
        mark_refused="",
        every_seconds=0.02,
    )
    async with reader.open(world, "results").running(desk.receive):
        await asyncio.sleep(A_WHILE_SECONDS)
    assert base.run("select count(*) from box") == [(1,)]
    assert desk.arrived == []


async def test_a_query_that_changes_by_a_function_changes_nothing(world: World, postgres: Postgres) -> None:
    desk = Desk()
    reader = SqlReader(
        url=postgres.url,
        query="select nextval('times') as id",
        key="id",
        mark_taken="",
        mark_refused="",
        every_seconds=0.02,
    )
    async with reader.open(world, "results").running(desk.receive):
        await asyncio.sleep(A_WHILE_SECONDS)
    assert desk.arrived == []


async def test_a_mark_that_marks_nothing_does_not_spin(world: World, sqlite: Sqlite) -> None:
    side, desk = ReaderSide(sqlite), Desk()
    await side.offer("one")
    reader = SqlReader(
        url=sqlite.url,
        query="select id from box",
        key="id",
        mark_taken="update box set state = 'x' where id = -1",
        mark_refused="",
        every_seconds=60,
    )
    async with reader.open(world, "results").running(desk.receive):
        await desk.gets(1)
        await asyncio.sleep(A_WHILE_SECONDS)
    assert len(desk.arrived) == 1


@pytest.mark.parametrize("url", ["mysql://host/base", "${LAB_DATABASE}", "postgresql://[::/x"])
def test_an_address_that_is_none_keeps_the_engine_from_starting(world: World, url: str) -> None:
    with pytest.raises(CannotStart):
        SqlWriter(url=url, statement="").open(world, "lab")


async def test_a_password_comes_from_its_file(world: World, postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(CannotStart):
        SqlWriter(url=postgres.url, statement="", password_file="none").open(world, "lab")
    (tmp_path / "password").write_text("trusted anyway\n")
    sender = SqlWriter(url=postgres.url, statement="select 1", password_file=str(tmp_path / "password"))
    opened = sender.open(world, "lab")
    await opened.send(parcel(b"{}"))
    await opened.close()
