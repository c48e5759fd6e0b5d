"""The worked example: the intake, its SRM, the record's answer and the booking, as the channels have them."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ayni.vocabulary.fhir import Resource, bundle, check, dumps, loads, systems
from ayni.vocabulary.fhir.reference import inside_bundle, logical, typed_identifier
from ayni.vocabulary.request import SCHEDULING, EventKey, State

CHANNELS = Path(__file__).resolve().parents[3] / "channels"
INTAKE = loads((CHANNELS / "intake_to_ehr/samples/01-cough-18-days.in.json").read_bytes())
REQUEST = "QH-7M3K9XBT4D"
PRACTITIONER = {
    "resourceType": "Practitioner",
    "id": "p",
    "identifier": [{"system": systems.DNI_ID, "value": "99000025"}],
    "name": [{"family": "PRUEBA", "given": ["JULIA"], "prefix": ["LIC."]}],
}


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """The bytes of a channel's sample, by its path below the channels."""
    return lambda name: (CHANNELS / name).read_bytes()


@pytest.fixture
def intake() -> Resource:
    return copy.deepcopy(INTAKE)


@pytest.fixture
def event() -> Callable[..., Resource]:
    """Makes the record's canonical event of a state: Task, Appointment, Patient and who acted."""
    return make_event


def make_event(
    state: State,
    number: int = 4,
    *,
    at: str = "2026-11-23T10:12:07-05:00",
    has_time: bool = True,
    **task: Any,
) -> Resource:
    key = EventKey(REQUEST, "R", number)
    patient = copy.deepcopy(next(bundle.resources(INTAKE, "Patient")))
    patient["identifier"].append({"system": systems.RECORD_PATIENT_ID, "value": "OV-P-000731"})
    people = [PRACTITIONER] if state is not State.RECEIVED else []
    resources = [_task(state) | task, _appointment(state, has_time=has_time), patient, *people]
    header = {"resourceType": "MessageHeader", "id": key.header_id, "eventUri": systems.STATE_CHANGED}
    if people:
        header["enterer"] = inside_bundle(PRACTITIONER)
    return {
        "resourceType": "Bundle",
        "type": "message",
        "meta": {"tag": [systems.TEST_TAG]},
        "identifier": {"system": systems.EVENT_ID, "value": str(key)},
        "timestamp": at,
        "entry": [bundle.entry(each) for each in (header, *resources)],
    }


def _task(state: State) -> Resource:
    return {
        "resourceType": "Task",
        "id": "t",
        "businessStatus": {"coding": [{"system": systems.REQUEST_STATE, "code": state.value}]},
        "owner": logical("Organization", systems.RENIPRESS_ID, "00004576"),
    }


def _appointment(state: State, *, has_time: bool) -> Resource:
    place = logical("Location", systems.RENIPRESS_ID, "00004576")
    time = {"start": "2026-11-24T09:00:00-05:00", "end": "2026-11-24T09:15:00-05:00", "minutesDuration": 15}
    booked = time | {"patientInstruction": "Traiga su DNI. Llegue 15 minutos antes."}
    service = {"system": systems.SERVICE, "code": "consulta-externa", "display": "Consulta externa"}
    return {
        "resourceType": "Appointment",
        "id": "a",
        "identifier": [
            typed_identifier("PLAC", systems.REQUEST_ID, REQUEST),
            typed_identifier("FILL", systems.RECORD_APPOINTMENT_ID, "OV-2026-0000912"),
        ],
        "status": SCHEDULING[state].appointment_status or "fulfilled",
        "serviceType": [{"coding": [service]}],
        "participant": [
            {"actor": place | ({"display": "CALQUIS, consultorio 1"} if has_time else {})},
            *([{"actor": logical("Practitioner", systems.DNI_ID, "99000025")}] if has_time else []),
        ],
        **(booked if has_time else {}),
    }


@pytest.fixture
def problems() -> Callable[[Resource], list[str]]:
    """What is wrong with a message Bundle that a map made."""
    return problems_of


def problems_of(message: Resource) -> list[str]:
    """R4's structure, with each reference to an entry told by its type, and references that lead nowhere."""
    entries = {entry["fullUrl"]: entry["resource"] for entry in message["entry"]}
    found = [f"{place}: leads nowhere" for place in _references(message) if place not in entries]
    types = {url: f"{resource['resourceType']}/{resource['id']}" for url, resource in entries.items()}
    told = loads(dumps(_told(message, types)))
    found += [f"{finding.place}: {finding.issue}" for finding in check(told)]
    if len(entries) < len(message["entry"]):
        found.append("an entry is there twice")
    return found


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_references, node))
    if not isinstance(node, dict):
        return set()
    own = {node["reference"]} if isinstance(node.get("reference"), str) else set()
    return own.union(*map(_references, node.values()))


def _told(node: Any, types: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_told(each, types) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: types.get(value, value) if name == "reference" else _told(value, types)
        for name, value in node.items()
    }
