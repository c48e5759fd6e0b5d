"""Passwords: made here and never chosen, kept as scrypt hashes (RFC 7914), compared in constant time."""

import hashlib
import hmac
import secrets

PASSWORD_BYTES = 24
"""Nobody guesses it and nobody has to think of one: a password manager or a sealed envelope keeps it."""
SALT_BYTES = 16
COST, BLOCK, PARALLEL = 1 << 14, 8, 1
"""16 MB and about 50 ms for each guess of who has stolen the file. The cost stands beside each hash, so that
it can be raised without closing out anybody."""


def new_password() -> str:
    """A password no other account has."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def hashed(password: str, salt: bytes, cost: int = COST) -> bytes:
    """What is kept of a password."""
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=BLOCK, p=PARALLEL, dklen=32)


def new_salt() -> bytes:
    """Two accounts with one password do not look alike."""
    return secrets.token_bytes(SALT_BYTES)


def is_password(password: str, salt: bytes, kept: bytes, cost: int) -> bool:
    """Whether this is the password of which the hash was kept."""
    return hmac.compare_digest(hashed(password, salt, cost), kept)
