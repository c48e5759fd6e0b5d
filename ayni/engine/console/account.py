"""The operator's account: made at first start, kept in a file only the system's owner can read."""

import base64
import hmac
import secrets
from pathlib import Path

from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    BaseUser,
    SimpleUser,
)
from starlette.requests import HTTPConnection

from ayni.wire.tokens import read_or_create

OPERATOR = "operador"
ACCOUNT_FILE = "operator-account.txt"
SESSIONS_MAX = 100
"""One operator has a few windows; beyond this somebody signs in in a loop, and all sign in anew."""


class OperatorAccounts(AuthenticationBackend):
    """Signs the operator in, by the console's session or by HTTP Basic for programs."""

    def __init__(self, data_folder: Path) -> None:
        """Makes the password at first start and writes the account down for whoever runs the system."""
        self._password = read_or_create(data_folder / "operator-password")
        account = data_folder / ACCOUNT_FILE
        account.touch(mode=0o600)
        account.write_text(f"usuario: {OPERATOR}\ncontraseña: {self._password}\n", "utf-8")
        self._sessions: set[str] = set()

    def sign_in(self, conn: HTTPConnection) -> None:
        """Opens a session. It is kept here and not only in the cookie, so that signing out ends it."""
        if len(self._sessions) >= SESSIONS_MAX:
            self._sessions.clear()
        session = secrets.token_urlsafe(16)
        self._sessions.add(session)
        conn.session["session"] = session

    def sign_out(self, conn: HTTPConnection) -> None:
        """Ends the session, also for whoever kept its cookie."""
        self._sessions.discard(conn.session.get("session", ""))
        conn.session.clear()

    def knows(self, user: str, password: str) -> bool:
        """Whether these are the operator's; compared in constant time.

        The password is 32 random bytes: guessing needs no throttle to be pointless.
        """
        return hmac.compare_digest(user.encode(), OPERATOR.encode()) & hmac.compare_digest(
            password.encode(), self._password.encode()
        )

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """The operator, or nobody."""
        if conn.session.get("session") in self._sessions or self.knows(*_basic(conn)):
            return AuthCredentials(["operator"]), SimpleUser(OPERATOR)
        return None


def _basic(conn: HTTPConnection) -> tuple[str, str]:
    scheme, _, given = conn.headers.get("Authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (user, password) if scheme.lower() == "basic" else ("", "")
