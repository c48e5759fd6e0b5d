"""Reading a state message: whose it is, which number it has, to which state it leads.

A stranger's Bundle comes in here. What the receiver will look at is checked here, so that a message which
cannot be read is refused with its place instead of failing half-way and being sent for ever.
"""

from dataclasses import dataclass
from datetime import datetime

from ayni.vocabulary.fhir import (
    FhirError,
    Resource,
    bundle,
    code_in,
    identifier_in,
    require_structure,
    systems,
)
from ayni.vocabulary.fhir.reading import moment
from ayni.vocabulary.request import EventKey, State


@dataclass(frozen=True, slots=True)
class Event:
    """A change of state as it was read. `appointment` is {} where the message has none."""

    key: EventKey
    state: State
    at: datetime
    task: Resource
    appointment: Resource


def key_in(message: Resource) -> EventKey | None:
    """The event a message speaks of, however wrong the rest of it is; None when it names none."""
    try:
        system, value = bundle.identifier(message)
        key = EventKey.parse(value)
    except ValueError:  # a FhirError is one too
        return None
    return key if system == systems.EVENT_ID and key.direction == "R" else None


def key_of(message: Resource) -> EventKey:
    """The event key of a state message; raises FhirError with the place of what is wrong."""
    header = bundle.header(message)
    if header.get("eventUri") != systems.STATE_CHANGED:
        raise FhirError(
            "not-supported",
            "Aquí se reciben solo cambios de estado (state-changed).",
            expression="Bundle.entry[0].resource.eventUri",
        )
    bundle.identifier(message)
    key = key_in(message)
    if key is None:
        raise FhirError(
            "value", "Bundle.identifier no es una clave de evento.", expression="Bundle.identifier"
        )
    if header["id"] != key.header_id:
        raise FhirError(
            "value",
            "MessageHeader.id no es el de esa clave de evento.",
            expression="Bundle.entry[0].resource.id",
        )
    return key


def read_event(message: Resource, *, is_test: bool) -> Event:
    """The event of a state message; raises FhirError with the place of what is missing or wrong."""
    key = key_of(message)
    require_structure(message)
    if bundle.is_test(message) is not is_test:
        raise FhirError(
            "forbidden",
            "Mensaje de prueba en producción, o al revés.",
            expression="Bundle.meta.tag",
            http_status=403,
        )
    at = bundle.timestamp(message)
    task = _task(message, key.request_id)
    return Event(key, _state_of(task), at, task, _appointment(message, key.request_id))


def sender_of(message: Resource) -> str:
    """The name of the system that speaks, "" when it does not say."""
    source = bundle.header(message).get("source")
    return str(source.get("name", "")) if isinstance(source, dict) else ""


def _task(message: Resource, request_id: str) -> Resource:
    task = bundle.only(message, "Task")
    if identifier_in(task, systems.REQUEST_ID, "groupIdentifier") != request_id:
        raise FhirError(
            "value",
            "Task de otro pedido.",
            expression="Bundle.entry.resource.ofType(Task).groupIdentifier",
        )
    _require_id(task)
    if not isinstance(task.get("for"), dict):
        raise FhirError("required", "Task sin paciente.", expression="Task.for")
    return task


def _appointment(message: Resource, request_id: str) -> Resource:
    if next(bundle.resources(message, "Appointment"), None) is None:
        return {}
    appointment = bundle.only(message, "Appointment")
    _require_id(appointment)
    if identifier_in(appointment, systems.REQUEST_ID) != request_id:
        raise FhirError("value", "Appointment de otro pedido.", expression="Appointment.identifier")
    if "start" in appointment:
        moment(appointment["start"], "Appointment.start")
    return appointment


def _require_id(resource: Resource) -> None:
    if not isinstance(resource.get("id"), str):
        kind = resource["resourceType"]
        raise FhirError("required", f"{kind} sin id.", expression=f"{kind}.id")


def _state_of(task: Resource) -> State:
    code = code_in(task.get("businessStatus"), systems.REQUEST_STATE)
    try:
        return State(code)
    except ValueError as error:
        raise FhirError(
            "code-invalid",
            "Estado desconocido.",
            expression="Bundle.entry.resource.ofType(Task).businessStatus",
        ) from error
