"""The answer of the operation: the same response, its contained Questionnaire with the next question."""

from datetime import datetime

from ayni.qhali.conversation import Conversation, Question
from ayni.qhali.questionnaire.reading import CANONICAL, form_in
from ayni.qhali.questionnaire.replay import ADVICE, ORIENTATION, link_id
from ayni.qhali.redflags import URGENT_LEVELS, Orientation
from ayni.qhali.redflags.rules import VERSION
from ayni.qhali.site.emergency import CALLS, open_day_and_night
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.request import URGENCY

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
ADAPTIVE = {"url": f"{SDC}/sdc-questionnaire-questionnaireAdaptive", "valueBoolean": True}


_FORM: Resource = {
    "extension": [ADAPTIVE],
    "derivedFrom": [f"{CANONICAL}|{VERSION}"],
    "name": "EntrevistaQhali",
    "title": "Entrevista de QHALI",
    "status": "active",
    "subjectType": ["Patient"],
}
"""What is ours to say of the form; its id stays the client's."""


def response_with(
    response: Resource, conversation: Conversation, question: Question | None, at: datetime
) -> Resource:
    """The response with what is asked now; `completed` with the orientation when nothing is."""
    orientation = conversation.orientation(at.date())
    is_over = question is None
    form = form_in(response)
    written = {**form, **_FORM, "item": _asked(conversation, question, orientation)}
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
    items = [_item(each, number) for number, each in enumerate(asked, start=1)]
    is_told = orientation.level in URGENT_LEVELS or (question is None and orientation.level is not None)
    if is_told:
        items.append({"linkId": ADVICE, "type": "display", "text": _what_to_do(orientation)})
    if question is None and orientation.level is not None:
        items.append({"linkId": ORIENTATION, "text": "Orientación", "type": "choice", "readOnly": True})
    return items


def _what_to_do(orientation: Orientation) -> str:
    """The advice; when it is urgent also whom to call, several numbers, and what never closes."""
    if orientation.level not in URGENT_LEVELS:
        return orientation.advice
    calls = "; ".join(f"{call.number} {call.who}" for call in CALLS)
    return f"{orientation.advice} Números: {calls}. Abierto día y noche: {open_day_and_night().called}."


def _item(asked: Question, number: int) -> Resource:
    if asked.items:
        heading, *_ = asked.text.split("\n")
        inside = [_question(item, number) for item in asked.items]
        return {"linkId": link_id(number, asked), "text": heading, "type": "group", "item": inside}
    return {**_question(asked, number), "required": True}


def _question(asked: Question, number: int) -> Resource:
    """One question: free words, and the choices where it has any."""
    link = {"linkId": link_id(number, asked), "text": asked.text}
    if not asked.choices:
        return {**link, "type": "text"}
    options = [{"valueString": choice.text} for choice in asked.choices]
    return {**link, "type": "open-choice", "answerOption": options}


def _level(orientation: Orientation) -> Resource:
    """The orientation as an answer that nobody gave: it is computed."""
    level = orientation.level or ""
    value = {"system": systems.ORIENTATION_LEVEL, "code": level, "display": URGENCY[level].display}
    return {"linkId": ORIENTATION, "text": "Orientación", "answer": [{"valueCoding": value}]}
