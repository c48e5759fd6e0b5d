"""Asking a running engine over its public interface, for the command line."""

import base64
import http.client
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import click

ANSWER_SECONDS_MAX = 60.0
"""A drain waits a few seconds by itself, a bulk decision for the disk."""
BAD_REQUEST = 400
NOT_REACHABLE = 3


class NotReachable(click.ClickException):
    """No engine answers there."""

    exit_code = NOT_REACHABLE
    code = "not-reachable"


class Refused(click.ClickException):
    """The engine said no: its problem, in one line, with what to do next. Ends with 1.

    `code` is the engine's own; what the command itself refuses has none.
    """

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code


class Client:
    """One account's way to one engine."""

    seconds_max = ANSWER_SECONDS_MAX

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = urlsplit(url)
        if self._url.scheme not in ("http", "https") or not self._url.hostname:
            raise click.UsageError(f"--url {url}: write an address that begins with http:// or https://")
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "Accept-Language": "en"}

    def get(self, path: str, **query: object) -> Any:
        """What stands at an address."""
        filled = {name: str(value) for name, value in query.items() if value not in (None, "")}
        return json.loads(self.raw("GET", path + ("?" + urlencode(filled) if filled else "")))

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """What comes of an action."""
        return json.loads(self.raw("POST", path, body))

    def put(self, path: str, body: Mapping[str, object]) -> Any:
        """What comes of a change."""
        return json.loads(self.raw("PUT", path, body))

    def delete(self, path: str) -> Any:
        """What is left."""
        return json.loads(self.raw("DELETE", path))

    def raw(self, method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
        """The bytes of an answer; raises Refused and NotReachable."""
        try:
            status, answer = self._asked(
                method, path, json.dumps(body).encode() if body is not None else None
            )
        except (OSError, http.client.HTTPException) as error:
            hint = "is it running? Give another address with --url"
            raise NotReachable(f"no engine answers at {self._url.geturl()}: {hint}") from error
        if status >= BAD_REQUEST:
            raise _refusal(status, answer)
        return answer

    def _asked(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=self.seconds_max)
        try:
            headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
            connection.request(method, self._url.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def part(name: str) -> str:
    """A name as one part of an address."""
    return quote(name, safe="")


def account_in(path: Path) -> tuple[str, str]:
    """User and password: the last two words of the file's first two lines."""
    try:
        lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
        return lines[0][-1], lines[1][-1]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        hint = "give --account a file with the user on its first line and the password on its second"
        raise click.UsageError(f"no account in {path}: {hint}") from error


def _refusal(status: int, answer: bytes) -> Refused:
    """A problem in one line; what is not from an engine is told by its status."""
    try:
        problem = json.loads(answer)
        place = f" [{problem['place']}]" if problem.get("place") else ""
        message = f" (message {problem['message_id']})" if problem.get("message_id") else ""
        code = problem["code"]
        return Refused(f"{problem['title']}{place}{message}. {problem['detail']} ({code})", code)
    except (ValueError, KeyError, TypeError):
        return Refused(f"the answer was {status} and no engine's: check --url", "no-engine")
