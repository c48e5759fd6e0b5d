"""An account of a member of staff. No page makes one: it is made at the terminal of the record's machine."""

import getpass
import os
from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from ayni.onevision import ACCOUNTS_FILE, SYSTEM
from ayni.onevision.accounts.staff import GROUP_BY_ROLE
from ayni.onevision.site.configuration import configure
from ayni.vocabulary.request import Role
from ayni.wire.failure import CannotStart
from ayni.wire.settings import Environment, SettingError
from ayni.wire.tokens import read_or_create

ROLES = {
    "admision": Role.ADMISSION,
    "enfermeria": Role.NURSE,
    "medicina": Role.CLINICIAN,
    "jefatura": Role.HEAD,
}
"""The roles an account may have, as they are written at the terminal."""

HOW_TO_ADD = f"python -m ayni onevision account add NAME --role {'|'.join(ROLES)}"

PASSWORD_CHARACTERS_MIN = 12


class AccountRefused(CannotStart):
    """No account was made; the text says what to write instead."""


def add_account(
    name: str,
    role: str,
    variables: Mapping[str, str] = os.environ,
    *,
    ask: Callable[[str], str] = getpass.getpass,
) -> None:
    """Makes an account on the record's data folder, also while the record runs; the password is asked twice.

    `role` is a word of ROLES. Raises AccountRefused, or SettingError for a folder that holds no record.
    """
    if role not in ROLES:
        raise AccountRefused(f"--role {role}: write one of {', '.join(ROLES)}")
    _open_accounts(Environment(variables))
    _check_name(name)
    create_account(name, ROLES[role], _password(ask))


def is_there_any() -> bool:
    """Whether anybody can sign in."""
    return bool(get_user_model().objects.exists())


def create_account(name: str, role: Role, password: str, **names: str) -> Any:
    """The account, in its role's group; `names` are Django's first_name and last_name."""
    user = get_user_model().objects.create_user(name, password=password, **names)
    group, _ = apps.get_model("auth.Group").objects.get_or_create(name=GROUP_BY_ROLE[role])
    user.groups.add(group)
    return user


def _open_accounts(environment: Environment) -> None:
    """Sets Django up on the record's own file; a folder without one is somebody's slip."""
    folder = environment.folder(SYSTEM)
    path = folder / ACCOUNTS_FILE
    if not path.is_file():
        raise SettingError(f"AYNI_VAR: there is no {path}: write the folder that oneVisionCax runs with")
    secret_key = read_or_create(folder / "secret-key")
    configure(None, folder=folder, secret_key=secret_key, host=environment.text("AYNI_HOST"))


def _check_name(name: str) -> None:
    accounts = get_user_model()
    if accounts.objects.filter(username=accounts.normalize_username(name)).exists():
        raise AccountRefused(f"there is an account {name} already: choose another name")
    try:
        accounts(username=name).clean_fields(exclude=["password"])
    except ValidationError as error:
        raise AccountRefused("NAME: write letters, digits and @ . + - _ only, at most 150") from error


def _password(ask: Callable[[str], str]) -> str:
    password = ask("password: ")
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise AccountRefused(f"password: write at least {PASSWORD_CHARACTERS_MIN} characters")
    if ask("the same again: ") != password:
        raise AccountRefused("password: the two are not the same")
    return password
