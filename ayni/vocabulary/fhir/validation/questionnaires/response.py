"""The items of a response beside the items of its questionnaire, level by level."""

from collections.abc import Iterator
from typing import Final

from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.listed import by_id, objects
from ayni.vocabulary.fhir.validation.questionnaires.answers import Options, answer_findings
from ayni.vocabulary.fhir.validation.questionnaires.content import HL7, Json, first_said, key_of, value_of
from ayni.vocabulary.fhir.validation.questionnaires.enabling import Enabling
from ayni.vocabulary.fhir.validation.registry import Registry

_WITHOUT_ANSWERS: Final = frozenset({"display", "group", "question"})
"""`question` is the abstract type of all that are answered."""


def response_findings(response: Json, place: str, registry: Registry) -> Iterator[Finding]:
    """What does not fit the questionnaire; a warning when nobody has that one."""
    url = response.get("questionnaire")
    if not isinstance(url, str):
        return
    contained = by_id(response, "contained")
    found = contained.get(url[1:]) if url.startswith("#") else registry.questionnaire(url)
    if found is None or found.get("resourceType") != "Questionnaire":
        expected = Phrase("a questionnaire that is known", "un cuestionario conocido")
        yield Finding("not-found", f"{place}.questionnaire", expected, NOTHING, "warning")
        return
    yield from _Response(response, found, registry, contained).level(found, response, place)


class _Response:
    """One response and its questionnaire. Answers that are still being given may lack what is required."""

    def __init__(self, response: Json, form: Json, registry: Registry, contained: dict[str, Json]) -> None:
        self._registry = registry
        self._contained = contained | by_id(form, "contained")
        self._enabling = Enabling(response)
        self._options: dict[int, Options] = {}
        self._is_whole = response.get("status") != "in-progress"

    def level(self, asked: Json, given: Json, place: str) -> Iterator[Finding]:
        """The items right below a questionnaire, a group or an answer."""
        questions = {str(each.get("linkId")): each for each in objects(asked, "item")}
        ranks = {name: rank for rank, name in enumerate(questions)}
        items: dict[str, list[tuple[Json, str]]] = {}
        last = 0
        for index, item in enumerate(objects(given, "item")):
            name, where = str(item.get("linkId")), f"{place}.item[{index}]"
            items.setdefault(name, []).append((item, where))
            rank = ranks.get(name)
            if rank is None or rank < last:
                expected = Phrase("a question of this place, in its order", "una pregunta de este lugar")
                yield Finding("structure", f"{where}.linkId", expected, Phrase("another one", "otra"))
            last = max(last, rank or 0)
        for name, question in questions.items():
            yield from self._question(question, items.get(name, []), place)

    def _question(self, question: Json, items: list[tuple[Json, str]], place: str) -> Iterator[Finding]:
        is_enabled = self._enabling.of(question)
        if is_enabled is False:
            for item, where in items:
                if "answer" in item or "item" in item:
                    expected = Phrase("no answer: the question is not enabled", "ninguna respuesta")
                    yield Finding("invariant", where, expected, Phrase("one", "una"))
            return
        if not items and is_enabled and self._is_whole and question.get("required") is True:
            yield Finding("required", f"{place}.item", *_missing(question))
        if len(items) > 1 and question.get("repeats") is not True:
            yield Finding("structure", items[1][1], *_too_many(1, len(items)))
        for item, where in items:
            yield from self._item(question, item, where)

    def _item(self, question: Json, item: Json, place: str) -> Iterator[Finding]:
        answers = objects(item, "answer")
        is_required = question.get("required") is True and self._is_whole
        if question.get("type") in _WITHOUT_ANSWERS:
            if answers:
                yield Finding(
                    "structure", place, Phrase("no answer", "ninguna respuesta"), Phrase("one", "una")
                )
            if is_required and question.get("type") == "group" and not objects(item, "item"):
                yield Finding("required", place, *_missing(question))
            yield from self.level(question, item, place)
            return
        if is_required and not answers:
            yield Finding("required", place, *_missing(question))
        yield from self._count(question, len(answers), place)
        options = self._options_of(question)
        for index, answer in enumerate(answers):
            where = f"{place}.answer[{index}]"
            yield from answer_findings(question, answer, where, options, self._registry)
            yield from self.level(question, answer, where)
        if len(answers) > 1 and any(key_of(value_of(each)[1]) in options.exclusive for each in answers):
            expected = Phrase("an option alone that excludes others", "sola, una opción que excluye otras")
            yield Finding("invariant", place, expected, Phrase("others beside it", "otras junto a ella"))

    def _options_of(self, question: Json) -> Options:
        if id(question) not in self._options:
            self._options[id(question)] = Options(question, self._registry, self._contained)
        return self._options[id(question)]

    def _count(self, question: Json, count: int, place: str) -> Iterator[Finding]:
        least = first_said(question, HL7 + "questionnaire-minOccurs")
        most = first_said(question, HL7 + "questionnaire-maxOccurs")
        if isinstance(least, int) and count < least and self._is_whole:
            expected = Phrase(f"at least {least} answers", f"al menos {least} respuestas")
            yield Finding("required", place, expected, Phrase(str(count), str(count)))
        if question.get("repeats") is not True:
            most = 1
        if isinstance(most, int) and count > most:
            yield Finding("structure", place, *_too_many(most, count))


def _missing(question: Json) -> tuple[Phrase, Phrase]:
    kind = "items" if question.get("type") == "group" else "an answer"
    return Phrase(f"{kind} to what is required", "una respuesta a lo que se exige"), NOTHING


def _too_many(most: int, count: int) -> tuple[Phrase, Phrase]:
    return Phrase(f"at most {most}", f"un máximo de {most}"), Phrase(str(count), str(count))
