"""oneVisionCax as a process: the only place that chooses its real parts."""

import asyncio
import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import structlog
from a2wsgi import WSGIMiddleware
from django.core.handlers.wsgi import WSGIHandler
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from ayni.onevision import SYSTEM
from ayni.onevision.accounts import account, demo
from ayni.onevision.appointments.schedules import ensure_week
from ayni.onevision.facilities import registry
from ayni.onevision.interface.listener import Listener
from ayni.onevision.interface.sender import over
from ayni.onevision.record import SCHEMAS, Record
from ayni.onevision.site.configuration import configure
from ayni.vocabulary.peru.facilities import facilities
from ayni.wire import outbox
from ayni.wire.database import Database
from ayni.wire.health import health_route
from ayni.wire.hl7_link import Hl7Link
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.outbox import OutboxSender
from ayni.wire.serve import in_background, serve_http, start
from ayni.wire.settings import Environment
from ayni.wire.tokens import read_or_create

log = structlog.get_logger()

PORTS = ("AYNI_ONEVISION_PORT", "AYNI_ONEVISION_MLLP_PORT")
PAGE_THREADS = 10
"""Threads for Django's pages; one post's staff do not click faster."""


def main(variables: Mapping[str, str] = os.environ) -> None:
    """Runs the record until SIGINT or SIGTERM; ends with one line when it cannot start."""
    start(SYSTEM, PORTS, live, variables)


async def live(environment: Environment, listeners: Sequence[socket.socket], stop: asyncio.Event) -> None:
    """Opens the record, serves pages and HL7 on the bound sockets until `stop`, closes the record."""
    pages, mllp = listeners
    folder = environment.folder(SYSTEM)
    database = Database(folder / "record.sqlite", *SCHEMAS)
    try:
        record, sender = open_record(environment, database)
        await asyncio.to_thread(_prepare, record, environment, folder)
        listener = Listener(record)
        server = MllpServer(listener.handle, listener.too_long, not_hl7=listener.not_hl7)
        async with server.listening(mllp), in_background(sender.run()):
            log.info("ready", pages=pages.getsockname()[1], mllp=mllp.getsockname()[1])
            await serve_http(web(record), pages, stop)
    finally:
        database.close()


def open_record(environment: Environment, database: Database) -> tuple[Record, OutboxSender]:
    """The record on its file, and the sender that a change in it wakes."""
    now = environment.clock()
    host, port = environment.address("AYNI_ENGINE_MLLP")
    client = MllpClient(host, port, answer_seconds=environment.seconds("AYNI_ANSWER_SECONDS"))
    sender = OutboxSender(database, over(Hl7Link(client)), backoff=environment.backoff(), now=now)
    record = Record(
        database,
        now,
        lambda: str(uuid.uuid4()),
        processing_id=environment.text("AYNI_PROCESSING_ID"),
        changed=sender.wake,
    )
    return record, sender


def web(record: Record) -> Starlette:
    """The pages and the health of the record as one ASGI app."""

    def check() -> dict[str, object]:
        with record.reading() as chart:
            return {"unsettled_count": len(list(outbox.unsettled(chart.tx)))}

    pages = WSGIMiddleware(WSGIHandler(), workers=PAGE_THREADS)
    return Starlette(routes=[health_route(SYSTEM, check), Mount("/", app=cast("ASGIApp", pages))])


def _prepare(record: Record, environment: Environment, folder: Path) -> None:
    secret_key = read_or_create(folder / "secret-key")
    configure(record, folder=folder, secret_key=secret_key, host=environment.text("AYNI_HOST"))
    with record.changing() as chart:
        registry.seed(chart)
    if record.is_test:
        _invent(record, folder)
    elif not account.is_there_any():
        log.warning("nobody can sign in yet", make_the_first_account=account.HOW_TO_ADD)


def _invent(record: Record, folder: Path) -> None:
    """What a demonstration needs and no real deployment may have: staff, accounts, times."""
    for facility in facilities():
        ensure_week(record, facility.code)
    demo.ensure_practitioners(record)
    log.info("demo accounts are written down", path=str(demo.ensure_accounts(folder)))
