"""The accounts of the console: names, roles and password hashes in one file that only its owner can read.

The first start makes one administrator, whose password stands in `operator-account.txt` for whoever runs the
system. No password is ever the same on two machines.
"""

import os
import re
import threading
from datetime import datetime
from pathlib import Path

import msgspec

from ayni.engine.console.access.passwords import COST, hashed, is_password, new_password, new_salt
from ayni.engine.console.access.roles import Role
from ayni.wire.clock import Now
from ayni.wire.failure import CannotStart
from ayni.wire.tokens import read_or_create

FIRST_ACCOUNT = "operador"
ACCOUNTS_FILE = "accounts.json"
ACCOUNT_FILE, PASSWORD_FILE = "operator-account.txt", "operator-password"
NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class AccountRefused(Exception):
    """What was asked of the accounts cannot be done. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One person or program that may sign in."""

    name: str
    role: Role
    salt: bytes
    password_hash: bytes
    created_at: datetime
    cost: int = COST


class Accounts:
    """Reads them once, writes the file anew with each change. One process holds the folder."""

    def __init__(self, data_folder: Path, now: Now) -> None:
        """Makes the first administrator when there are no accounts yet."""
        self._folder, self._now = data_folder, now
        self._path = data_folder / ACCOUNTS_FILE
        self._accounts: dict[str, Account] = {}
        self._turn = threading.RLock()
        """Two administrators at once: each change starts from what the other left."""
        if self._path.exists():
            self._accounts = {each.name: each for each in _read(self._path)}
        else:
            self._make_first()

    def find(self, name: str) -> Account | None:
        return self._accounts.get(name)

    def all(self) -> list[Account]:
        """By name."""
        return sorted(self._accounts.values(), key=lambda account: account.name)

    def is_password(self, name: str, password: str) -> bool:
        """Whether this opens the account. A name nobody has takes as long as a wrong password."""
        account = self._accounts.get(name, _NOBODY)
        is_right = is_password(password, account.salt, account.password_hash, account.cost)
        return is_right and account is not _NOBODY

    def add(self, name: str, role: Role) -> str:
        """A new account; its password, which is shown once. Raises AccountRefused."""
        if not NAME.fullmatch(name):
            raise AccountRefused("account-name")
        with self._turn:
            if name in self._accounts:
                raise AccountRefused("account-taken")
            return self._set(name, role, new_password())

    def remove(self, name: str) -> None:
        """Raises AccountRefused, also for the last administrator."""
        with self._turn:
            self._known(name)
            self._keep_an_administrator(without=name)
            self._write({each: account for each, account in self._accounts.items() if each != name})
            self._forget_first(name)

    def set_role(self, name: str, role: Role) -> None:
        """Raises AccountRefused, also when the last administrator would be none."""
        with self._turn:
            account = self._known(name)
            if role is not Role.ADMINISTRATOR:
                self._keep_an_administrator(without=name)
            self._write(self._accounts | {name: msgspec.structs.replace(account, role=role)})

    def renew_password(self, name: str) -> str:
        """A new password, shown once; the old one opens nothing any more. Raises AccountRefused."""
        with self._turn:
            account = self._known(name)
            password = self._set(name, account.role, new_password())
            self._forget_first(name)
            return password

    def _set(self, name: str, role: Role, password: str) -> str:
        salt = new_salt()
        account = Account(
            name=name,
            role=role,
            salt=salt,
            password_hash=hashed(password, salt),
            created_at=self._now(),
        )
        self._write(self._accounts | {name: account})
        return password

    def _make_first(self) -> None:
        password = read_or_create(self._folder / PASSWORD_FILE)
        paper = self._folder / ACCOUNT_FILE
        paper.touch(mode=0o600)
        paper.write_text(f"usuario: {FIRST_ACCOUNT}\ncontraseña: {password}\n", "utf-8")
        self._set(FIRST_ACCOUNT, Role.ADMINISTRATOR, password)

    def _forget_first(self, name: str) -> None:
        """A paper with a password that opens nothing would only mislead."""
        if name == FIRST_ACCOUNT:
            for file in (ACCOUNT_FILE, PASSWORD_FILE):
                (self._folder / file).unlink(missing_ok=True)

    def _known(self, name: str) -> Account:
        if (account := self._accounts.get(name)) is None:
            raise AccountRefused("account-unknown")
        return account

    def _keep_an_administrator(self, *, without: str) -> None:
        others = (each for each in self._accounts.values() if each.name != without)
        if not any(each.role is Role.ADMINISTRATOR for each in others):
            raise AccountRefused("account-last-administrator")

    def _write(self, accounts: dict[str, Account]) -> None:
        """The whole file or nothing of it, also when the power goes."""
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        with fresh.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(list(accounts.values()))))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._accounts = accounts


_NOBODY = Account(
    name="",
    role=Role.VIEWER,
    salt=new_salt(),
    password_hash=b"",
    created_at=datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
)


def _read(path: Path) -> list[Account]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Account])
    except (OSError, msgspec.DecodeError) as error:
        hint = "put back a good copy, or remove it to begin again with one administrator"
        raise CannotStart(f"{path.name}: the accounts cannot be read: {hint}") from error
