"""Demo accounts: one invented person per role, with a password made at first start.

No password stands in the code; the file that tells them can be read by its owner only.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from ayni.fhirserver import NotFound
from ayni.onevision.accounts.account import create_account, is_there_any
from ayni.onevision.accounts.staff import GROUP_BY_ROLE, practitioner_id
from ayni.onevision.record import Record
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.fhir.systems import DNI_ID, MOTHERS_FAMILY, TEST_TAG
from ayni.vocabulary.request import Role

PASSWORD_BYTES = 9
"""Twelve characters of chance: more than the throttle lets anybody try."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented member of staff (identity number of the project's test block)."""

    username: str
    role: Role
    given: str
    mothers_family: str
    prefix: str
    dni: str


PEOPLE = (
    DemoPerson("admision", Role.ADMISSION, "ROSA", "CHÁVEZ", "", "99000901"),
    DemoPerson("enfermeria", Role.NURSE, "JULIA", "DÍAZ", "LIC.", "99000902"),
    DemoPerson("medicina", Role.CLINICIAN, "TOMÁS", "QUISPE", "DR.", "99000903"),
    DemoPerson("jefatura", Role.HEAD, "ELSA", "VÁSQUEZ", "DRA.", "99000904"),
)


def ensure_accounts(folder: Path) -> Path:
    """Makes the accounts when there is no account at all; returns where they are written down."""
    path = folder / "demo-accounts.txt"
    if not is_there_any():
        with transaction.atomic():
            lines = [_create_account(person) for person in PEOPLE]
            _write_private(path, "usuario contraseña rol\n" + "".join(lines))
    return path


def ensure_practitioners(record: Record) -> None:
    """Keeps the Practitioner of every demo account, who is named in the messages the account causes."""
    with record.changing() as chart:
        for person in PEOPLE:
            try:
                chart.repository.read("Practitioner", practitioner_id(person.username))
            except NotFound:
                chart.repository.create(_practitioner(person))


def _create_account(person: DemoPerson) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    create_account(person.username, person.role, password, first_name=person.given, last_name="PRUEBA")
    return f"{person.username} {password} {GROUP_BY_ROLE[person.role]}\n"


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _practitioner(person: DemoPerson) -> Resource:
    mothers_family = {"extension": [{"url": MOTHERS_FAMILY, "valueString": person.mothers_family}]}
    name = {"use": "official", "family": "PRUEBA", "_family": mothers_family, "given": [person.given]}
    return {
        "resourceType": "Practitioner",
        "id": practitioner_id(person.username),
        "meta": {"tag": [TEST_TAG]},
        "identifier": [{"system": DNI_ID, "value": person.dni}],
        "active": True,
        "name": [name | ({"prefix": [person.prefix]} if person.prefix else {})],
    }
