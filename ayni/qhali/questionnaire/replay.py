"""The answers of a QuestionnaireResponse, played again as a conversation."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ayni.qhali.conversation import Conversation, Question, question
from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX, TURNS_MAX
from ayni.qhali.extraction import Age
from ayni.qhali.intake.form import link_id, words_link_id
from ayni.qhali.questionnaire.reading import form_in
from ayni.qhali.redflags import Persona
from ayni.vocabulary.fhir import FhirError, Resource

SEXES = ("female", "male")
ORIENTATION, ADVICE = "orientation", "advice"
"""What we say beside the questions; it comes back with them and is no answer."""


def replayed(response: Resource, at: datetime) -> Conversation:
    """The conversation so far. Raises FhirError for an answer that is missing, unknown or out of turn."""
    conversation = Conversation(registered=_registered(response, at.date()))
    answers = [
        (place, item)
        for place, item in enumerate(response.get("item", ()))
        if item["linkId"] not in (ORIENTATION, ADVICE)
    ]
    if len(answers) > TURNS_MAX:
        raise FhirError(
            "too-long", f"Hay más de {TURNS_MAX} respuestas.", expression="QuestionnaireResponse.item"
        )
    for number, (place, item) in enumerate(answers, start=1):
        where = f"QuestionnaireResponse.item[{place}]"
        asked = _question(str(item["linkId"]), number, f"{where}.linkId")
        conversation = conversation.answered(asked, _answer(item, asked, number, where), said_at=at)
    _check_all_answered(form_in(response), len(answers))
    return conversation


def _question(link: str, number: int, where: str) -> Question:
    turn, _, question_id = link.partition("/")
    if turn != str(number):
        raise FhirError("business-rule", "Una respuesta no está en su lugar.", expression=where)
    try:
        return question(question_id)
    except KeyError as error:
        raise FhirError("code-invalid", "No conozco esa pregunta.", expression=where) from error


def _answer(item: Resource, asked: Question, number: int, where: str) -> str:
    """The words of an answer; to a list as somebody would write them, each after its number."""
    text = "\n".join(_lines(item, asked, number, where)) if asked.items else _words(item, where)
    if not text:
        raise FhirError("required", "Falta una respuesta.", expression=where)
    if len(text) > TURN_CHARACTERS_MAX:
        raise FhirError(
            "too-long", f"Una respuesta supera {TURN_CHARACTERS_MAX} caracteres.", expression=where
        )
    return text


def _lines(item: Resource, asked: Question, number: int, where: str) -> Iterator[str]:
    before = {link_id(number, each): f"{place}. " for place, each in enumerate(asked.items, start=1)}
    before[words_link_id(number)] = ""
    for place, part in enumerate(item.get("item", ())):
        inside = f"{where}.item[{place}]"
        if part["linkId"] not in before:
            raise FhirError("code-invalid", "No conozco esa pregunta.", expression=f"{inside}.linkId")
        if words := _words(part, inside):
            yield before[part["linkId"]] + words


def _words(item: Resource, where: str) -> str:
    """The text of an answer, "" when there is none; a chosen option may come as a Coding."""
    answers: list[dict[str, Any]] = item.get("answer", [])
    if not answers:
        return ""
    if len(answers) > 1:
        raise FhirError("business-rule", "Se esperaba una sola respuesta.", expression=f"{where}.answer")
    text = answers[0].get("valueString", answers[0].get("valueCoding", {}).get("display"))
    if text is None:
        raise FhirError("value", "Se esperaba una respuesta en palabras.", expression=f"{where}.answer[0]")
    return " ".join(str(text).split())


def _check_all_answered(form: Resource, answered: int) -> None:
    """SDC: a client asks for the next question with all questions so far answered."""
    asked = [item for item in form.get("item", ()) if item["linkId"] not in (ORIENTATION, ADVICE)]
    if len(asked) > answered:
        raise FhirError(
            "required", "Falta una respuesta.", expression=f"QuestionnaireResponse.item[{answered}]"
        )


def _registered(response: Resource, today: date) -> Persona:
    """Age and sex of the contained Patient that the response is about, where it says so."""
    subject = response.get("subject", {}).get("reference", "")
    for each in response.get("contained", ()):
        if each["resourceType"] == "Patient" and subject == f"#{each.get('id')}":
            return Persona(_age(str(each.get("birthDate", "")), today), _sex(each))
    return Persona()


def _age(born: str, today: date) -> Age | None:
    try:
        return Age.between(date.fromisoformat(born), today)
    except ValueError:
        return None  # a year or a month alone is no age in months


def _sex(patient: Resource) -> str | None:
    return patient["gender"] if patient.get("gender") in SEXES else None
