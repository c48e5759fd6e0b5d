"""What gateways report: that a message has arrived or has not, and what the citizen wrote back.

`POST /avisos/sms` takes `{"reference", "status"}` or `{"from", "text"}`; `POST /avisos/whatsapp` takes the
Cloud API's webhook. Both are signed over the bytes as they come (HMAC-SHA256, `X-Hub-Signature-256`); what is
not signed is not read. What is not for us is answered 200: a provider that hears no comes again for ever.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ayni.qhali.notifications.answers import Answers, NotAsked
from ayni.qhali.notifications.board import NoticeBoard

log = structlog.get_logger()

REPORT_BYTES_MAX = 1 << 16
"""A report is some hundred bytes; a provider's batch of them some thousand."""
STOP_WORDS = frozenset({"baja", "retiro", "stop"})
"""Whoever writes one of these hears nothing more through that channel."""
ARRIVED = frozenset({"delivered", "read"})
FAILED = frozenset({"failed", "undelivered"})
SIGNATURE = "X-Hub-Signature-256"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message, by the reference its provider gave."""

    reference: str
    status: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a citizen wrote back. `payload` is a quick reply's: token and choice."""

    sender: str
    text: str
    payload: str = ""


Report = Delivery | Reply


def report_routes(board: NoticeBoard, answers: Answers, secrets: Mapping[str, str]) -> list[Route]:
    """One door for each gateway that is declared; `secrets` by channel sign what comes in."""
    readers: dict[str, Callable[[Any], Iterator[Report]]] = {"sms": _sms, "whatsapp": _whatsapp}
    routes = []
    for channel, secret in secrets.items():
        taker = _Taker(channel, secret, readers[channel], board, answers)
        routes.append(Route(f"/avisos/{channel}", taker.take, methods=["POST"]))
        routes.append(Route(f"/avisos/{channel}", taker.greet, methods=["GET"]))
    return routes


class _Taker:
    """The door of one gateway."""

    def __init__(
        self,
        channel: str,
        secret: str,
        read: Callable[[Any], Iterator[Report]],
        board: NoticeBoard,
        answers: Answers,
    ) -> None:
        self._channel, self._secret, self._read = channel, secret, read
        self._board, self._answers = board, answers

    async def greet(self, http: Request) -> Response:
        """The handshake of a webhook: the challenge back to whoever knows the secret."""
        asked = http.query_params
        if not hmac.compare_digest(asked.get("hub.verify_token", "").encode(), self._secret.encode()):
            return Response(status_code=403)
        return PlainTextResponse(asked.get("hub.challenge", ""))

    async def take(self, http: Request) -> Response:
        """Reads a signed report and does what it says."""
        body = bytearray()
        try:
            async for chunk in http.stream():
                body += chunk
                if len(body) > REPORT_BYTES_MAX:
                    return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)
        if not _is_signed(body, http.headers.get(SIGNATURE, ""), self._secret):
            return Response(status_code=403)
        await asyncio.to_thread(self._apply_all, bytes(body))
        return Response(status_code=200)

    def _apply_all(self, body: bytes) -> None:
        try:
            reports = list(self._read(msgspec.json.decode(body)))
        except (msgspec.MsgspecError, AttributeError, KeyError, TypeError):
            log.warning("gateway report cannot be read", channel=self._channel)
            return
        for report in reports:
            self._apply(report)

    def _apply(self, report: Report) -> None:
        match report:
            case Delivery(reference, status) if status in ARRIVED:
                self._board.arrived(self._channel, reference)
            case Delivery(reference, status) if status in FAILED:
                self._board.did_not_arrive(self._channel, reference)
            case Reply(sender, text) if text.strip().lower() in STOP_WORDS:
                self._board.remove_address(self._channel, sender)
            case Reply():
                self._answer(report)

    def _answer(self, reply: Reply) -> None:
        token, _, choice = reply.payload.partition(":")
        try:
            if token:
                self._answers.answer_by_token(token, choice)
            else:
                self._answers.answer_by_number(self._channel, reply.sender, reply.text)
        except NotAsked:
            log.info("reply answers nothing", channel=self._channel)


def _is_signed(body: bytes | bytearray, signature: str, secret: str) -> bool:
    expected = "sha256=" + hmac.digest(secret.encode(), bytes(body), hashlib.sha256).hex()
    return hmac.compare_digest(expected.encode(), signature.encode())


def _sms(report: Any) -> Iterator[Report]:
    if "reference" in report:
        yield Delivery(str(report["reference"]), str(report["status"]))
    else:
        yield Reply(str(report["from"]), str(report["text"]))


def _whatsapp(report: Any) -> Iterator[Report]:
    """Cloud API webhooks: `entry[].changes[].value` with `statuses[]` or `messages[]`."""
    values = [change["value"] for entry in report["entry"] for change in entry["changes"]]
    for value in values:
        for status in value.get("statuses", ()):
            yield Delivery(str(status["id"]), str(status["status"]))
        for message in value.get("messages", ()):
            button = message.get("button", {})
            text = message.get("text", {}).get("body", "")
            yield Reply(f"+{message['from']}", str(text), str(button.get("payload", "")))
