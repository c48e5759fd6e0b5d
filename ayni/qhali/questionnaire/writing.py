"""The answer of the operation: the same response, its contained Questionnaire with the next question."""

from datetime import datetime

from ayni.qhali.conversation import Conversation, Question
from ayni.qhali.emergency import whom_and_where
from ayni.qhali.intake.form import DESCRIBED, asked_items
from ayni.qhali.questionnaire.reading import form_in
from ayni.qhali.questionnaire.replay import ADVICE, ORIENTATION
from ayni.qhali.redflags import URGENT_LEVELS, Orientation
from ayni.qhali.whereabouts import told_district
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.peru import District
from ayni.vocabulary.request import URGENCY

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
ADAPTIVE = {"url": f"{SDC}/sdc-questionnaire-questionnaireAdaptive", "valueBoolean": True}


def response_with(
    response: Resource, conversation: Conversation, question: Question | None, at: datetime
) -> Resource:
    """The response with what is asked now; `completed` with the orientation when nothing is."""
    orientation = conversation.orientation(at.date())
    is_over = question is None
    form = form_in(response)
    items = _asked(conversation, question, orientation)
    written = {**form, **DESCRIBED, "extension": [ADAPTIVE], "item": items}
    answers = [item for item in response.get("item", ()) if item["linkId"] not in (ORIENTATION, ADVICE)]
    answers += [_level(orientation)] if is_over and orientation.level else []
    return {
        **response,
        "contained": [written if each is form else each for each in response["contained"]],
        "status": "completed" if is_over else "in-progress",
        "authored": at.isoformat(timespec="seconds"),
        **({"item": answers} if answers else {}),
    }


def _asked(conversation: Conversation, question: Question | None, orientation: Orientation) -> list[Resource]:
    """Every question so far, the next one, and what to do when it is urgent or all is asked."""
    asked = [*(turn.question for turn in conversation.turns), *filter(None, (question,))]
    items = asked_items(asked)
    is_told = orientation.level in URGENT_LEVELS or (question is None and orientation.level is not None)
    if is_told:
        text = _what_to_do(orientation, told_district(conversation))
        items.append({"linkId": ADVICE, "type": "display", "text": text})
    if question is None and orientation.level is not None:
        items.append({"linkId": ORIENTATION, "text": "Orientación", "type": "choice", "readOnly": True})
    return items


def _what_to_do(orientation: Orientation, district: District | None) -> str:
    """The advice; when it is urgent also whom to call, several numbers, and what never closes."""
    if orientation.level not in URGENT_LEVELS:
        return orientation.advice
    return f"{orientation.advice} {whom_and_where(district)}"


def _level(orientation: Orientation) -> Resource:
    """The orientation as an answer that nobody gave: it is computed."""
    level = orientation.level or ""
    value = {"system": systems.ORIENTATION_LEVEL, "code": level, "display": URGENCY[level].display}
    return {"linkId": ORIENTATION, "text": "Orientación", "answer": [{"valueCoding": value}]}
