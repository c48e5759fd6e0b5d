"""What software inferred says so, and names the software.

Sources: HL7 v3-ObservationValue `AIAST` (FHIR R4 security labels), and HL7's guide "AI Transparency on FHIR"
1.0.0-ballot: Device of type Artificial-Intelligence with its kind, and Provenance whose agent has that role.
"""

from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.redflags.rules import VERSION
from ayni.vocabulary.fhir import Resource, systems

AIAST = {"system": systems.OBSERVATION_VALUE, "code": "AIAST"}
INFERRED = {"security": [AIAST]}
"""Resource.meta of what software inferred."""

RULES, MODEL = "device", "model-device"
"""The roles of the two Devices."""


def _ai(code: str) -> Resource:
    return {"coding": [{"system": systems.AI_TYPE, "code": code}]}


ARTIFICIAL_INTELLIGENCE = _ai("Artificial-Intelligence")


def devices(submission: Submission, names: Names) -> list[Resource]:
    """The rules, and the language model that had a part; the rules first, whom the engine names as author."""
    rules = _device(
        names.id(RULES),
        "QHALI-RULES",
        "QHALI, extractor y reglas",
        _ai("Rule-Based-Systems") | {"text": "Reglas deterministas, sin modelo de lenguaje"},
    )
    found = [rules | {"version": [{"value": VERSION}]}]
    if submission.model is not None:
        kind = _ai("Large-Language-Models") | {"text": "Modelo de lenguaje, junto a las reglas"}
        found.append(_device(names.id(MODEL), submission.model, submission.model, kind))
    return found


def _device(device_id: str, identifier: str, name: str, kind: Resource) -> Resource:
    """Software, named so that nobody takes it for a person."""
    return {
        "resourceType": "Device",
        "id": device_id,
        "extension": [{"url": systems.AI_KIND, "valueCodeableConcept": kind}],
        "identifier": [{"system": systems.DEVICE_ID, "value": identifier}],
        "status": "active",
        "deviceName": [{"name": name, "type": "model-name"}],
        "type": ARTIFICIAL_INTELLIGENCE,
    }
