"""A confirmed conversation, as the FHIR `message` Bundle that asks the record for care."""

from ayni.qhali.intake.bundle import intake_bundle
from ayni.qhali.intake.citizen import Citizen, InvalidIdentity, citizen_from, persona_of
from ayni.qhali.intake.consents import consent_to_send, consents_to_share
from ayni.qhali.intake.enterer import Enterer, enterer_from, enterer_in
from ayni.qhali.intake.narrative import narrative
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.written import written

__all__ = [
    "Citizen",
    "Enterer",
    "InvalidIdentity",
    "Submission",
    "citizen_from",
    "consent_to_send",
    "consents_to_share",
    "enterer_from",
    "enterer_in",
    "intake_bundle",
    "narrative",
    "persona_of",
    "written",
]
