"""Signing in: by the console's session for people, by HTTP Basic for programs."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from ayni.engine.console.access.accounts import Account, Accounts
from ayni.engine.console.access.roles import Role
from ayni.engine.console.access.throttle import Throttle

SESSION_SECONDS = 10 * 60 * 60
"""One shift."""
SESSIONS_MAX = 200
"""Beyond this somebody signs in in a loop, and the oldest sessions end."""
PROVEN_MAX = 200


class TooManyAttempts(AuthenticationError):
    """Too many sign-ins failed; `seconds` until the next may be tried."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many attempts")
        self.seconds = max(1, round(seconds))


class SignedIn(BaseUser):
    """Who is signed in, from where, with the role the account has now."""

    def __init__(self, account: Account, address: str) -> None:
        self.name, self.role, self.address = account.name, account.role, address

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        return self.name

    @property
    def identity(self) -> str:
        return self.name

    def may(self, role: Role | str) -> bool:
        """Whether this person's role includes another."""
        return self.role.includes(Role(role))


class Doorkeeper(AuthenticationBackend):
    """Knows the accounts, the open sessions and who has to wait."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        throttle: Throttle | None = None,
        clock: Callable[[], float] = time.monotonic,
        failed: Callable[[str, str], None] = lambda name, address: None,
    ) -> None:
        """`failed` hears of each sign-in that failed: a known name or none, and the address."""
        self._accounts, self._clock, self._failed = accounts, clock, failed
        self._throttle = throttle or Throttle(clock)
        self._sessions: dict[str, tuple[str, bytes, float]] = {}
        self._proven: dict[bytes, bytes] = {}
        self._key = secrets.token_bytes(32)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """Who it is, or nobody. Raises TooManyAttempts."""
        account = self._of_session(conn)
        if account is None and (credentials := _basic(conn)):
            account = await self.proven(*credentials, address_of(conn))
        if account is None:
            return None
        return AuthCredentials([account.role]), SignedIn(account, address_of(conn))

    async def proven(self, name: str, password: str, address: str) -> Account | None:
        """The account these open, None when they do not. Raises TooManyAttempts."""
        if seconds := self._throttle.wait_seconds(name, address):
            raise TooManyAttempts(seconds)
        if self._is_proven(name, password) or await self._is_password(name, password):
            self._throttle.succeeded(name, address)
            return self._accounts.find(name)
        self._throttle.failed(name, address)
        known = self._accounts.find(name)  # people type passwords where the name belongs
        await run_in_threadpool(self._failed, known.name if known else "", address)
        return None

    def open_session(self, conn: HTTPConnection, account: Account) -> None:
        """Kept here and not only in the cookie, so that signing out, or a new password, ends it."""
        while len(self._sessions) >= SESSIONS_MAX:
            del self._sessions[next(iter(self._sessions))]
        session = secrets.token_urlsafe(16)
        self._sessions[session] = (account.name, account.password_hash, self._clock() + SESSION_SECONDS)
        conn.session["session"] = session

    def close_session(self, conn: HTTPConnection) -> None:
        """Ends the session, also for whoever kept its cookie."""
        self._sessions.pop(conn.session.get("session", ""), None)
        conn.session.clear()

    def _of_session(self, conn: HTTPConnection) -> Account | None:
        name, password_hash, until = self._sessions.get(conn.session.get("session", ""), ("", b"", 0.0))
        account = self._accounts.find(name)
        is_open = account is not None and account.password_hash == password_hash and self._clock() < until
        return account if is_open else None

    async def _is_password(self, name: str, password: str) -> bool:
        account = self._accounts.find(name)
        if not await run_in_threadpool(self._accounts.is_password, name, password):
            return False
        assert account is not None
        while len(self._proven) >= PROVEN_MAX:
            del self._proven[next(iter(self._proven))]
        self._proven[self._digest(name, password)] = account.password_hash
        return True

    def _is_proven(self, name: str, password: str) -> bool:
        """Whether scrypt said yes before: a program that asks ten times a second pays for it once."""
        account = self._accounts.find(name)
        kept = self._proven.get(self._digest(name, password))
        return account is not None and kept == account.password_hash

    def _digest(self, name: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{name}\0{password}".encode(), hashlib.sha256)


def address_of(conn: HTTPConnection) -> str:
    """The address the connection comes from; what a proxy claims is not believed."""
    return conn.client.host if conn.client else ""


def _basic(conn: HTTPConnection) -> tuple[str, str] | None:
    scheme, _, given = conn.headers.get("Authorization", "").partition(" ")
    try:
        name, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if scheme.lower() == "basic" and colon and name else None
