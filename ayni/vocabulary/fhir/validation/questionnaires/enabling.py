"""Which questions were to be answered: `enableWhen`.

Source: FHIR R4, Questionnaire.item.enableWhen and enableBehavior.
"""

from typing import Any, Final

from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.validation.questionnaires.content import SDC, Json, is_same, order, said, value_of

ANSWERS_MAX: Final = 100
"""Answers to one question that a condition is asked of. With more it is not judged: each condition of a long
questionnaire would ask each answer of a long response."""

_EXPRESSION: Final = SDC + "sdc-questionnaire-enableWhenExpression"
_ORDERED: Final = {
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
}


class Enabling:
    """Asks the conditions of the answers that a response holds anywhere."""

    def __init__(self, response: Json) -> None:
        self._answers: dict[str, list[tuple[str, Any]]] = {}
        waiting = [response]
        while waiting:
            holder = waiting.pop()
            answers = objects(holder, "answer")
            waiting += [*objects(holder, "item"), *answers]
            self._answers.setdefault(str(holder.get("linkId")), []).extend(map(value_of, answers))

    def of(self, question: Json) -> bool | None:
        """Whether a question was to be answered; None when that cannot be said."""
        conditions = objects(question, "enableWhen")
        if said(question, _EXPRESSION):
            return None
        if not conditions:
            return True
        answers = [self._holds(each) for each in conditions]
        decisive = question.get("enableBehavior") == "any"
        if decisive in answers:
            return decisive
        return None if None in answers else not decisive

    def _holds(self, condition: Json) -> bool | None:
        given = self._answers.get(str(condition.get("question")), [])
        operator, (kind, wanted) = condition.get("operator"), value_of(condition, "answer")
        if operator == "exists":
            return bool(given) is wanted
        if len(given) > ANSWERS_MAX:
            return None
        if operator == "=":
            return any(is_same(kind, value, wanted) for _, value in given)
        if operator == "!=":
            return any(not is_same(kind, value, wanted) for _, value in given) if given else None
        holding = _ORDERED.get(str(operator))
        return None if holding is None else any(order(kind, value, wanted) in holding for _, value in given)
