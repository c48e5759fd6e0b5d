"""What a clinician must have asked, complaint by complaint, and what is asked at level I beside the place."""

from datetime import datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation, question
from ayni.qhali.conversation.questions import SINCE, SINCE_WHEN
from ayni.qhali.extraction import Age, Status
from ayni.qhali.redflags import Persona
from ayni.wire.clock import LIMA
from tests.qhali.test_conversation import talk

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
TODAY = NOW.date()
NOBODY = Persona()
WOMAN = Persona(age=Age(28 * 12), sex="female")
MOTHER = Persona(age=Age(28 * 12), sex="female", is_pregnant=True, gestation_weeks=34)
CHILDBED = Persona(age=Age(28 * 12), sex="female", postpartum_days=4)
MAN = Persona(age=Age(50 * 12), sex="male")
CHILD = Persona(age=Age(36), sex="male")
BOY = Persona(age=Age(8 * 12), sex="male")
BABY = Persona(age=Age(1), sex="female")


def topics(conversation: Conversation) -> set[str]:
    return {name for turn in conversation.turns for name in turn.question.topics}


def first(opening: str, of: Persona) -> set[str]:
    """What the first question after the opening asks."""
    return {*talk(opening, of=of).turns[1].question.topics}


@pytest.mark.parametrize(
    ("opening", "of", "wanted"),
    [
        (
            "me duele la cabeza",
            MAN,
            "fever vomiting stiff-neck head-injury others-sick exposure duration onset",
        ),
        ("me duele la cabeza", BOY, "head-injury vomiting drowsiness fever stiff-neck"),
        (
            "estoy mareado",
            MAN,
            "limb-weakness speech-difficulty fainting black-stool occupation cause duration",
        ),
        ("me desmayé hace una semana", MAN, "chest-pain palpitations dyspnea black-stool"),
        ("me zumban los oídos", MAN, "hearing-loss vertigo occupation exposure ear-discharge medication"),
        ("me duele el oído", BOY, "fever ear-discharge lump hearing-loss severity"),
        (
            "tengo el ojo rojo",
            MAN,
            "vision-loss eye-pain blurred-vision exposure occupation eye-injury onset",
        ),
        ("me duele una muela", MAN, "swelling-face fever dysphagia severity intake previous-episodes"),
        ("me duele la garganta", MAN, "dyspnea dysphagia fever intake others-sick duration"),
        (
            "tengo tos",
            MAN,
            "dyspnea fever hemoptysis weight-loss night-sweats others-sick occupation exposure",
        ),
        ("mi hijito tiene tos", CHILD, "fast-breathing chest-indrawing fever intake vaccines others-sick"),
        (
            "tengo fiebre",
            MAN,
            "stiff-neck confusion dyspnea travel temperature others-sick rash abdominal-pain",
        ),
        ("me duele la barriga", WOMAN, "vomiting fever pregnancy missed-period location severity onset"),
        ("se me infla la barriga", WOMAN, "abdominal-pain vomiting weight-loss black-stool cause intake"),
        ("tengo acidez", MAN, "chest-pain dyspnea black-stool cause severity previous-episodes"),
        (
            "estoy vomitando",
            WOMAN,
            "hematemesis abdominal-pain fever intake missed-period no-urine conditions",
        ),
        ("tengo diarrea", MAN, "bloody-diarrhea fever vomiting no-urine intake others-sick exposure"),
        ("mi hijita botó una lombriz", BOY, "abdominal-pain vomiting pallor intake others-sick"),
        ("estoy estreñido", MAN, "vomiting abdominal-pain rectal-bleeding weight-loss intake medication"),
        (
            "me arde al orinar",
            WOMAN,
            "fever flank-pain pregnancy hematuria genital-discharge previous-episodes",
        ),
        ("no me viene la regla", WOMAN, "pregnancy abdominal-pain vaginal-bleeding fainting safety"),
        ("me salió una herida en el pene", MAN, "fever lump exposure genital-discharge rash others-sick"),
        ("tengo un bulto en el seno", WOMAN, "fever weight-loss skin-infection course previous-episodes"),
        ("tengo ronchas", MAN, "swelling-face dyspnea fever blisters cause medication allergies occupation"),
        ("se me cae el pelo", WOMAN, "fever fatigue duration medication conditions pregnancy"),
        ("me corté la mano", MAN, "bleeding deep-wound numbness vaccines cause conditions"),
        ("me sangró la nariz", BOY, "bleeding purple-spots head-injury pallor previous-episodes medication"),
        ("tengo la rodilla hinchada", MAN, "fever fall gait-difficulty previous-episodes occupation cause"),
        (
            "me duele la cintura",
            MAN,
            "numbness urinary-retention limb-weakness fever fall weight-loss occupation",
        ),
        ("me duele el brazo", MAN, "chest-pain limb-weakness fracture-suspected fever cause location"),
        ("me canso mucho", WOMAN, "dyspnea chest-pain pallor weight-loss intake pregnancy conditions"),
        ("no puedo dormir", MAN, "suicidal-ideation anxiety sadness violence-victim reason medication"),
        ("estoy triste", WOMAN, "suicidal-ideation violence-victim safety reason previous-episodes"),
        ("estoy nervioso", MAN, "suicidal-ideation chest-pain safety reason previous-episodes"),
    ],
)
def test_a_clinician_s_questions_are_asked(opening: str, of: Persona, wanted: str) -> None:
    conversation = talk(opening, of=of)
    known = {fact.concept for fact in conversation.facts}
    assert set(wanted.split()) - topics(conversation) - known == set()


@pytest.mark.parametrize(
    ("opening", "of", "wanted"),
    [
        ("me duele la cabeza", MOTHER, {"blurred-vision", "severity"}),
        ("tengo los pies hinchados", MOTHER, {"blurred-vision", "epigastric-pain"}),
        ("tengo escalofríos", CHILDBED, {"fever"}),
        ("no puedo dormir", MAN, {"suicidal-ideation"}),
        ("mi hijita está vomitando", CHILD, {"vomiting-everything", "intake"}),
    ],
)
def test_what_is_most_dangerous_for_who_they_are_comes_first(
    opening: str, of: Persona, wanted: set[str]
) -> None:
    assert wanted <= first(opening, of)


def test_a_newborn_is_asked_first_whether_it_feeds() -> None:
    assert {"not-feeding", "intake", "fever"} <= first("mi bebita tiene la nariz tapada", BABY)


def test_a_registered_childbed_is_no_unknown_one() -> None:
    assert "foul-lochia" in topics(talk("tengo escalofríos", of=CHILDBED))
    assert "foul-lochia" not in topics(talk("tengo escalofríos", of=MAN))


def test_how_it_began_is_asked_with_since_when_unless_it_was_asked() -> None:
    belly, head = (talk(f"me duele la {part}", of=MAN).turns for part in ("barriga", "cabeza"))
    assert SINCE in {item for turn in belly for item in turn.question.parts}
    assert SINCE_WHEN in {item for turn in head for item in turn.question.parts}
    for turns in (belly, head):
        asked = [name for turn in turns for item in turn.question.parts for name in item.topics]
        assert asked.count("onset") == asked.count("duration") == 1


def test_since_when_hears_both() -> None:
    conversation = Conversation().answered(OPEN, "me duele la barriga", said_at=NOW)
    conversation = conversation.answered(SINCE, "hace tres días, empezó de golpe", said_at=NOW)
    facts = {fact.concept: fact for fact in conversation.facts}
    assert f"{facts['abdominal-pain'].since}" == "2026-11-20"
    assert facts["sudden-onset"].status is Status.PRESENT


def test_whom_we_do_not_understand_is_asked_where_and_since_when_and_then_as_anybody() -> None:
    assert {"location", "duration"} <= {*question("open-again").topics}
    conversation = talk("ando como radio sin antena", "eso pues", "no", "no", "no", "sí", of=MAN)
    assert {"cause", "course", "intake", "conditions", "medication", "allergies"} <= topics(conversation)


@pytest.mark.parametrize(
    ("opening", "wanted"),
    [
        ("quiero matarme esta noche", {"place", "plan-means", "safety"}),
        ("mi esposo me pega y me ha amenazado de muerte", {"place", "safety"}),
        ("tomé veneno para ratas", {"place", "substance"}),
        ("no puedo respirar", {"place"}),
    ],
)
def test_at_level_one_is_asked_once_what_whoever_comes_must_know(opening: str, wanted: set[str]) -> None:
    conversation = talk(opening, of=MAN)
    assert conversation.orientation(TODAY).level == "I"
    assert len(conversation.turns) == 2
    assert wanted <= topics(conversation)
    assert len(conversation.turns[1].question.parts) <= 3


def test_of_work_and_what_one_was_exposed_to_is_asked_once() -> None:
    asked = [name for turn in talk("tengo tos", of=MAN).turns for name in turn.question.topics]
    assert asked.count("exposure") == 1
    assert "occupation" not in topics(talk("tengo tos", of=BOY))
