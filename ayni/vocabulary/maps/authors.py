"""Which software a finding of an intake is of: in FHIR Provenance and Device, in HL7 v2 OBX-18."""

from collections.abc import Iterator

from ayni.vocabulary.fhir import Resource, bundle, identifier_in, systems
from ayni.vocabulary.fhir.reading import has_code

PARTICIPANT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
AUTHOR = "author"


class Authors:
    """The Devices of one intake, by what they are the author of."""

    def __init__(self, intake: Resource) -> None:
        self._otherwise = first_device(intake)
        called = dict(_named_devices(intake))
        self._by_target: dict[str, list[str]] = {}
        for each in bundle.resources(intake, "Provenance"):
            names = [called[who] for who in _authors(each) if who in called]
            for target in each.get("target", []):
                self._by_target.setdefault(str(target.get("reference", "")), []).extend(names)

    def of(self, resource: Resource) -> list[str]:
        """The identifiers of its authors, each once; the intake's first software where none is named."""
        found = dict.fromkeys(self._by_target.get(f"urn:uuid:{resource.get('id', '')}", ()))
        return list(found) or list(filter(None, [self._otherwise]))


def first_device(intake: Resource) -> str:
    """The identifier of the first Device, "" when there is none: QHALI names its rules first."""
    device: Resource = next(bundle.resources(intake, "Device"), {})
    return identifier_in(device, systems.DEVICE_ID)


def _named_devices(intake: Resource) -> Iterator[tuple[str, str]]:
    for each in bundle.resources(intake, "Device"):
        if name := identifier_in(each, systems.DEVICE_ID):
            yield f"urn:uuid:{each.get('id', '')}", name


def _authors(provenance: Resource) -> Iterator[str]:
    for agent in provenance.get("agent", []):
        if has_code(agent.get("type"), PARTICIPANT_TYPE, AUTHOR):
            yield str(agent.get("who", {}).get("reference", ""))
