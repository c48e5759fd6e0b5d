"""The engine's operator, through the console's JSON interface."""

import base64
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ayni.exercise.actors.page import PageNotAsPromised
from ayni.exercise.evidence import Hop

ANSWER_SECONDS_MAX = 10.0
OK = 200

Message = dict[str, Any]
"""One message as the console tells it: with its deliveries, and their attempts."""


class Console:
    """Reads what the engine keeps of each request."""

    def __init__(self, address: tuple[str, int], account_file: Path) -> None:
        self._address = address
        user, password = operator_account(account_file)
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}

    def messages(self, request_id: str) -> list[Message]:
        """The messages of one request, oldest first, each with deliveries and attempts."""
        answer = json.loads(self._get("/api/messages?" + urlencode({"correlation_id": request_id})))
        messages: list[Message] = answer["messages"]
        return messages

    def message(self, number: int) -> Message:
        """One message with its bytes as text (`raw`), and those of its deliveries (`content`, `answer`)."""
        found: Message = json.loads(self._get(f"/api/messages/{number}"))
        return found

    def hops(self, request_id: str) -> list[Hop]:
        """Every reception and every attempt of one request, in order of time."""
        return sorted(_hops(self.messages(request_id)), key=lambda hop: hop.at)

    def _get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection(*self._address, timeout=ANSWER_SECONDS_MAX)
        try:
            connection.request("GET", path, headers=self._headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != OK:
            raise PageNotAsPromised(path, "status 200", f"status {answer.status}")
        return body


def operator_account(path: Path) -> tuple[str, str]:
    """User and password: the last two words of the file's first two lines."""
    user, password, *_ = [line.split()[-1] for line in path.read_text("utf-8").splitlines() if line.strip()]
    return user, password


def _hops(messages: list[Message]) -> Iterator[Hop]:
    """What came in through a door of the engine, and every attempt to hand it on."""
    for message in messages:
        if message["parent_id"] is None:
            yield _hop(message)
        for delivery in message["deliveries"]:
            yield from map(_hop, delivery["attempts"])


def _hop(row: Message) -> Hop:
    return Hop(**{name: row[name] for name in Hop.__struct_fields__})
