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
from ayni.qhali import DATABASE_FILE, SYSTEM, notifications, rights
from ayni.qhali import requests as requests_room
from ayni.qhali.conversation import OPEN, Conversation, next_question
from ayni.qhali.models import LanguageModel, open_language_model, read_languages
from ayni.qhali.notifications import Answers, NoticeBoard, Postman
from ayni.qhali.notifications.outlets import Outlets, open_outlets, read_declared
from ayni.qhali.notifications.reports import report_routes
from ayni.qhali.notifications.staff import StaffLetters
from ayni.qhali.questionnaire import next_question_route
from ayni.qhali.requests import Drafts, Requests, StateReceiver
from ayni.qhali.rights import Rights
from ayni.qhali.site.abandoned import forget_abandoned
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
SCHEMAS = (
    requests_room.SCHEMA,
    notifications.SCHEMA,
    rights.SCHEMA,
    outbox.SCHEMA,
    received.SCHEMA,
    fhirserver.SCHEMA,
)
PAGE_THREADS = 10
"""Threads for Django's pages; the work of a page is a few milliseconds."""

INTAKES = "/channels/intake_to_ehr"
ANSWERS = "/channels/answer_to_ehr"
"""The engine's doors: for intakes, and for what a citizen answers about an appointment."""
FIRST = ".Q001"
"""The first event of a request is its intake; every later one is an answer."""

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
    languages = _languages(environment)
    model = await asyncio.to_thread(_open_model, environment)
    database = Database(folder / DATABASE_FILE, *SCHEMAS)
    try:
        async with aiohttp.ClientSession() as http:
            sender = engine_sender(environment, database, http, now=now)
            code_key = read_or_create(folder / "return-code-key")
            declared = read_declared(environment.path("AYNI_QHALI_NOTICES"))
            outlets = open_outlets(declared, http, folder, is_test=is_test)
            streams = Streams()
            postman = Postman(database, outlets, now=now, announce=streams.announce)
            drafts = Drafts(database, now=now, model=model, languages=languages)
            parts = open_parts(
                database, sender, outlets, drafts=drafts, now=now, is_test=is_test, code_key=code_key
            )
            await asyncio.to_thread(_prepare, parts, environment, folder)
            token = read_or_create(environment.token_file("AYNI_ENGINE_TO_QHALI_TOKEN_FILE"))
            form_token = read_or_create(environment.token_file("AYNI_QUESTIONNAIRE_TOKEN_FILE"))
            app = web(
                parts, database, outlets, streams, postman, token=token, form_token=form_token, stop=stop
            )
            async with in_background(
                sender.run(),
                postman.run(),
                StaffLetters(database, outlets.staff, now=now).run(),
                forget_abandoned(drafts, now=now),
            ):
                log.info("ready", port=listener.getsockname()[1])
                await serve_http(app, listener, stop)
    finally:
        database.close()
        if model is not None:
            await asyncio.to_thread(model.close)


def _open_model(environment: Environment) -> LanguageModel | None:
    """The operator's language model; its libraries load in a thread of its own while QHALI serves."""
    name = "AYNI_QHALI_MODEL"
    key_file = environment.path("AYNI_QHALI_MODEL_KEY_FILE")
    return open_language_model(environment.text(name), key_file, setting=name)


def _read_tables(now: Now) -> None:
    """Reads the tables of the rules, which takes a second of the processor.

    Otherwise the first citizen waits for it, and on a busy machine it uses up the time their turn has for a
    model, which then is not asked.
    """
    at = now()
    talk = Conversation().answered(OPEN, "me duele la barriga", said_at=at)
    talk.orientation(at.date())
    next_question(talk, at.date())


def _languages(environment: Environment) -> frozenset[str]:
    name = "AYNI_QHALI_MODEL_LANGUAGES"
    return read_languages(environment.text(name), name)


def engine_sender(
    environment: Environment, database: Database, http: aiohttp.ClientSession, *, now: Now
) -> OutboxSender:
    """The sender that hands confirmed intakes, and then the citizen's answers, to the engine's channels."""
    token = read_or_create(environment.token_file("AYNI_QHALI_TO_ENGINE_TOKEN_FILE"))

    def link_to(door: str) -> FhirLink:
        url = environment.url("AYNI_ENGINE_FHIR_URL") + door
        return FhirLink(http, url, token, answer_seconds=environment.seconds("AYNI_ANSWER_SECONDS"))

    intakes, answers = link_to(INTAKES), link_to(ANSWERS)

    async def send(row: OutboxRow) -> bytes:
        return await (intakes if row.event_key.endswith(FIRST) else answers).send(row.content)

    return OutboxSender(database, send, backoff=environment.backoff(), now=now)


def open_parts(
    database: Database,
    sender: OutboxSender,
    outlets: Outlets,
    *,
    drafts: Drafts,
    now: Now,
    is_test: bool,
    code_key: str,
) -> Parts:
    """The rooms behind the pages, on one file, waking one sender."""
    return Parts(
        drafts=drafts,
        requests=Requests(database, now=now, is_test=is_test, wake=sender.wake, code_key=code_key),
        notices=NoticeBoard(database, outlets, now=now),
        answers=Answers(database, now=now, is_test=is_test, wake=sender.wake),
        rights=Rights(database, now=now, is_test=is_test, key=code_key, wake=sender.wake),
        now=now,
        is_test=is_test,
    )


def web(
    parts: Parts,
    database: Database,
    outlets: Outlets,
    streams: Streams,
    postman: Postman,
    *,
    token: str,
    form_token: str,
    stop: asyncio.Event,
) -> Starlette:
    """Messages, questionnaire, live stream, reports, health, static files; the rest are Django pages."""

    def announce(request_id: str) -> None:
        streams.announce(request_id)
        postman.wake()

    receiver = StateReceiver(
        database,
        now=parts.now,
        is_test=parts.is_test,
        announce=announce,
        is_forgotten=parts.rights.is_forgotten,
    )
    return Starlette(
        routes=[
            process_message_route("", token=token, receive=receiver.receive),
            next_question_route(token=form_token, now=parts.now),
            live_route(parts.requests, streams, stop),
            *report_routes(parts.notices, parts.answers, outlets.secrets),
            health_route(SYSTEM, lambda: parts.requests.figures() | parts.notices.figures()),
            Mount("/static", app=GZipMiddleware(StaticFiles(directory=STATIC))),
            Mount("/", app=cast("ASGIApp", WSGIMiddleware(WSGIHandler(), workers=PAGE_THREADS))),
        ]
    )


def _prepare(parts: Parts, environment: Environment, folder: Path) -> None:
    _read_tables(parts.now)
    secret_key = read_or_create(folder / "secret-key")
    configure(parts, folder=folder, secret_key=secret_key, host=environment.text("AYNI_HOST"))
