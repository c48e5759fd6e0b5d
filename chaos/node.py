"""The engine under test: its store, its pipeline, its channels and deliverers, without console and settings.

It runs in a process of its own that the supervisor may kill at any moment. Over one connection to the
supervisor it says that it is ready, and answers a few questions about its store.
"""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, cast

import aiohttp
import apsw
import msgspec
import uvloop

from ayni.engine import delivery
from ayni.engine.channel import Channel
from ayni.engine.connectors.contract import Arrived, Verdict, World
from ayni.engine.connectors.web import WebServers
from ayni.engine.failpoint import arm, failpoint
from ayni.engine.pipeline import Pipeline
from ayni.engine.policy import Policy
from ayni.engine.runtime import Runtime
from ayni.engine.store.contract import Store
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.sql import SqlStore
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.clock import real_now, steady
from ayni.wire.failure import CannotStart
from ayni.wire.logging import start_logging
from ayni.wire.serve import bind
from ayni.wire.settings import Environment
from chaos import sabotage
from chaos.history import History
from chaos.lossy import LossyDisk, Trouble
from chaos.routes import DESTINATIONS, channels, sender_to
from chaos.rows import rows_of
from chaos.watched import Watched, WatchedStore

STARTED_BADLY = 3
"""The exit status of a node that refused to start, after one line that says why."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How one life of the engine is to be.

    `database`: the address of a PostgreSQL, "" for a file. `owner`: its name in leases, and of its history.
    `number`: by which it says that it is ready.
    """

    folder: str
    port: int
    control: int
    peers: dict[str, int]
    failpoint: str = ""
    trouble: Trouble | None = None
    sabotage: str = ""
    attempts_max: int | None = None
    when_stopped: str = "hold"
    answer_seconds: float = 10.0
    lease_margin_seconds: float = 30.0
    database: str = ""
    owner: str = "engine"
    clock_seconds: float = 0.0
    number: int = 0


def live(options: Options) -> int:
    """Runs one life of the engine in this process; its exit status."""
    start_logging("engine")
    disk = LossyDisk(options.trouble) if options.trouble else None
    sabotage.apply(options.sabotage)
    arm(options.failpoint, processing_id="T")
    delivery.LEASE_MARGIN_SECONDS = options.lease_margin_seconds
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(Node(options, disk).run())
    except (CannotStart, OSError) as error:
        sys.stderr.write(f"ayni: {error}\n")
        return STARTED_BADLY
    return 0


class Node:
    """One life of the engine."""

    def __init__(self, options: Options, disk: LossyDisk | None) -> None:
        self._options, self._disk = options, disk
        self._folder = Path(options.folder)
        self._ahead = timedelta(seconds=options.clock_seconds)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Opens everything, says that it is ready, answers until it is told to stop."""
        async with AsyncExitStack() as stack:
            history = stack.enter_context(History(self._folder / f"{self._options.owner}.jsonl", "engine"))
            http = await stack.enter_async_context(aiohttp.ClientSession())
            self._store = self._opened_store()
            stack.push_async_callback(self._store.close)
            self._runtime = self._made_runtime(http, history)
            await self._runtime.start()
            stack.push_async_callback(self._runtime.close)
            if self._disk:
                self._disk.begin()
            await self._answer_questions()

    def _opened_store(self) -> SqlStore:
        if self._options.database:
            return PostgresqlStore(self._options.database)
        return SqliteStore(self._folder / "messages.sqlite")

    def _made_runtime(self, http: aiohttp.ClientSession, history: History) -> Runtime:
        found = self._channels(history)
        pipeline = Pipeline(
            store=cast("Store", WatchedStore(self._store, history)),
            channels=found,
            processing_id="T",
            now=self._now,
            steady_now=steady(self._now),
            wake=lambda partner: runtime.wake(partner),
        )
        world = World(
            environment=Environment(self._variables()),
            http=lambda: http,
            data=self._folder,
            now=self._now,
            bound=lambda port: bind("127.0.0.1", port),
            web=WebServers(lambda port: bind("127.0.0.1", port)),
            to_channel=lambda name, arrived: runtime.receive(name, arrived),
        )
        runtime = _Runtime(pipeline, world, channels=found, owner=self._options.owner)
        return runtime

    def _channels(self, history: History) -> dict[str, Channel]:
        policy = Policy(
            attempts_max=self._options.attempts_max, when_stopped=cast("Any", self._options.when_stopped)
        )
        return channels(policy, senders={each: Watched(sender_to(each), history) for each in DESTINATIONS})

    def _variables(self) -> dict[str, str]:
        places = {f"CHAOS_{dest.upper()}": f"127.0.0.1:{port}" for dest, port in self._options.peers.items()}
        return places | {
            "AYNI_ENGINE_MLLP_PORT": str(self._options.port),
            "AYNI_LINK_PROBE_SECONDS": "0.02",
            "AYNI_LINK_PROBE_SECONDS_MAX": "0.2",
            "AYNI_ANSWER_SECONDS": str(self._options.answer_seconds),
        }

    def _now(self) -> datetime:
        return real_now() + self._ahead

    async def _answer_questions(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._options.control, limit=1 << 26)
        writer.write(json.dumps({"ready": self._options.number}).encode() + b"\n")
        while line := await reader.readline():
            asked = json.loads(line)
            said = await getattr(self, f"ask_{asked.pop('ask')}")(**asked)
            writer.write(json.dumps({"said": said}).encode() + b"\n")
            if self._stop.is_set():
                await writer.drain()
                break
        writer.close()

    # What the supervisor may ask.

    async def ask_stop(self) -> bool:
        """Ends in good order."""
        self._stop.set()
        return True

    async def ask_waiting(self) -> int:
        """How many deliveries have a place."""
        return await asyncio.to_thread(self._store.waiting_count)

    async def ask_in_hand(self) -> int:
        """How many are being sent or settled."""
        return sum(each.in_hand_count for each in self._runtime.deliverers.values())

    async def ask_rows(self, after_id: int = 0) -> list[dict[str, Any]]:
        """The store's rows as events, of messages above a number; the tallies are always of all."""
        return await asyncio.to_thread(rows_of, self._store, after_id)

    async def ask_heal(self) -> dict[str, int]:
        """Mends the disk; how often it failed, and how often it was called."""
        assert self._disk is not None
        self._disk.heal()
        return {"hits": self._disk.hits, **self._disk.counts}

    async def ask_clock(self, seconds: float) -> bool:
        """Moves the clock."""
        self._ahead = timedelta(seconds=seconds)
        return True

    async def ask_decide(self, state: str) -> int:
        """A person's word about everything that is stopped."""
        rows = await asyncio.to_thread(rows_of, self._store, 0)
        deliveries = [each for each in rows if each["op"] == "delivery"]
        stopped = [each["seq"] for each in deliveries if each["outcome"] in ("stalled", "refused")]
        at = self._runtime.pipeline.steady_now()
        found = await self._store.decide(stopped, cast("Any", state), at=at)
        for dest in DESTINATIONS:
            self._runtime.wake(dest)
        return found

    async def ask_checkpoint(self) -> str:
        """Moves the log into the file and cuts it off, on a connection of its own; what went wrong."""
        return await asyncio.to_thread(_checkpoint, self._folder / "messages.sqlite")

    async def ask_damage(self) -> str:
        """What SQLite finds wrong with the file, nothing when it is whole."""
        if self._options.database:
            return ""
        return await asyncio.to_thread(_damage, self._folder / "messages.sqlite")


class _Runtime(Runtime):
    """Ends, where a test asks for it, right behind an answer."""

    async def receive(self, name: str, arrived: Arrived) -> Verdict:
        verdict = await super().receive(name, arrived)
        # the answer is written in the rest of this step of the loop, this runs in the next
        asyncio.get_running_loop().call_soon(failpoint, "answered")
        return verdict


def _checkpoint(path: Path) -> str:
    try:
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(1_000)
        connection.execute("pragma synchronous = full")
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.Error as error:
        return str(error)
    return ""


def _damage(path: Path) -> str:
    found = [row[0] for row in apsw.Connection(str(path)).execute("pragma integrity_check")]
    return "" if found == ["ok"] else "; ".join(map(str, found[:3]))


def fork(options: Options, log: Path) -> int:
    """Starts one life in a child of this process, which must hold no thread and no loop; its pid."""
    pid = os.fork()
    if not pid:
        _become(lambda: live(options), log)
    return pid


def _become(run: Callable[[], int], log: Path) -> NoReturn:
    status = 1
    try:
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for standard in (1, 2):
            os.dup2(file, standard)
        status = run()
    except BaseException:  # nobody above may run in this child
        traceback.print_exc()
    finally:
        os._exit(status)
