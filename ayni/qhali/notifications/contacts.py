"""How a citizen wants to hear of a request besides its page: each channel with a permission of its own."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import apsw
import msgspec

from ayni.fhirserver import NotFound, Repository
from ayni.qhali.notifications.communication import MEDIUM
from ayni.qhali.notifications.push_subscription import parse_subscription
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource, bundle, codes, loads, systems
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE

CHANNELS = ("push", "whatsapp", "sms", "email")
"""Every way out besides the page; which of them are open is the operator's to declare."""

EMAIL_CHARACTERS_MAX = 254
"""RFC 5321, 4.5.3.1.3."""
PATIENT_REQUEST = "PATRQT"
"""v3-ActReason: the patient asked for it."""

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MOBILE = re.compile(r"(?:\+?51)?(9[0-9]{8})")


class InvalidAddress(ValueError):
    """Nothing can be sent there; the text is Spanish, for the citizen, without what was typed."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One chosen channel."""

    channel: str
    rank: int
    address: str
    added_at: datetime

    @property
    def name(self) -> str:
        """What the channel is called: "mensaje de texto"."""
        return MEDIUM[self.channel]

    @property
    def shown(self) -> str:
        """The address as far as a screen on a shared phone should show it: "…321", "m…@example.pe"."""
        if self.channel == "push":
            return "este navegador"
        if self.channel == "email":
            name, _, host = self.address.partition("@")
            return f"{name[:1]}…@{host}"
        return f"…{self.address[-3:]}"


def contacts_of(tx: apsw.Connection, request_id: str) -> list[Contact]:
    """The chosen channels, the first one first."""
    rows = tx.execute(STATEMENTS["read_contacts"], (request_id,))
    return [
        Contact(channel, rank, address, datetime.fromisoformat(at)) for channel, rank, address, at in rows
    ]


def add_contact(
    tx: apsw.Connection, repository: Repository, request_id: str, channel: str, typed: str, *, now: datetime
) -> None:
    """Keeps a channel with the permission to use it, after those chosen before; raises InvalidAddress.

    The same channel again is a new address in the old place.
    """
    address = ADDRESSES[channel](typed)
    values = {"request": request_id, "channel": channel, "address": address, "added_at": now.isoformat()}
    tx.execute(STATEMENTS["put_contact"], values)
    patient = patient_of(tx, request_id)
    _put(repository, consent(request_id, channel, patient, status="active", now=now))


def remove_contact(
    tx: apsw.Connection, repository: Repository, request_id: str, channel: str, *, now: datetime
) -> bool:
    """Withdraws the permission: nothing more is sent there. False when there is no such channel."""
    tx.execute(STATEMENTS["delete_contact"], (request_id, channel))
    if not tx.changes():
        return False
    tx.execute(STATEMENTS["withdraw_channel"], {"request": request_id, "channel": channel})
    patient = patient_of(tx, request_id)
    _put(repository, consent(request_id, channel, patient, status="inactive", now=now))
    return True


def patient_of(tx: apsw.Connection, request_id: str) -> Resource:
    """The person of a request, by the identifier they gave; the request is there."""
    intake = loads(bytes(tx.execute(STATEMENTS["read_intake"], (request_id,)).get))
    (identifier,) = bundle.only(intake, "Patient")["identifier"]
    return {
        "type": "Patient",
        "identifier": {"system": identifier["system"], "value": identifier["value"]},
    }


def consent(request_id: str, channel: str, patient: Resource, *, status: str, now: datetime) -> Resource:
    """The permission for one channel (FHIR R4 Consent): one resource, its versions tell when it changed."""
    return {
        "resourceType": "Consent",
        "id": consent_id(request_id, channel),
        "identifier": [{"system": systems.REQUEST_ID, "value": request_id}],
        "status": status,
        "scope": {"coding": [{"system": systems.CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": systems.LOINC, "code": codes.CONSENT_DOCUMENT}]}],
        "patient": patient,
        "dateTime": now.isoformat(timespec="seconds"),
        "performer": [patient],
        "policyRule": {
            "coding": [{"system": systems.ACT_CODE, "code": codes.OPT_IN}],
            "text": f"Ley 29733: avisarme por {MEDIUM[channel]}",
        },
        "provision": {
            "type": codes.PERMIT,
            "purpose": [{"system": systems.ACT_REASON, "code": PATIENT_REQUEST}],
        },
    }


def consent_id(request_id: str, channel: str) -> str:
    """The id of the one Consent of a request for a channel."""
    return str(uuid.uuid5(EVENT_NAMESPACE, f"{request_id}#consent-{channel}"))


def _put(repository: Repository, resource: Resource) -> None:
    try:
        repository.update(resource)
    except NotFound:
        repository.create(resource)


def _email(typed: str) -> str:
    address = typed.strip()
    if len(address) > EMAIL_CHARACTERS_MAX or not _EMAIL.fullmatch(address):
        raise InvalidAddress("Revise el correo: debe tener una forma como nombre@correo.pe.")
    return address


def _mobile(typed: str) -> str:
    """A Peruvian mobile number in international form: nine digits that begin with 9."""
    found = _MOBILE.fullmatch(re.sub(r"[\s.-]", "", typed))
    if not found:
        raise InvalidAddress("Revise el celular: son nueve cifras y empieza con 9.")
    return f"+51{found[1]}"


def _subscription(typed: str) -> str:
    try:
        subscription = parse_subscription(typed)
    except ValueError as error:
        raise InvalidAddress("Este navegador no dio una dirección de avisos que sirva.") from error
    return msgspec.json.encode(subscription).decode()


ADDRESSES: dict[str, Callable[[str], str]] = {
    "push": _subscription,
    "whatsapp": _mobile,
    "sms": _mobile,
    "email": _email,
}
"""How each channel reads what was typed."""
