"""The engine as a process: its store, its channels, its listeners, its deliveries and its console."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import structlog
from starlette.applications import Starlette

from ayni.engine.channel import Channel, Destination, Handover
from ayni.engine.console.app import console
from ayni.engine.delivery import Deliverer, Send
from ayni.engine.errors import ChannelError
from ayni.engine.loading import load_channels
from ayni.engine.pipeline import Pipeline
from ayni.engine.sources import fhir_route, mllp_server
from ayni.engine.store import SCHEMA, Delivery
from ayni.engine.writing import Writer
from ayni.wire import received
from ayni.wire.database import Database
from ayni.wire.fhir_link import FhirLink
from ayni.wire.hl7_link import Hl7Link
from ayni.wire.mllp import MllpClient
from ayni.wire.serve import in_background, serve_http, start
from ayni.wire.settings import Environment
from ayni.wire.tokens import read_or_create

log = structlog.get_logger()

PORTS = ("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")


def main(variables: Mapping[str, str] = os.environ) -> None:
    """Runs the engine until SIGINT or SIGTERM; ends with one line when it cannot start."""
    start("engine", PORTS, live, variables)


async def live(environment: Environment, listeners: Sequence[socket.socket], stop: asyncio.Event) -> None:
    """Opens the store and the channels, serves on the bound sockets until `stop`, closes the store."""
    console_port, fhir_port, mllp_port = listeners
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        pipeline, deliverers = _open_pipeline(environment, http)
        stack.callback(pipeline.database.close)
        stack.callback(pipeline.writer.close)
        for channel in _channels_from(pipeline.channels, "mllp"):
            await stack.enter_async_context(mllp_server(pipeline, channel).listening(mllp_port))
        await stack.enter_async_context(in_background(*(each.run() for each in deliverers.values())))
        log.info("ready", channels=sorted(pipeline.channels))
        await asyncio.gather(
            serve_http(_doors(environment, pipeline), fhir_port, stop),
            serve_http(
                console(pipeline, deliverers, _data(environment), host=environment.text("AYNI_HOST")),
                console_port,
                stop,
            ),
        )


def _data(environment: Environment) -> Path:
    return environment.folder("engine")


def _open_pipeline(
    environment: Environment, http: aiohttp.ClientSession
) -> tuple[Pipeline, dict[str, Deliverer]]:
    channels = load_channels(Path(environment.text("AYNI_CHANNELS")))
    database = Database(_data(environment) / "messages.sqlite", SCHEMA, received.SCHEMA)
    deliverers: dict[str, Deliverer] = {}

    def wake() -> None:
        for deliverer in deliverers.values():
            deliverer.wake()

    pipeline = Pipeline(
        database=database,
        writer=Writer(database),
        channels=channels,
        processing_id=environment.processing_id(),
        now=environment.clock(),
        wake=wake,
    )
    for channel in channels.values():
        for destination in channel.destinations:
            deliverers[destination.partner] = _deliverer(environment, http, pipeline, destination)
    return pipeline, deliverers


def _deliverer(
    environment: Environment, http: aiohttp.ClientSession, pipeline: Pipeline, destination: Destination
) -> Deliverer:
    return Deliverer(
        destination.partner,
        _link(environment, http, destination),
        _handover(pipeline.channels, destination.partner),
        pipeline=pipeline,
        backoff=environment.backoff(),
    )


def _link(environment: Environment, http: aiohttp.ClientSession, destination: Destination) -> Send:
    """The way to a partner; its address is a setting of the deployment, named after the partner."""
    partner, seconds = destination.partner.upper(), environment.seconds("AYNI_ANSWER_SECONDS")
    try:
        if destination.protocol == "mllp":
            host, port = environment.address(f"AYNI_{partner}_MLLP", f"AYNI_{partner}_MLLP_PORT")
            return _send_v2(Hl7Link(MllpClient(host, port, answer_seconds=seconds)))
        url = environment.url(f"AYNI_{partner}_FHIR_URL", f"AYNI_{partner}_PORT")
        token = read_or_create(environment.token_file(f"AYNI_ENGINE_TO_{partner}_TOKEN_FILE"))
        return _send_fhir(FhirLink(http, url, token, answer_seconds=seconds))
    except KeyError as error:
        raise ChannelError(
            "destination-without-address", destination.partner, f"there is no setting {error}"
        ) from error


def _send_v2(link: Hl7Link) -> Send:
    async def send(delivery: Delivery) -> bytes:
        return await link.send(delivery.content, delivery.control_id)

    return send


def _send_fhir(link: FhirLink) -> Send:
    async def send(delivery: Delivery) -> bytes:
        return await link.send(delivery.content)

    return send


def _handover(channels: Mapping[str, Channel], partner: str) -> Callable[[str, bytes], Handover | None]:
    def handover(channel: str, answer: bytes) -> Handover | None:
        for destination in channels[channel].destinations:
            if destination.partner == partner:
                return destination.handover(answer)
        return None

    return handover


def _channels_from(channels: Mapping[str, Channel], protocol: str) -> list[str]:
    return [channel.name for channel in channels.values() if channel.source == protocol]


def _doors(environment: Environment, pipeline: Pipeline) -> Starlette:
    token = read_or_create(environment.token_file("AYNI_QHALI_TO_ENGINE_TOKEN_FILE"))
    return Starlette(
        routes=[
            fhir_route(pipeline, channel, token=token)
            for channel in _channels_from(pipeline.channels, "fhir")
        ]
    )
