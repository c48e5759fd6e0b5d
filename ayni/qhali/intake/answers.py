"""The interview: every question that was put and what was answered (FHIR R4 QuestionnaireResponse)."""

from ayni.qhali.conversation import Turn
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.teller import teller, writer
from ayni.qhali.redflags.rules import VERSION
from ayni.vocabulary.fhir import Resource, systems


def questionnaire_response(submission: Submission, names: Names) -> Resource:
    """All the turns: `linkId` is `turn-` and the number that the text spans name."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": names.id("answers"),
        "identifier": {"system": systems.REQUEST_ID, "value": submission.request_id},
        "questionnaire": f"{systems.BASE}/Questionnaire/intake|{VERSION}",
        "status": "completed",
        "subject": names.reference("patient"),
        "authored": submission.at.isoformat(timespec="seconds"),
        "author": writer(submission, names),
        "source": teller(submission, names),
        "item": [_item(turn) for turn in submission.conversation.turns],
    }


def _item(turn: Turn) -> Resource:
    return {
        "linkId": f"turn-{turn.number}",
        "text": turn.question.text,
        "answer": [{"valueString": turn.text}],
    }
