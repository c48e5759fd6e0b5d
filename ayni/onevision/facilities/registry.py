"""San Miguel's facilities as Organization and Location, under ids that their RENIPRESS code gives."""

from ayni.fhirserver import NotFound
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource, identifier_in
from ayni.vocabulary.fhir.systems import PE_UBIGEO, RENIPRESS_ID
from ayni.vocabulary.peru.facilities import Facility, facilities


def organization_id(code: str) -> str:
    """The Organization of a RENIPRESS code."""
    return f"facility-{code}"


def location_id(code: str) -> str:
    """The consulting room of a RENIPRESS code; one each, for now."""
    return f"room-{code}"


def code_of(organization: Resource) -> str:
    """The RENIPRESS code of an Organization or Location."""
    return identifier_in(organization, RENIPRESS_ID)


def seed(chart: Chart) -> None:
    """Writes every facility; one that is already there in the same words makes no new version."""
    for facility in facilities():
        _keep(chart, _organization(facility))
        _keep(chart, _location(facility))


def _keep(chart: Chart, resource: Resource) -> None:
    try:
        chart.repository.update(resource)
    except NotFound:
        chart.repository.create(resource)


def _organization(facility: Facility) -> Resource:
    return {
        "resourceType": "Organization",
        "id": organization_id(facility.code),
        "identifier": [{"system": RENIPRESS_ID, "value": facility.code}],
        "active": True,
        "name": facility.name,
        "address": [{"extension": [{"url": PE_UBIGEO, "valueString": facility.district_inei}]}],
    }


def _location(facility: Facility) -> Resource:
    return {
        "resourceType": "Location",
        "id": location_id(facility.code),
        "identifier": [{"system": RENIPRESS_ID, "value": facility.code}],
        "status": "active",
        "name": "CONSULTORIO 1",
        "managingOrganization": {"reference": f"Organization/{organization_id(facility.code)}"},
    }
