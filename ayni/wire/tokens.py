"""Secrets a system makes for itself at first start and keeps in files only its owner can read."""

import hmac
import os
import secrets
from pathlib import Path

from ayni.wire.failure import CannotStart

TOKEN_BYTES = 32
SECRET_LENGTH_MIN = 8
"""Nobody guesses eight characters over the network; an empty file would open the door to everybody."""


class UnusableSecret(CannotStart):
    """The file of a secret holds something that protects nothing."""


def read_or_create(path: Path) -> str:
    """The secret in the file; made (mode 0600) when there is none yet.

    Two processes may start at once: the one that loses the race reads what the other wrote.
    Raises UnusableSecret for a file that is empty, too short or not plain text.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(TOKEN_BYTES), "ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    secret = path.read_text("ascii", "replace").strip()
    if len(secret) < SECRET_LENGTH_MIN or not secret.isascii():
        raise UnusableSecret(
            f"{path}: write a secret of at least {SECRET_LENGTH_MIN} ASCII characters or remove the file"
        )
    return secret


def is_bearer(authorization: str, token: str) -> bool:
    """Whether an Authorization header carries this bearer token, compared in constant time."""
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
