"""The interview asks only what can change the level, and stops at once in an emergency."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation, hearing, next_question, question, turns
from ayni.qhali.conversation.planner import QUESTIONS_MAX, QUESTIONS_URGENT_MAX
from ayni.qhali.conversation.questions import NOTE, SIGN, SINCE
from ayni.qhali.extraction import Age, Severity, Status, understand
from ayni.qhali.redflags import LEVELS, Persona, rules
from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
TODAY = NOW.date()
NOBODY = Persona()
WOMAN = Persona(age=Age(30 * 12), sex="female")
MAN = Persona(age=Age(50 * 12), sex="male")
CHILD = Persona(age=Age(30), sex="male")
COMPLAINTS = (
    "tengo tos", "me duele la cabeza", "tengo diarrea", "estoy triste", "me duele la barriga", "tengo fiebre",
    "me arde al orinar", "tengo ronchas", "me duele la rodilla", "estoy mareado", "me duele el oído",
)  # fmt: skip


def talk(*answers: str, then: str = "no", of: Persona = NOBODY) -> Conversation:
    """A whole conversation: these answers, and `then` to whatever is asked after them."""
    conversation, sayings = Conversation(registered=of), iter(answers)
    for _ in range(QUESTIONS_MAX + 2):
        asked = next_question(conversation, TODAY)
        if asked is None:
            return conversation
        conversation = conversation.answered(asked, next(sayings, then), said_at=NOW)
    raise AssertionError("the interview does not end")


def asked(conversation: Conversation) -> list[str]:
    return [turn.question.id for turn in conversation.turns]


def level(conversation: Conversation) -> str | None:
    return conversation.orientation(TODAY).level


def test_an_interview_goes_from_danger_to_onset_to_the_complaint_and_what_was_before_it() -> None:
    kinds = [turn.question.id for turn in talk("me duele la garganta", of=MAN).turns]
    assert kinds[0] == "open"
    assert kinds[1].startswith("list:sign:")
    assert kinds[2].startswith("list:since+topic:")
    assert kinds[-1] == "list:topic:conditions+topic:medication+topic:allergies"
    assert len(kinds) == len(set(kinds))


def test_who_is_not_known_is_asked_how_old_beside_since_when() -> None:
    young, old = (
        talk("me duele el pecho", "no", f"1. desde ayer 2. {years} años 3. leve") for years in (20, 45)
    )
    assert asked(old)[2].startswith("list:since+age:age+topic:")
    assert (young.persona.age, old.persona.age) == (Age(20 * 12), Age(45 * 12))
    assert (level(young), level(old)) == ("III", "I")


def test_an_onset_already_told_is_not_asked() -> None:
    assert "since" not in " ".join(asked(talk("me duele la garganta desde ayer")))


def test_the_example_of_the_readme_is_understood_whole() -> None:
    conversation = talk("tengo tos con flema y fiebre desde hace tres días")
    assert "since" not in " ".join(asked(conversation))
    assert [(fact.concept, fact.since) for fact in conversation.affirmed] == [
        ("productive-cough", date(2026, 11, 20)),
        ("fever", date(2026, 11, 20)),
    ]


@pytest.mark.parametrize("of", [NOBODY, WOMAN, MAN, CHILD])
@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_an_interview_has_its_bounds_and_asks_nothing_twice(complaint: str, of: Persona) -> None:
    turns = talk(complaint, of=of).turns
    assert 3 <= len(turns) - 1 <= QUESTIONS_MAX
    about = [item.about for turn in turns for item in turn.question.parts]
    assert len(about) == len(set(about))


@pytest.mark.parametrize("complaint", ["vomito sangre", "boto sangre al toser", "he pensado en morir"])
def test_whoever_must_go_now_is_asked_few_questions_more(complaint: str) -> None:
    lengths = [len(talk(complaint, then=then, of=MAN).turns) - 1 for then in ("no", "no sé", "hace frío")]
    assert level(talk(complaint, of=MAN)) == "II"
    assert 1 <= max(lengths) <= QUESTIONS_URGENT_MAX == 5


def test_an_emergency_stops_the_questions_but_for_where_they_are() -> None:
    conversation = talk("no puedo respirar", "en Chetilla, arriba de la escuela")
    assert (asked(conversation), level(conversation)) == (["open", "topic:place"], "I")
    assert [fact.turn for fact in conversation.facts if fact.turn > 1] == []
    assert asked(talk("tiene la cara torcida desde hoy"))[1:] == ["list:topic:who+topic:place"]


def test_what_is_not_understood_is_asked_again_then_screened_and_not_for_ever() -> None:
    assert asked(talk("buenos días", "me duele la garganta desde ayer"))[:2] == ["open", "open-again"]
    kinds = [turn.question.kind for turn in talk("buenos días", then="hola").turns]
    assert kinds[:6] == ["open", "open-again", "list", "list", "list", "sign"]
    assert asked(talk("buenos días", "hola"))[5:] == ["sign:unwell"]
    found = talk("ando como radio sin antena", "ya le dije", "1. sí, me aprieta 2. no 3. no", of=MAN)
    assert level(found) == "I"


def test_who_names_an_illness_is_asked_as_for_a_complaint() -> None:
    kinds = asked(talk("tengo la presión alta", of=MAN))
    assert "open-again" not in kinds
    assert "sign:chest-pain" in kinds[1]
    assert kinds[-1] == "sign:unwell"
    assert level(talk("tengo la presión alta", "1. sí, me duele el pecho 2. no 3. no", of=MAN)) == "I"
    assert asked(talk("soy hipertenso, ¿a qué hora atienden?", of=MAN))[1] == "administrative:hours"


def test_whoever_has_nothing_is_not_screened() -> None:
    for answer in ("no, estoy bien", "ninguna molestia", "estoy bien nomás"):
        assert asked(talk("buenos días", answer)) == ["open", "open-again"]


def test_who_wants_to_be_seen_and_is_not_understood_may_ask_for_a_visit() -> None:
    said = ["ando como radio sin antena", "eso pues", "no", "no", "no", "sí"]
    conversation = talk(*said, of=MAN)
    assert level(conversation) == "IV"


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_sign_is_called_danger_only_when_a_red_flag_still_open_looks_at_it(complaint: str) -> None:
    turns = talk(complaint, of=WOMAN).turns
    for number, turn in enumerate(turns):
        before = Conversation(turns[:number], WOMAN)
        evidence, reached = before.evidence(TODAY), level(before) or "IV"
        undecided = [
            rule
            for rule in rules()
            if rule.level in LEVELS[: LEVELS.index(reached)] and rule.holds(evidence) is None
        ]
        for item in turn.question.parts:
            if item.kind == SIGN:
                assert any(item.concept in rule.concepts for rule in undecided), item.id


def test_what_alone_makes_an_emergency_is_asked_before_what_does_not() -> None:
    first = talk("me duele el pecho", of=Persona(age=Age(20 * 12), sex="male")).turns[1].question
    assert {item.concept for item in first.parts} & {"fainting", "sudden-onset", "dyspnea", "cold-sweat"}
    stiff = talk("me duele la cabeza", of=WOMAN).turns[1].question
    assert stiff.parts[0].concept == "sudden-onset"


def test_no_man_is_asked_whether_he_is_pregnant_and_no_adult_whether_he_is_fed() -> None:
    for complaint in COMPLAINTS:
        about = {item.concept for turn in talk(complaint, of=MAN).turns for item in turn.question.parts}
        assert about.isdisjoint({"pregnancy", "missed-period", "vaginal-bleeding", "not-feeding"})


def test_a_small_child_is_asked_about_the_general_danger_signs_first() -> None:
    first = talk("mi hijito tiene tos", of=CHILD).turns[1].question
    assert {item.concept for item in first.parts} & {"not-drinking", "drowsiness", "vomiting-everything"}


def test_an_illness_that_decides_a_red_flag_is_asked_early() -> None:
    kinds = asked(talk("estoy vomitando", of=MAN))
    assert "topic:conditions" in kinds[3]  # after the signs of an emergency and since when
    assert "topic:conditions" in asked(talk("tengo mucha sed", of=MAN))[1]
    diabetic = Conversation(registered=MAN).answered(OPEN, "estoy vomitando", said_at=NOW)
    diabetic = diabetic.answered(question("topic:conditions"), "diabetes", said_at=NOW)
    assert level(diabetic) == "II"


def test_a_note_that_nobody_knows_leaves_no_doubt_and_a_danger_sign_does() -> None:
    opening = Conversation().answered(OPEN, "tengo tos desde ayer", said_at=NOW)
    for kind, becomes in ((NOTE, "IV"), (SIGN, "III")):
        doubtful = opening.answered(question(f"{kind}:hemoptysis"), "no sé", said_at=NOW)
        assert level(doubtful) == becomes


def test_a_bare_answer_becomes_a_fact_about_the_question() -> None:
    conversation = Conversation().answered(OPEN, "tengo tos", said_at=NOW)
    conversation = conversation.answered(question("sign:hemoptysis"), "no", said_at=NOW)
    assert {fact.concept: fact.status for fact in conversation.facts} == {
        "cough": Status.PRESENT,
        "hemoptysis": Status.ABSENT,
    }


def test_a_warning_sign_met_with_something_else_stays_in_doubt_and_raises() -> None:
    conversation = Conversation().answered(OPEN, "tengo tos desde ayer", said_at=NOW)
    conversation = conversation.answered(question("sign:hemoptysis"), "hace frío", said_at=NOW)
    assert conversation.facts[-1].status is Status.UNCERTAIN
    assert level(conversation) == "III"


@pytest.mark.parametrize(
    ("answer", "severity", "becomes"),
    [
        ("sí", Severity.SEVERE, "II"),
        ("no", Severity.MODERATE, "IV"),
        ("no sé", Severity.UNKNOWN, "III"),
    ],
)
def test_how_strong_it_is_decides_or_leaves_a_doubt(answer: str, severity: Severity, becomes: str) -> None:
    conversation = Conversation().answered(OPEN, "me duele la barriga", said_at=NOW)
    conversation = conversation.answered(question("severity:abdominal-pain"), answer, said_at=NOW)
    assert (conversation.facts[0].status, conversation.facts[0].severity) == (Status.PRESENT, severity)
    assert level(conversation) == becomes


def test_the_answer_to_since_when_dates_what_was_named_before() -> None:
    conversation = Conversation().answered(OPEN, "me duele la garganta", said_at=NOW)
    conversation = conversation.answered(SINCE, "hace tres días", said_at=NOW)
    assert f"{conversation.facts[0].since}" == "2026-11-20"


@pytest.mark.parametrize("answer", ["1. hace tres días 2. poco a poco", "desde hace tres días, poco a poco"])
def test_since_when_is_heard_in_a_list_too(answer: str) -> None:
    listed = question("list:since+topic:onset")
    conversation = Conversation().answered(OPEN, "me duele la garganta", said_at=NOW)
    conversation = conversation.answered(listed, answer, said_at=NOW)
    assert f"{conversation.facts[0].since}" == "2026-11-20"


@pytest.mark.parametrize(
    ("about", "answer", "becomes"),
    [
        ("sign:hemoptysis", "no la he visto", Status.ABSENT),
        ("sign:chest-indrawing", "no se le hunde", Status.ABSENT),
        ("sign:hemoptysis", "sangre no", Status.ABSENT),
        ("sign:hemoptysis", "no se", Status.UNCERTAIN),
        ("sign:hemoptysis", "no me he fijado", Status.UNCERTAIN),
        ("sign:drowsiness", "no despierta bien", Status.PRESENT),
        ("sign:abdominal-pain", "no mejora con nada", Status.UNCERTAIN),
        ("sign:suicidal-ideation", "no le veo sentido a nada", Status.UNCERTAIN),
        ("sign:worst-ever", "un poco", Status.ABSENT),
        ("sign:worst-ever", "sí", Status.PRESENT),
    ],
)
def test_a_no_in_a_sentence_denies_what_no_such_sentence_could_affirm(
    about: str, answer: str, becomes: Status
) -> None:
    asked_about = question(about)
    conversation = Conversation().answered(OPEN, "tengo tos", said_at=NOW)
    conversation = conversation.answered(asked_about, answer, said_at=NOW)
    heard = [fact.status for fact in conversation.facts if fact.concept == asked_about.concept]
    assert heard == [becomes]


def test_a_little_is_not_the_worst() -> None:
    conversation = Conversation().answered(OPEN, "me duele la barriga", said_at=NOW)
    conversation = conversation.answered(question("severity:abdominal-pain"), "a veces", said_at=NOW)
    assert conversation.facts[0].severity is Severity.MODERATE


def test_later_words_never_take_a_symptom_away() -> None:
    conversation = Conversation().answered(OPEN, "tengo fiebre", said_at=NOW)
    conversation = conversation.answered(OPEN, "mi esposo dice que no tengo fiebre", said_at=NOW)
    assert [fact.status for fact in conversation.facts] == [Status.PRESENT]


def test_the_facts_of_a_turn_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    turns.forget_turns()
    monkeypatch.setattr(
        hearing, "understand", lambda text, **given: read.append(text) or understand(text, **given)
    )
    first = Conversation().answered(OPEN, "tengo tos", said_at=NOW).answered(SINCE, "ayer", said_at=NOW)
    for _ in range(3):
        first = Conversation(tuple(replace(turn) for turn in first.turns))  # as read again from the file
        assert next_question(first, TODAY)
        assert level(first) == "IV"
    then = first.answered(question("sign:dyspnea"), "sí", said_at=NOW)
    assert [fact.concept for fact in then.facts] == ["cough", "dyspnea"]
    assert read == ["tengo tos", "ayer", "sí"]


def test_minimising_words_do_not_lower_the_level() -> None:
    plain, minimised = "no puedo respirar", "no puedo respirar, pero mi esposo dice que exagero y no es nada"
    assert level(talk(plain)) == level(talk(minimised)) == "I"


def test_the_age_in_an_answer_counts() -> None:
    assert level(talk("mi bebé de un mes tiene fiebre")) == "I"
