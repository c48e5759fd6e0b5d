"""Who typed for the citizen: a health worker who helps somebody that does not write.

FHIR R4 Provenance.agent of type `enterer`. It is what the worker declares; nobody has logged in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ayni.qhali.intake.citizen import InvalidIdentity, dni_hint, name_hint
from ayni.vocabulary.fhir import Resource, bundle, systems
from ayni.vocabulary.fhir.reference import logical
from ayni.vocabulary.peru import parse_dni, parse_name

ENTERER = "enterer"
FIELDS = ("enterer_name", "enterer_dni")


@dataclass(frozen=True, slots=True)
class Enterer:
    """A health worker. The name is in capitals, as on the DNI."""

    name: str
    dni: str


def enterer_from(form: Mapping[str, str], *, is_test: bool) -> Enterer | None:
    """Who types, None when nobody is named; raises InvalidIdentity with a hint for each wrong field."""
    name, dni = (form.get(field, "").strip() for field in FIELDS)
    if not name and not dni:
        return None
    found = (("enterer_name", name_hint(parse_name, name)), ("enterer_dni", dni_hint(dni, is_test=is_test)))
    hints = {field: hint for field, hint in found if hint}
    if hints:
        raise InvalidIdentity(hints)
    return Enterer(parse_name(name), parse_dni(dni))


def reference_to(enterer: Enterer) -> Resource:
    """The worker as a reference by DNI: no directory of this system knows them."""
    return logical("Practitioner", systems.DNI_ID, enterer.dni) | {"display": enterer.name}


def enterer_in(intake: Resource) -> str:
    """The name of who typed an intake Bundle, "" when the citizen did."""
    agents = (
        agent
        for each in bundle.resources(intake)
        if each["resourceType"] == "Provenance"
        for agent in each["agent"]
        if agent.get("type", {}).get("coding", [{}])[0].get("code") == ENTERER
    )
    return str(next((agent["who"]["display"] for agent in agents), ""))
