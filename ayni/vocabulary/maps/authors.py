"""Which software a finding of an intake is of: in FHIR Provenance and Device, in HL7 v2 OBX-17 and OBX-18."""

from collections.abc import Iterator
from dataclasses import dataclass

from ayni.vocabulary.fhir import Resource, bundle, identifier_in, systems
from ayni.vocabulary.fhir.reading import has_code

PARTICIPANT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
AUTHOR = "author"
LANGUAGE_MODEL = "Large-Language-Models"
"""Of HL7's guide "AI Transparency on FHIR", 1.0.0-ballot."""


@dataclass(frozen=True, slots=True)
class Software:
    """A Device by its identifier, and whether it is a language model."""

    name: str
    is_language_model: bool


class Authors:
    """The Devices of one intake, by what they are the author of."""

    def __init__(self, intake: Resource) -> None:
        called = dict(_named_devices(intake))
        self._otherwise = list(called.values())[:1]
        self._by_target: dict[str, list[Software]] = {}
        for each in bundle.resources(intake, "Provenance"):
            names = [called[who] for who in _authors(each) if who in called]
            for target in each.get("target", []):
                self._by_target.setdefault(str(target.get("reference", "")), []).extend(names)

    def of(self, resource: Resource) -> list[Software]:
        """Its authors, each once; the intake's first software where none is named."""
        found = dict.fromkeys(self._by_target.get(f"urn:uuid:{resource.get('id', '')}", ()))
        return list(found) or self._otherwise


def first_device(intake: Resource) -> str:
    """The identifier of the first Device, "" when there is none: QHALI names its rules first."""
    device: Resource = next(bundle.resources(intake, "Device"), {})
    return identifier_in(device, systems.DEVICE_ID)


def _named_devices(intake: Resource) -> Iterator[tuple[str, Software]]:
    for each in bundle.resources(intake, "Device"):
        if name := identifier_in(each, systems.DEVICE_ID):
            yield f"urn:uuid:{each.get('id', '')}", Software(name, _is_language_model(each))


def _is_language_model(device: Resource) -> bool:
    kinds = (each for each in device.get("extension", []) if each.get("url") == systems.AI_KIND)
    return any(has_code(each.get("valueCodeableConcept"), systems.AI_TYPE, LANGUAGE_MODEL) for each in kinds)


def _authors(provenance: Resource) -> Iterator[str]:
    for agent in provenance.get("agent", []):
        if has_code(agent.get("type"), PARTICIPANT_TYPE, AUTHOR):
            yield str(agent.get("who", {}).get("reference", ""))
