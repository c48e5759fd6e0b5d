"""The tables of the interview: every name is known, every text is short, and no symptom is without a row."""

import pytest

from ayni.qhali.conversation import question
from ayni.qhali.conversation.complaints import complaints
from ayni.qhali.conversation.questions import ADMINISTRATIVE, OF_SIGNS, asking, catalogue, named, topic_rows
from ayni.qhali.extraction import concepts
from ayni.qhali.redflags.evidence import check
from ayni.qhali.redflags.expression import parse

WORDS_MAX = 20
WORDS_OF_ANSWER_MAX = 25
ROWS = complaints()


@pytest.mark.parametrize("each", catalogue().values(), ids=lambda each: each.id)
def test_a_question_is_short_and_says_what_it_is_about(each) -> None:
    assert len(each.text.split()) <= (WORDS_MAX if each.kind != ADMINISTRATIVE else WORDS_OF_ANSWER_MAX)
    assert question(each.id) is each
    assert each.kind == "open" or each.topics
    if each.kind in OF_SIGNS:
        assert each.concept in concepts()
        assert each.text.startswith("¿")
        assert len(each.text.split()) <= 14


def test_conditions_of_questions_look_at_known_concepts() -> None:
    for text in {each.unless for each in catalogue().values() if each.unless}:
        for atom in parse(text).atoms():
            check(atom)


def test_a_topic_denies_known_concepts() -> None:
    named_there = {
        code for row in topic_rows().values() for code in (*row.get("denies", ()), *row.get("deaf", ()))
    }
    assert named_there <= {*concepts()}


def test_every_symptom_of_the_closed_list_brings_questions() -> None:
    covered = {code for row in ROWS for code in row.of}
    assert covered <= {*concepts()}
    symptoms = {each.code for each in concepts().values() if each.is_symptom}
    assert symptoms - covered == set()


def test_no_row_asks_the_same_twice() -> None:
    for row in ROWS:
        assert len(set(row.signs)) == len(row.signs)
        assert len(set(row.topics)) == len(row.topics)


def test_a_list_has_two_or_three_items_and_is_read_again_by_its_id() -> None:
    items = tuple(named(name) for name in ("stiff-neck", "severe headache", "purple-spots"))
    listed = asking(items)
    assert listed.id == "list:sign:stiff-neck+severity:headache+sign:purple-spots"
    assert question(listed.id) == listed
    assert question(listed.id).items == items
    assert [line[:2] for line in listed.text.split("\n")[1:]] == ["1.", "2.", "3."]
    assert asking(items[:1]) == items[0]


@pytest.mark.parametrize(
    "question_id",
    [
        "list:sign:fever",
        "list:",
        "list:sign:no-such+sign:fever",
        "sign:no-such",
        "",
        "list:" + "+".join(["sign:fever"] * 4),
    ],
)
def test_an_id_that_is_none_is_refused(question_id: str) -> None:
    with pytest.raises(KeyError):
        question(question_id)
