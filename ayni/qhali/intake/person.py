"""Who asks, whom, and with which permission: Patient, Organization, Consent."""

from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.maps.person import dni_identifier


def patient(submission: Submission, names: Names) -> Resource:
    """The citizen, in the ministry's profile PacientePe."""
    citizen = submission.citizen
    tag = {"tag": [systems.TEST_TAG]} if submission.is_test else {}
    name: Resource = {"use": "official", "family": citizen.paternal_surname}
    if citizen.maternal_surname:
        extension = {"url": systems.MOTHERS_FAMILY, "valueString": citizen.maternal_surname}
        name["_family"] = {"extension": [extension]}
    return {
        "resourceType": "Patient",
        "id": names.id("patient"),
        "meta": {"profile": [systems.PACIENTE_PE], **tag},
        "identifier": [dni_identifier(citizen.dni)],
        "name": [name | {"given": list(citizen.given_names)}],
        "gender": citizen.sex,
        "birthDate": citizen.birth_date.isoformat(),
        "address": [_home(submission)],
        "communication": [
            {"language": {"coding": [{"system": systems.LANGUAGE, "code": "es-PE"}]}, "preferred": True}
        ],
    }


def _home(submission: Submission) -> Resource:
    district = submission.citizen.district
    return {
        "use": "home",
        "extension": [_ubigeo(district.inei)],
        "city": district.name,
        "state": district.department,
        "country": "PER",
    }


def _ubigeo(inei: str) -> Resource:
    return {"url": systems.PE_UBIGEO, "valueString": inei}


def organization(submission: Submission, names: Names) -> Resource:
    """The facility the citizen chose."""
    facility = submission.citizen.facility
    return {
        "resourceType": "Organization",
        "id": names.id("organization"),
        "meta": {"profile": [systems.ORGANIZACION_PE]},
        "identifier": [{"system": systems.RENIPRESS_ID, "value": facility.code}],
        "active": True,
        "name": facility.name,
        "address": [{"extension": [_ubigeo(facility.district_inei)]}],
    }
