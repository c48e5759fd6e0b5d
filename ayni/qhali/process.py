"""QHALI as a process: the only place that chooses its real parts."""

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import aiohttp
import structlog
from a2wsgi import WSGIMiddleware
from django.core.handlers.wsgi import WSGIHandler
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ayni import fhirserver
from ayni.qhali import DATABASE_FILE, SYSTEM
from ayni.qhali import requests as requests_room
from ayni.qhali.requests import Drafts, Requests, StateReceiver
from ayni.qhali.site.configuration import configure
from ayni.qhali.site.live import Streams, live_route
from ayni.qhali.site.parts import Parts
from ayni.wire import outbox, received
from ayni.wire.clock import TEST_TRAFFIC, Now
from ayni.wire.database import Database
from ayni.wire.fhir_link import FhirLink
from ayni.wire.health import health_route
from ayni.wire.outbox import OutboxRow, OutboxSender
from ayni.wire.process_message import process_message_route
from ayni.wire.serve import in_background, serve_http, start
from ayni.wire.settings import Environment
from ayni.wire.tokens import read_or_create

log = structlog.get_logger()

PORTS = ("AYNI_QHALI_PORT",)
SCHEMAS = (requests_room.SCHEMA, outbox.SCHEMA, received.SCHEMA, fhirserver.SCHEMA)
PAGE_THREADS = 10
"""Threads for Django's pages; the work of a page is a few milliseconds."""

CHANNEL = "/channels/intake_to_ehr"
"""The engine's door for intakes."""

STATIC = Path(__file__).parent / "site" / "static"


def main(variables: Mapping[str, str] = os.environ) -> None:
    """Runs QHALI until SIGINT or SIGTERM; ends with one line when it cannot start."""
    start(SYSTEM, PORTS, live, variables)


async def live(environment: Environment, listeners: Sequence[socket.socket], stop: asyncio.Event) -> None:
    """Opens the store, serves pages and messages on the bound socket until `stop`, closes the store."""
    (listener,) = listeners
    folder = environment.folder(SYSTEM)
    is_test = environment.text("AYNI_PROCESSING_ID") == TEST_TRAFFIC
    now = environment.clock()
    database = Database(folder / DATABASE_FILE, *SCHEMAS)
    try:
        async with aiohttp.ClientSession() as http:
            sender = engine_sender(environment, database, http, now=now)
            code_key = read_or_create(folder / "return-code-key")
            parts = open_parts(database, sender, now=now, is_test=is_test, code_key=code_key)
            await asyncio.to_thread(_configure, parts, environment, folder)
            token = read_or_create(environment.token_file("AYNI_ENGINE_TO_QHALI_TOKEN_FILE"))
            app = web(parts, database, token=token, stop=stop)
            async with in_background(sender.run()):
                log.info("ready", port=listener.getsockname()[1])
                await serve_http(app, listener, stop)
    finally:
        database.close()


def engine_sender(
    environment: Environment, database: Database, http: aiohttp.ClientSession, *, now: Now
) -> OutboxSender:
    """The sender that hands confirmed intakes to the engine's channel."""
    link = FhirLink(
        http,
        environment.url("AYNI_ENGINE_FHIR_URL") + CHANNEL,
        read_or_create(environment.token_file("AYNI_QHALI_TO_ENGINE_TOKEN_FILE")),
        answer_seconds=environment.seconds("AYNI_ANSWER_SECONDS"),
    )

    async def send(row: OutboxRow) -> bytes:
        return await link.send(row.content)

    return OutboxSender(database, send, backoff=environment.backoff(), now=now)


def open_parts(database: Database, sender: OutboxSender, *, now: Now, is_test: bool, code_key: str) -> Parts:
    """The rooms behind the pages, on one file, waking one sender."""
    return Parts(
        drafts=Drafts(database, now=now),
        requests=Requests(database, now=now, is_test=is_test, wake=sender.wake, code_key=code_key),
        now=now,
        is_test=is_test,
    )


def web(parts: Parts, database: Database, *, token: str, stop: asyncio.Event) -> Starlette:
    """Messages, live stream, health, static files; every other address is a Django page."""
    streams = Streams()
    receiver = StateReceiver(database, now=parts.now, is_test=parts.is_test, announce=streams.announce)
    return Starlette(
        routes=[
            process_message_route("", token=token, receive=receiver.receive),
            live_route(parts.requests, streams, stop),
            health_route(SYSTEM, parts.requests.figures),
            Mount("/static", app=GZipMiddleware(StaticFiles(directory=STATIC))),
            Mount("/", app=cast("ASGIApp", WSGIMiddleware(WSGIHandler(), workers=PAGE_THREADS))),
        ]
    )


def _configure(parts: Parts, environment: Environment, folder: Path) -> None:
    secret_key = read_or_create(folder / "secret-key")
    configure(parts, folder=folder, secret_key=secret_key, host=environment.text("AYNI_HOST"))
