"""Plays one case against the assistant, from outside: words in, questions and an orientation out."""

from dataclasses import replace
from datetime import datetime
from time import perf_counter

from ayni.qhali.conversation import OPEN, Conversation, Question, next_question
from ayni.qhali.conversation.planner import evidence_of
from ayni.qhali.evaluation.cases import Case
from ayni.qhali.evaluation.citizen import SimulatedCitizen
from ayni.qhali.evaluation.predictions import SYMPTOM_STATUSES, Prediction, Symptom
from ayni.qhali.extraction import Age
from ayni.qhali.redflags import Persona, orient
from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
"""The moment every case is played at, so that a run can be repeated."""

QUESTIONS_MAX = 12


class Interview:
    """One conversation with the assistant."""

    def __init__(self, case: Case) -> None:
        self._persona = case.persona
        self._conversation = Conversation()
        self.replies: list[str] = []
        self.asked: list[str] = []
        self.ms: list[float] = []

    def tell(self, text: str, answer_to: Question = OPEN) -> Question | None:
        """One message of the citizen; returns what is asked next."""
        started = perf_counter()
        self._conversation = self._conversation.answered(answer_to, text, said_at=NOW)
        question = next_question(self._conversation, NOW.date())
        orientation = self.orientation
        self.ms.append((perf_counter() - started) * 1000)
        self.replies += [text for text in (orientation.advice, question.text if question else "") if text]
        return question

    @property
    def orientation(self):
        evidence = evidence_of(self._conversation, NOW.date(), sex=self._persona.get("sex"))
        years = self._persona.get("age_years")
        months = self._persona.get("age_months", years * 12 if years is not None else None)
        age = Age(months) if months is not None else evidence.persona.age
        return orient(replace(evidence, persona=Persona(age, self._persona.get("sex"))))

    def prediction(self, case_id: str) -> Prediction:
        return Prediction(
            id=case_id,
            level=self.orientation.level or "C",
            disposition=None,
            subject="unknown",
            age=None,
            symptoms=[
                Symptom(code=fact.concept, status=fact.status.value)
                for fact in self._conversation.facts
                if fact.status.value in SYMPTOM_STATUSES and fact.is_symptom
            ],
            replies=self.replies,
            asked=self.asked,
            ms=self.ms,
        )


def play(case: Case) -> Prediction:
    """The whole conversation of a case."""
    interview = Interview(case)
    if not case.is_simulated:
        for turn in case.turns:
            interview.tell(turn[:2000])
        return interview.prediction(case.id)
    citizen = SimulatedCitizen(case.expected)
    question = interview.tell(citizen.opening)
    while question is not None and len(interview.ms) <= QUESTIONS_MAX:
        topics = _topics(question)
        interview.asked += topics
        question = interview.tell(citizen.answers(topics), question)
    return interview.prediction(case.id)


def _topics(question: Question) -> list[str]:
    if question.kind == "since":
        return ["duration"]
    return [question.concept] if question.concept else []
