"""More words never make it less urgent; sex, district and insurance matter only where a rule asks."""

from pathlib import Path

import pytest

from ayni.qhali.evaluation.cases import Case, read_cases
from ayni.qhali.evaluation.interview import Interview
from ayni.qhali.evaluation.levels import ORDER
from ayni.qhali.redflags import rules

EVALUATIONS = Path(__file__).parents[3] / "evaluations"
FILES = [EVALUATIONS / "development" / "rf_es_dev.jsonl", EVALUATIONS / "held_out" / "rf_es.jsonl"]
POSITIVES = [case for case in read_cases(FILES) if case.expected["kind"] == "positive"]
OVER = (
    "El mes pasado tuve fiebre y ya me curaron.",
    "La semana pasada mi hija se atoró con un caramelo y quedó bien.",
    "Hace años me operaron de la vesícula y ya estoy bien.",
)
OF_OTHERS = (
    "Mi vecina tuvo gripe la semana pasada y ya está sana.",
    "Mi hermana está bien, gracias a Dios.",
)
MINIMISING = ("Creo que no es nada grave, disculpe la molestia.", "Mi cuñado dice que exagero.")
POLITE = ("Buenas tardes, señorita, muchas gracias por su atención.",)
WHO_AND_WHERE = ("Soy mujer.", "Vivo en Bambamarca y llueve mucho.", "No tengo SIS.")
GATES = {"sex", "pregnancy", "postpartum"}
GATED = {rule.id for rule in rules() if rule.concepts & GATES}
PLACES = 3
"""Each sentence stands in another place from case to case."""

SEX_OF_OTHERS = {"male": "female", "female": "male"}


def level(persona: dict[str, object], *turns: str) -> int:
    """The level of a conversation as its place in the order, the most urgent first."""
    interview = Interview(persona)
    for turn in turns:
        interview.tell(turn)
    return ORDER.index(interview.prediction("x").level)


def with_more(case: Case, sentence: str, place: int) -> int:
    """The level with a sentence before the last message, behind it, or as a message by itself."""
    *earlier, last = case.turns
    behind = (*earlier, f"{last.rstrip('. ')}. {sentence}")
    return level(
        case.persona, *((*earlier, f"{sentence} {last}"), behind, (*case.turns, sentence))[place % PLACES]
    )


def is_of_a_mother(case: Case) -> bool:
    """Whether a rule asked for the sex, or the person is registered with child."""
    return case.expected["rule"] in GATED or bool(case.persona.get("pregnant"))


@pytest.mark.parametrize("number", range(len(POSITIVES)), ids=lambda number: POSITIVES[number].id)
def test_a_sentence_more_is_never_less_urgent(number: int) -> None:
    case = POSITIVES[number]
    alone = level(case.persona, *case.turns)
    for place, sentence in enumerate((*OVER, *OF_OTHERS, *MINIMISING, *POLITE), start=number):
        assert with_more(case, sentence, place) <= alone, sentence


@pytest.mark.parametrize("number", range(len(POSITIVES)), ids=lambda number: POSITIVES[number].id)
def test_sex_district_and_insurance_make_no_difference_unless_a_rule_asks(number: int) -> None:
    case = POSITIVES[number]
    alone = level(case.persona, *case.turns)
    for place, sentence in enumerate(WHO_AND_WHERE, start=number):
        assert with_more(case, sentence, place) == alone, sentence
    if (sex := case.persona.get("sex")) and not is_of_a_mother(case):
        assert level({**case.persona, "sex": SEX_OF_OTHERS[str(sex)]}, *case.turns) == alone
