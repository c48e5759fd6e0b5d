"""Who told: the sick person, or somebody who tells for them; and whoever typed in their place.

FHIR R4 RelatedPerson. It follows from the words ("mi hijito tiene fiebre"), so it is marked as inferred.
"""

from ayni.qhali.intake.enterer import reference_to
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.transparency import INFERRED
from ayni.vocabulary.fhir import Resource

TELLERS = {
    "child": "madre, padre o quien cuida",
    "parent": "hija o hijo",
    "partner": "pareja",
    "other": "otra persona",
}
"""By who the sick one is to the teller: who the teller is to the sick one."""


def is_told_by_another(submission: Submission) -> bool:
    """Whether somebody tells for the sick person. A health worker who types is not the one who tells."""
    subject = submission.conversation.subject
    return subject in TELLERS and not (submission.enterer and subject == "other")


def teller(submission: Submission, names: Names) -> Resource:
    """A reference to who told."""
    return names.reference("teller" if is_told_by_another(submission) else "patient")


def related_person(submission: Submission, names: Names) -> list[Resource]:
    """Who tells for the sick person, without a name: nobody asked for it. None when they tell themselves."""
    if not is_told_by_another(submission):
        return []
    return [
        {
            "resourceType": "RelatedPerson",
            "id": names.id("teller"),
            "meta": INFERRED,
            "active": True,
            "patient": names.reference("patient"),
            "relationship": [{"text": TELLERS[submission.conversation.subject]}],
        }
    ]


def writer(submission: Submission, names: Names) -> Resource:
    """Who wrote the answers down: QHALI, or the health worker who typed."""
    return reference_to(submission.enterer) if submission.enterer else names.reference("device")
