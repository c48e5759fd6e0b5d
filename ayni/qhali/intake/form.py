"""The interview as a FHIR R4 Questionnaire: the questions of a conversation, and the names of their answers.

A `linkId` is the number of the turn and the id of its question, `3/since`. A list is a group: its items have
theirs below it, `2/sign:fever`, and whoever answers all of it in their own words does so in `2/words`.
"""

from collections.abc import Iterable

from ayni.qhali.conversation import Question
from ayni.qhali.redflags.rules import VERSION
from ayni.vocabulary.fhir import Resource, systems

CANONICAL = f"{systems.BASE}/Questionnaire/intake"
VERSIONED = f"{CANONICAL}|{VERSION}"
WORDS = "words"

DESCRIBED: Resource = {
    "derivedFrom": [VERSIONED],
    "name": "EntrevistaQhali",
    "title": "Entrevista de QHALI",
    "status": "active",
    "subjectType": ["Patient"],
}
"""What is always said of it; which questions it has is decided answer by answer (HL7 SDC, adaptive forms)."""


def link_id(number: int, asked: Question) -> str:
    """The linkId of a question, or of an item of a list, put as turn `number`."""
    return f"{number}/{asked.id}"


def words_link_id(number: int) -> str:
    """The linkId of a whole answer in words to a list put as turn `number`."""
    return f"{number}/{WORDS}"


def asked_items(asked: Iterable[Question]) -> list[Resource]:
    """Questionnaire.item of these questions, the first as turn 1."""
    return [_item(each, number) for number, each in enumerate(asked, start=1)]


def _item(asked: Question, number: int) -> Resource:
    if asked.items:
        inside = [_question(item, number) for item in asked.items]
        words = {"linkId": words_link_id(number), "text": "O con sus palabras", "type": "text"}
        return {
            "linkId": link_id(number, asked),
            "text": asked.text.partition("\n")[0],
            "type": "group",
            "item": [*inside, words],
        }
    return {**_question(asked, number), "required": True}


def _question(asked: Question, number: int) -> Resource:
    """One question: free words, and the choices where it has any."""
    link = {"linkId": link_id(number, asked), "text": asked.text}
    if not asked.choices:
        return {**link, "type": "text"}
    options = [{"valueString": choice.text} for choice in asked.choices]
    return {**link, "type": "open-choice", "answerOption": options}
