"""Plays one case against the assistant, from outside: words in, questions and an orientation out."""

from time import perf_counter, thread_time
from typing import Any

from ayni.qhali.conversation import OPEN, Conversation, Question, next_question
from ayni.qhali.conversation.administrative import told_beside
from ayni.qhali.emergency import whom_and_where
from ayni.qhali.evaluation.cases import Case
from ayni.qhali.evaluation.citizen import SimulatedCitizen
from ayni.qhali.evaluation.moment import NOW
from ayni.qhali.evaluation.predictions import SYMPTOM_STATUSES, Prediction, Symptom
from ayni.qhali.extraction import Age, Fact
from ayni.qhali.models import OFFLINE, AssistedConversation, Ports
from ayni.qhali.redflags import URGENT_LEVELS, Orientation, Persona
from ayni.qhali.whereabouts import told_district

OWN_TIME, WALL_TIME = thread_time, perf_counter
"""In seconds: the rules' own work, whatever else the machine does; beside a model what the citizen waits."""

QUESTIONS_MAX = 12
"""No interview asks more."""

ADMINISTRATIVE = "C"
"""Nothing clinical was said: an answer, and no clinical record."""


class Interview:
    """One conversation with the assistant, which sees the persona and what the citizen writes."""

    def __init__(self, persona: dict[str, Any], ports: Ports = OFFLINE) -> None:
        self._ports = ports
        self._clock = OWN_TIME if ports is OFFLINE else WALL_TIME
        self._conversation = _conversation(_registered(persona), ports)
        self.replies: list[str] = []
        self.asked: list[str] = []
        self.ms: list[float] = []

    def tell(self, text: str, answer_to: Question = OPEN) -> Question | None:
        """One message of the citizen; returns what is asked next."""
        self._ports.begin_turn()
        started = self._clock()
        self._conversation = self._conversation.answered(answer_to, text, said_at=NOW)
        question = next_question(self._conversation, NOW.date())
        orientation = self._orientation
        reply = self._ports.phraser(orientation, question, self._conversation.facts)
        self.ms.append((self._clock() - started) * 1000)
        self.replies += [line for line in reply.split("\n") if line]
        self.replies += filter(None, (self._beside(orientation),))
        return question

    def _beside(self, orientation: Orientation) -> str:
        """What is shown with a reply: whom to call and where, or what was asked beside the complaint."""
        if orientation.level in URGENT_LEVELS:
            return whom_and_where(told_district(self._conversation))
        return told_beside(self._conversation)

    @property
    def _orientation(self) -> Orientation:
        return self._conversation.orientation(NOW.date())

    def prediction(self, case_id: str) -> Prediction:
        """What the conversation has come to."""
        orientation, conversation = self._orientation, self._conversation
        return Prediction(
            id=case_id,
            level=orientation.level or ADMINISTRATIVE,
            disposition=orientation.disposition,
            subject=conversation.subject,
            age=_age(conversation.age),
            symptoms=[_symptom(fact) for fact in conversation.last_said if _is_compared(fact)],
            replies=self.replies,
            asked=self.asked,
            ms=self.ms,
        )


def cold_start_ms() -> float:
    """The first message of all: the tables are read. Later turns are timed without it."""
    interview = Interview({})
    interview.tell("hola")
    return interview.ms[0]


def play(case: Case, ports: Ports = OFFLINE) -> Prediction:
    """The whole conversation of a case."""
    interview = Interview(case.persona, ports)
    if case.is_simulated:
        _answer_questions(interview, SimulatedCitizen(case.expected))
    for turn in case.turns:
        interview.tell(turn)
    return interview.prediction(case.id)


def _conversation(registered: Persona, ports: Ports) -> Conversation:
    if ports is OFFLINE:
        return Conversation(registered=registered)
    return AssistedConversation(registered=registered, listen=ports.extractor)


def _answer_questions(interview: Interview, citizen: SimulatedCitizen) -> None:
    question = interview.tell(citizen.opening)
    while question is not None and len(interview.ms) <= QUESTIONS_MAX:
        interview.asked += question.topics
        question = interview.tell(citizen.answers([part.topics for part in question.parts]), question)


def _registered(persona: dict[str, Any]) -> Persona:
    months, years = persona.get("age_months"), persona.get("age_years")
    if months is None and years is not None:
        months = years * 12
    return Persona(
        age=None if months is None else Age(months),
        sex=persona.get("sex"),
        is_pregnant=persona.get("pregnant"),
        gestation_weeks=persona.get("gestation_weeks"),
        postpartum_days=persona.get("postpartum_days"),
    )


def _age(age: Age | None) -> dict[str, int] | None:
    if age is None:
        return None
    return {"years": age.months // 12} if age.months >= 24 else {"months": age.months}


def _is_compared(fact: Fact) -> bool:
    return fact.is_symptom and fact.status.value in SYMPTOM_STATUSES


def _symptom(fact: Fact) -> Symptom:
    severity = fact.severity.value if fact.severity is not None and fact.severity.value != "unknown" else None
    return Symptom(
        code=fact.concept,
        status=fact.status.value,
        duration=fact.duration,
        severity=severity,
        temperature_c=fact.temperature_c,
    )
