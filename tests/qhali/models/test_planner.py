"""A model may say which topic comes first; the danger signs, the count and the end stay the rules'."""

import asyncio
import json
from datetime import datetime

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.qhali.conversation import Conversation, Question, next_question
from ayni.qhali.conversation.planner import QUESTIONS_MAX, topics_next
from ayni.qhali.conversation.questions import ASKED_AGE, OF_SIGNS, SINCE, TOPIC, topic_rows
from ayni.qhali.models import LanguageModel, Planner, as_planned, ports_for
from ayni.qhali.models.language_model import NoAnswer
from ayni.qhali.models.planner import ModelPlanner, orders
from ayni.wire.clock import LIMA
from tests.qhali.models.conftest import TODAY, ModelServer

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
OPENINGS = [
    "me duele la garganta",
    "tengo tos y fiebre desde ayer",
    "mi hijo de 2 años tiene diarrea",
    "estoy embarazada de 30 semanas y me duele la cabeza",
    "me pica la piel",
    "me duele la barriga hace tres días",
    "no puedo respirar",
    "quisiera una cita",
    "me caí y me duele la mano",
]


class Says:
    """A model that names a topic, whatever it was asked; None for one that is silent or late."""

    def __init__(self, topic: str | None) -> None:
        self.topic, self.name, self.asked = topic, "hostile", 0

    def ask(self, schema: str, **_: object) -> "Says":
        self.asked += 1
        if self.topic is None:
            raise NoAnswer("late")
        return self


COMPLAINT = "me pica la piel"


def topics_question() -> Conversation:
    """A conversation in which topics of the record come next."""
    talk = Conversation()
    answers = iter([COMPLAINT])
    while len(orders(talk, TODAY)) < 2:
        asked = next_question(talk, TODAY)
        assert asked is not None
        talk = talk.answered(asked, next(answers, "no"), said_at=NOW)
    return talk


def is_decisive(topic: Question) -> bool:
    """Whether a red flag looks at what a topic asks; at the age, which is no topic of the table, many do."""
    row = topic_rows().get(topic.topics[0])
    return row is None or "denies" in row


def interview(planner: Planner, opening: str, word: str) -> list[Question]:
    """What is asked of somebody who answers signs with a word, and topics with nothing to hear."""
    talk, asked = Conversation(), []
    while (question := planner(talk, TODAY)) is not None and len(asked) < 20:
        asked.append(question)
        is_of_topics = any(part.kind == TOPIC for part in question.parts)
        said = opening if not talk.turns else "prefiero no decir" if is_of_topics else word
        talk = talk.answered(question, said, said_at=NOW)
    return asked


def of_signs(asked: list[Question]) -> list[tuple[int, Question]]:
    """The danger signs, each with the number of the question it came in."""
    return [(n, q) for n, q in enumerate(asked) if any(part.kind in OF_SIGNS for part in q.parts)]


@settings(max_examples=60, deadline=None)
@given(
    opening=st.sampled_from(OPENINGS),
    word=st.sampled_from(["no", "sí", "no sé", "Nada de eso"]),
    topics=st.lists(
        st.sampled_from([None, "", "open", "sign:fever", *sorted(topic_rows())]), min_size=1, max_size=3
    ),
)
def test_whatever_a_model_says_the_danger_signs_are_the_rules(
    opening: str, word: str, topics: list[str | None]
) -> None:
    by_rules = interview(next_question, opening, word)
    models = [Says(topic) for topic in topics]
    turn = iter(range(100))

    def planner(talk: Conversation, today: object) -> Question | None:
        return ModelPlanner(models[next(turn) % len(models)])(talk, TODAY)  # type: ignore[arg-type]

    planned = interview(planner, opening, word)
    assert of_signs(planned) == of_signs(by_rules)
    assert max(len(planned), len(by_rules)) <= QUESTIONS_MAX + 1
    # where more topics are worth asking than there is room for, the first one may take the last one's place
    others = [
        {part for question in asked for part in question.parts if part.kind != TOPIC}
        for asked in (planned, by_rules)
    ]
    assert others[0] == others[1]


@settings(max_examples=60, deadline=None)
@given(
    said=st.lists(st.sampled_from([*OPENINGS, "no", "sí", "me duele el pecho"]), max_size=6),
    topic=st.sampled_from([None, "", *sorted(topic_rows())]),
)
def test_only_topics_of_the_record_ever_give_way(said: list[str], topic: str | None) -> None:
    talk = Conversation()
    for each in said:
        if (asked := next_question(talk, TODAY)) is not None:
            talk = talk.answered(asked, each, said_at=NOW)
    by_rules = next_question(talk, TODAY)
    planned = ModelPlanner(Says(topic))(talk, TODAY)  # type: ignore[arg-type]
    if planned != by_rules:
        assert by_rules is not None
        assert planned is not None
        given_way = set(by_rules.parts) ^ set(planned.parts)
        assert all(part.kind == TOPIC for part in given_way)
        assert {part.kind for part in (*planned.parts, *by_rules.parts)} <= {TOPIC, "since", "age"}
        assert len(planned.parts) == len(by_rules.parts)
        assert set(planned.parts) <= {*topics_next(talk, TODAY), SINCE, ASKED_AGE}
        held = [part for part in by_rules.parts if part == SINCE or is_decisive(part)]
        assert set(held) <= set(planned.parts)


def test_the_topic_a_model_names_comes_first(server: ModelServer, model: LanguageModel) -> None:
    talk = topics_question()
    last = list(orders(talk, TODAY))[-1]
    server.says(json.dumps({"topic": last}))
    planned = ports_for(model, citizen_agrees=True).planner(talk, TODAY)
    assert planned is not None
    assert planned != next_question(talk, TODAY)
    assert planned == orders(talk, TODAY)[last]
    assert last in planned.topics
    assert as_planned(talk, TODAY, planned.id) == planned
    assert COMPLAINT not in server.sent


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        '{"topic": "sign:fever"}',
        '{"topic": "temperature"}',
        '{"topic": null}',
        "Onset",
    ],
)
def test_any_other_answer_is_the_rules_question(
    server: ModelServer, model: LanguageModel, answer: str
) -> None:
    server.says(answer)
    talk = topics_question()
    assert ports_for(model, citizen_agrees=True).planner(talk, TODAY) == next_question(talk, TODAY)
    assert server.bodies


def test_a_late_answer_is_the_rules_question(server: ModelServer, model: LanguageModel) -> None:
    async def late(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    server.says(late)
    talk = topics_question()
    assert ports_for(model, citizen_agrees=True).planner(talk, TODAY) == next_question(talk, TODAY)


@pytest.mark.parametrize("said", ["no puedo respirar", "mi papá tiene la cara torcida desde hoy", "hola"])
def test_for_danger_signs_and_emergencies_nobody_is_asked(said: str) -> None:
    talk = Conversation().answered(next_question(Conversation(), TODAY), said, said_at=NOW)  # type: ignore[arg-type]
    silent = Says("onset")
    assert ModelPlanner(silent)(talk, TODAY) == next_question(talk, TODAY)  # type: ignore[arg-type]
    assert silent.asked == 0


@pytest.mark.parametrize("planned", ["", "since", "sign:fever", "list:topic:place+topic:who", "nonsense"])
def test_a_stored_choice_is_believed_only_where_the_rules_allow_it(planned: str) -> None:
    talk = topics_question()
    assert as_planned(talk, TODAY, planned) == next_question(talk, TODAY)
