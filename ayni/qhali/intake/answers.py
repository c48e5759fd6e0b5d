"""The interview: every question that was put and what was answered (FHIR R4 QuestionnaireResponse).

It brings the Questionnaire it answers along, as an adaptive form does (HL7 SDC 3.0.0): which questions there
were was decided on the way.
"""

from ayni.qhali.conversation import Turn
from ayni.qhali.intake.form import DESCRIBED, asked_items, link_id, words_link_id
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.teller import teller, writer
from ayni.vocabulary.fhir import Resource, systems

FORM = "form"


def questionnaire_response(submission: Submission, names: Names) -> Resource:
    """All the turns; the number before the `/` of a linkId is the one that the text spans name."""
    turns = submission.conversation.turns
    asked = asked_items(turn.question for turn in turns)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": names.id("answers"),
        "contained": [{"resourceType": "Questionnaire", "id": FORM, **DESCRIBED, "item": asked}],
        "identifier": {"system": systems.REQUEST_ID, "value": submission.request_id},
        "questionnaire": f"#{FORM}",
        "status": "completed",
        "subject": names.reference("patient"),
        "authored": submission.at.isoformat(timespec="seconds"),
        "author": writer(submission, names),
        "source": teller(submission, names),
        "item": [_item(turn) for turn in turns],
    }


def _item(turn: Turn) -> Resource:
    """One answer with its question as it was read; to a list the whole answer, in the words it was given."""
    asked, answer = turn.question, [{"valueString": turn.text}]
    item = {"linkId": link_id(turn.number, asked), "text": asked.text}
    if not asked.items:
        return {**item, "answer": answer}
    return {**item, "item": [{"linkId": words_link_id(turn.number), "answer": answer}]}
