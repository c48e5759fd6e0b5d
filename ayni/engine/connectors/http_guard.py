"""Who may send over HTTP: decided from the head of a request, before its body is read."""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from ayni.engine.connectors.contract import World
from ayni.engine.connectors.http_server import certificate_of
from ayni.engine.connectors.tls import ListenerTls, names_in
from ayni.wire.failure import CannotStart
from ayni.wire.tokens import is_bearer, read_or_create

Proof = Callable[[Request], str | None]
"""Whom a request proves its sender to be, None when it does not."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Every proof is asked for; the sender is who the last one says."""

    proofs: tuple[Proof, ...]
    challenge: str

    def sender_of(self, request: Request) -> str | None:
        """Who sends this, None for a stranger."""
        found = [proof(request) for proof in self.proofs]
        return None if None in found else found[-1]


def open_guard(
    world: World, *, token_file: str, users_file: str, tls: ListenerTls | None, senders: tuple[str, ...]
) -> Guard:
    """The guard of one listener; raises CannotStart where anybody could send.

    `token_file` holds the bearer token of this direction and is made when it is missing, `users_file` a line
    `name:password` for each sender. `senders` are the certificate names let in, all the CA signed when empty.
    """
    proofs: list[Proof] = []
    if tls is not None and tls.files.authority is not None:
        proofs.append(_certificate(senders))
    elif senders:
        raise CannotStart("senders are certificate names: declare tls with a ca")
    if token_file and users_file:
        raise CannotStart("declare a token_file or a users_file, not both")
    if token_file:
        path = world.path(token_file)
        proofs.append(_bearer(read_or_create(path), path.name))
    if users_file:
        proofs.append(_basic(_users(world, users_file)))
    if not proofs:
        raise CannotStart("anybody could send: declare a token_file, a users_file or tls with a ca")
    return Guard(tuple(proofs), "Basic" if users_file else "Bearer")


def _bearer(token: str, name: str) -> Proof:
    def proof(request: Request) -> str | None:
        return name if is_bearer(request.headers.get("Authorization", ""), token) else None

    return proof


def _basic(users: dict[str, str]) -> Proof:
    def proof(request: Request) -> str | None:
        name, password = _credentials(request.headers.get("Authorization", ""))
        known = users.get(name, "")
        return name if hmac.compare_digest(known.encode(), password.encode()) and known else None

    return proof


def _certificate(senders: tuple[str, ...]) -> Proof:
    def proof(request: Request) -> str | None:
        names = names_in(certificate_of(request))
        return next((name for name in names if not senders or name in senders), None)

    return proof


def _credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, password) if scheme.lower() == "basic" else ("", "")


def _users(world: World, users_file: str) -> dict[str, str]:
    path = world.path(users_file)
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{users_file}: write a line name:password for each sender into {path}") from error
    users = {name: password for name, _, password in (line.partition(":") for line in lines)}
    if not users or not all(name and password for name, password in users.items()):
        raise CannotStart(f"{users_file}: each line of {path} must be name:password")
    return users
