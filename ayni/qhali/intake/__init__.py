"""A confirmed conversation, as the FHIR `message` Bundle that asks the record for care."""

from ayni.qhali.intake.bundle import intake_bundle
from ayni.qhali.intake.citizen import Citizen, InvalidIdentity, citizen_from
from ayni.qhali.intake.narrative import narrative
from ayni.qhali.intake.submission import Submission

__all__ = ["Citizen", "InvalidIdentity", "Submission", "citizen_from", "intake_bundle", "narrative"]
