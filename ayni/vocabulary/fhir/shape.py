"""The shape of the elements our messages read: is a list where a list is read, text where text is read.

It is checked once, where a stranger's Bundle comes in, so that what follows may read without fear. It is
not a validation against R4: it looks only at the elements named here.
"""

import re
from typing import Annotated, Any

import msgspec

from ayni.vocabulary.fhir.bundle import resources
from ayni.vocabulary.fhir.errors import FhirError
from ayni.vocabulary.fhir.json import Resource

_DAY = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_TIME = r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"

Date = Annotated[str, msgspec.Meta(pattern=rf"^{_DAY}\Z")]
"""FHIR R4 date: a year, a month or a day."""
DateTime = Annotated[str, msgspec.Meta(pattern=rf"^{_DAY}({_TIME})?\Z")]
"""FHIR R4 dateTime: a date, or a day with time and zone."""


class Shape(msgspec.Struct, frozen=True):
    """A FHIR element; what is not named is not looked at."""


class Extension(Shape, frozen=True):
    url: str
    valueString: str = ""  # noqa: N815 - element names are FHIR's


class Coding(Shape, frozen=True):
    system: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(Shape, frozen=True):
    coding: list[Coding] = []
    text: str = ""


class Identifier(Shape, frozen=True):
    system: str = ""
    value: str = ""


class Meta(Shape, frozen=True):
    tag: list[Coding] = []


class AnyResource(Shape, frozen=True, rename="camel"):
    resource_type: str


class Entry(Shape, frozen=True):
    resource: AnyResource | msgspec.UnsetType = msgspec.UNSET


class Bundle(Shape, frozen=True):
    type: str
    identifier: Identifier = Identifier()
    meta: Meta = Meta()
    timestamp: str = ""
    entry: list[Entry] = []


class Reference(Shape, frozen=True):
    reference: str = ""
    type: str = ""
    identifier: Identifier = Identifier()
    display: str = ""


class Period(Shape, frozen=True):
    start: DateTime = ""
    end: DateTime = ""


class Annotation(Shape, frozen=True):
    text: str


class Element(Shape, frozen=True):
    extension: list[Extension] = []


class HumanName(Shape, frozen=True, rename={"family_element": "_family"}):
    family: str = ""
    given: list[str] = []
    prefix: list[str] = []
    family_element: Element = Element()


class Address(Shape, frozen=True):
    extension: list[Extension] = []
    city: str = ""
    state: str = ""
    country: str = ""


class Person(Shape, frozen=True, rename="camel"):
    identifier: list[Identifier] = []
    name: list[HumanName] = []
    gender: str = ""
    birth_date: Date = ""
    address: list[Address] = []


class Source(Shape, frozen=True):
    name: str = ""


class MessageHeader(Shape, frozen=True, rename="camel"):
    id: str
    event_uri: str = ""
    source: Source = Source()


class Organization(Shape, frozen=True):
    identifier: list[Identifier] = []
    name: str = ""


class ServiceRequest(Shape, frozen=True, rename="camel"):
    code: CodeableConcept = CodeableConcept()
    priority: str = "routine"
    occurrence_period: Period = Period()
    authored_on: DateTime = ""
    reason_code: list[CodeableConcept] = []
    note: list[Annotation] = []


class Observation(Shape, frozen=True, rename="camel"):
    code: CodeableConcept
    value_codeable_concept: CodeableConcept = CodeableConcept()
    effective_period: Period = Period()
    effective_date_time: DateTime = ""


class Prediction(Shape, frozen=True):
    outcome: CodeableConcept = CodeableConcept()


class RiskAssessment(Shape, frozen=True, rename="camel"):
    method: CodeableConcept = CodeableConcept()
    occurrence_date_time: DateTime = ""
    prediction: list[Prediction] = []
    reason_code: list[CodeableConcept] = []


class Provision(Shape, frozen=True):
    type: str = ""
    purpose: list[Coding] = []


class Consent(Shape, frozen=True, rename="camel"):
    status: str
    category: list[CodeableConcept] = []
    policy_rule: CodeableConcept = CodeableConcept()
    provision: Provision = Provision()
    date_time: DateTime = ""


class Task(Shape, frozen=True, rename="camel"):
    group_identifier: Identifier = Identifier()
    status: str = ""
    business_status: CodeableConcept = CodeableConcept()
    status_reason: CodeableConcept = CodeableConcept()
    owner: Reference = Reference()
    note: list[Annotation] = []


class Participant(Shape, frozen=True):
    actor: Reference = Reference()
    status: str = ""


class Appointment(Shape, frozen=True, rename="camel"):
    identifier: list[Identifier] = []
    status: str = ""
    start: DateTime = ""
    end: DateTime = ""
    minutes_duration: int = 0
    patient_instruction: str = ""
    service_type: list[CodeableConcept] = []
    participant: list[Participant] = []


class Device(Shape, frozen=True):
    identifier: list[Identifier] = []


SHAPES: dict[str, type[Shape]] = {
    "Bundle": Bundle,
    "MessageHeader": MessageHeader,
    "Patient": Person,
    "Practitioner": Person,
    "Organization": Organization,
    "ServiceRequest": ServiceRequest,
    "Observation": Observation,
    "RiskAssessment": RiskAssessment,
    "Consent": Consent,
    "Task": Task,
    "Appointment": Appointment,
    "Device": Device,
}

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)


def check_shapes(bundle: Resource) -> None:
    """Raises FhirError (`structure`, 400) with the FHIRPath of the first element that has another shape."""
    for resource in (bundle, *resources(bundle)):
        kind = str(resource.get("resourceType"))
        if kind in SHAPES:
            _check(resource, kind)


def _check(resource: dict[str, Any], kind: str) -> None:
    try:
        msgspec.convert(resource, SHAPES[kind])
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        path, what = (found["path"] or "", found["what"]) if found else ("", "")
        raise FhirError(
            "structure", f"Elemento con otra forma: {what}", expression=f"{kind}{path}", http_status=400
        ) from error
