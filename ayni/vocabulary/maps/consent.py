"""The consent to send: in FHIR a Consent, in HL7 v2 an OBX, because an SRM has no CON segment."""

from collections.abc import Iterator

from ayni.vocabulary.fhir import FhirError, Resource, bundle, codes, systems
from ayni.vocabulary.fhir.reading import has_code, is_coding, moment
from ayni.vocabulary.hl7 import Hl7Error, Segment, format_timestamp, parse_timestamp
from ayni.vocabulary.maps.coded import Fields, ce

CONSENT = (codes.CONSENT_DOCUMENT, "Consent Document", "LN")
PERMISSION = (codes.OPT_IN, "Enviar mi pedido al registro de salud regional", "99CON")


def consent_fields(intake: Resource) -> Fields:
    """The OBX of the consent without which nothing is sent; consents to other things do not travel.

    Raises FhirError with the first place where the one nearest to such a consent falls short.
    """
    judged = [(list(_faults(each)), each) for each in bundle.resources(intake, "Consent")]
    faults, consent = min(judged, key=lambda each: len(each[0]), default=(["Consent"], {}))
    if faults:
        raise FhirError("business-rule", "Sin consentimiento vigente no se envía.", expression=faults[0])
    given_at = format_timestamp(moment(consent.get("dateTime"), "Consent.dateTime"))
    return ce(3, CONSENT) | ce(5, PERMISSION) | {11: "F", 14: given_at}


def _faults(consent: Resource) -> Iterator[str]:
    """The places where this is not a consent in force to send the request for care."""
    provision = consent.get("provision", {})
    purposes = provision.get("purpose", [])
    conditions = {
        "Consent.status": consent.get("status") == "active",
        "Consent.category": has_code(consent.get("category"), systems.LOINC, codes.CONSENT_DOCUMENT),
        "Consent.policyRule": has_code(consent.get("policyRule"), systems.ACT_CODE, codes.OPT_IN),
        "Consent.provision.type": provision.get("type") == codes.PERMIT,
        "Consent.provision.purpose": any(
            is_coding(each, systems.ACT_REASON, codes.TREATMENT) for each in purposes
        ),
    }
    return (place for place, holds in conditions.items() if not holds)


def consent_from(obx: Segment, place: str) -> Resource:
    """The Consent of the OBX at `place` (`OBX^7`), without id and patient; raises Hl7Error without a yes."""
    code, text, table = PERMISSION
    if (obx["5.1"], obx["5.3"]) != (code, table):
        raise Hl7Error(
            "expected a consent that permits",
            code=103,
            location=f"{place}^5",
            text="El consentimiento no autoriza.",
        )
    given_at = parse_timestamp(obx[14], location=f"{place}^14")
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": systems.CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": systems.LOINC, "code": codes.CONSENT_DOCUMENT}]}],
        "dateTime": given_at.isoformat(timespec="seconds"),
        "policyRule": {"coding": [{"system": systems.ACT_CODE, "code": code}], "text": obx["5.2"] or text},
        "provision": {
            "type": codes.PERMIT,
            "purpose": [{"system": systems.ACT_REASON, "code": codes.TREATMENT}],
        },
    }
