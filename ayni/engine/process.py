"""The engine as a process: its store, its channels with their sources and deliverers, and its console."""

import asyncio
import gc
import os
import platform
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from importlib import import_module
from pathlib import Path

import structlog

from ayni.engine.channel import Channel
from ayni.engine.connectors.contract import World
from ayni.engine.connectors.late import LateHttp, LateWeb
from ayni.engine.console.audit.attestation import Attestations
from ayni.engine.console.audit.audit import Audit
from ayni.engine.console.audit.queries import AuditedQueries
from ayni.engine.observability.observatory import Observatory
from ayni.engine.observability.tracing import open_tracing
from ayni.engine.pipeline import Pipeline
from ayni.engine.runtime import Runtime
from ayni.engine.store.opening import open_store
from ayni.engine.store.retention import Retention
from ayni.engine.tooling.checking import checked_channels
from ayni.wire.serve import bind, in_background, serve_http, start
from ayni.wire.settings import Environment

log = structlog.get_logger()

PORTS = ("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")

CONSOLE = "ayni.engine.console.app"
"""Imported when the channels listen already: messages are taken while its third of a second goes by."""

GARBAGE_THRESHOLDS = (10_000, 20, 50)
"""New objects between two looks, and looks between two deeper ones: some megabytes at most wait for one."""

MESSAGE_DAYS_MIN = 30
"""A control id that comes again after its row is gone counts as new; no sender repeats for a month."""


def main(variables: Mapping[str, str] = os.environ) -> None:
    """Runs the engine until SIGINT or SIGTERM; ends with one line when it cannot start."""
    start("engine", PORTS, partial(live, started=keep_what_is_there), variables)


def nothing() -> None:
    """Nothing is to be done when the engine has started."""


async def live(
    environment: Environment,
    listeners: Sequence[socket.socket],
    stop: asyncio.Event,
    *,
    started: Callable[[], None] = nothing,
) -> None:
    """Opens the store and the channels, serves on the bound sockets until `stop`, closes the store.

    `started` is called when everything is there.
    """
    console_port, *doors = listeners
    async with AsyncExitStack() as stack:
        data, channels = environment.folder("engine"), Path(environment.text("AYNI_CHANNELS"))
        audit = Audit(data / "audit.sqlite", environment.clock())
        stack.callback(audit.close)
        observatory = Observatory(open_tracing(environment.text("AYNI_OTLP_ENDPOINT")))
        ports = _Ports(environment, doors)
        runtime, world = _open_runtime(environment, ports, stack, observatory, audit)
        watching = observatory.watching(runtime, world, channels, recounted=Attestations(audit))
        shown = await stack.enter_async_context(watching)
        await runtime.start()
        stack.push_async_callback(runtime.close)
        await stack.enter_async_context(in_background(_retention(environment, runtime).run()))
        log.info("ready", channels=sorted(runtime.channels), **runtime.pipeline.store.attestation())
        await asyncio.to_thread(import_module, CONSOLE)
        from ayni.engine.console.app import console

        host, more = environment.text("AYNI_HOST"), (shown.metrics(),)
        app = console(
            runtime, data, audit, host=host, channels_folder=channels, alerts=shown.alerts, more=more
        )
        await stack.enter_async_context(app.router.lifespan_context(app))
        started()
        await serve_http(app, console_port, stop)


def keep_what_is_there() -> None:
    """What a started engine has it keeps; looking through all of it again and again for garbage is a tenth of
    the cost of a message, and a pause for every sender. For a process that is nothing but an engine."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


class _Ports:
    """Listening sockets by the port a channel names: those bound at start, then any other of this host."""

    def __init__(self, environment: Environment, doors: Sequence[socket.socket]) -> None:
        self._host = environment.text("AYNI_HOST")
        names = PORTS[1:]
        self._bound = {environment.port(name): door for name, door in zip(names, doors, strict=True)}

    def __call__(self, port: int) -> socket.socket:
        return self._bound.pop(port, None) or bind(self._host, port)


def _open_runtime(
    environment: Environment,
    ports: _Ports,
    stack: AsyncExitStack,
    observatory: Observatory,
    audit: Audit,
) -> tuple[Runtime, World]:
    environment.seconds("AYNI_ANSWER_SECONDS")  # one line here, not one for each destination that needs it
    channels: dict[str, Channel] = checked_channels(Path(environment.text("AYNI_CHANNELS")), environment)
    data = environment.folder("engine")
    store = open_store(environment, data)
    stack.push_async_callback(store.close)
    observatory.measure(store.writer)
    http, web = LateHttp(), LateWeb(ports)
    stack.push_async_callback(http.close)
    stack.push_async_callback(web.close)
    pipeline = Pipeline(
        store=store,
        channels=channels,
        processing_id=environment.processing_id(),
        now=environment.clock(),
        wake=lambda partner: runtime.wake(partner),
        meter=observatory.meter,
    )
    world = World(
        environment=environment,
        http=http,
        data=data,
        now=pipeline.now,
        bound=ports,
        web=web,
        # past the gate of a full engine: what waits inside must be able to move on
        to_channel=lambda name, arrived: pipeline.receive(name, arrived, source="channel"),
        on_query=AuditedQueries(audit),
    )
    # the name in leases: another engine on this host has another data folder
    runtime = Runtime(pipeline, world, channels=channels, owner=f"{platform.node()}:{data}")
    return runtime, world


def _retention(environment: Environment, runtime: Runtime) -> Retention:
    """What deletes messages when their time is over."""
    message_days = environment.days("AYNI_MESSAGE_DAYS", at_least=MESSAGE_DAYS_MIN)
    content_days = min(environment.days("AYNI_CONTENT_DAYS"), message_days)
    pipeline = runtime.pipeline
    return Retention(pipeline.store, pipeline.now, content_days=content_days, message_days=message_days)
