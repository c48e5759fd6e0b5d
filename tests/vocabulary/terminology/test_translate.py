from datetime import date

import pytest

from ayni.vocabulary.terminology import (
    CyclicDefinition,
    InvalidDefinition,
    NotHere,
    Question,
    Terminology,
    TooCostly,
    Unmapped,
    read_definition,
    translate,
    translations,
)

from .conftest import ON, concept_map, said

HERE, THERE = "urn:here", "urn:there"
MAP = "https://ayni.example/test/map"
ROWS = [
    {"code": "1", "target": [{"code": "a", "equivalence": "equal"}]},
    {"code": "2", "target": [{"code": "b", "equivalence": "wider"}, {"code": "c", "equivalence": "wider"}]},
    {"code": "3", "target": [{"equivalence": "unmatched"}]},
    {"code": "4"},
    {"target": [{"code": "nobody's"}]},  # R4 lets a row have no code
]


def group(**unmapped):
    said_group = {"source": HERE, "target": THERE, "targetVersion": "7", "element": ROWS}
    return said_group | ({"unmapped": unmapped} if unmapped else {})


def held(*groups, **more):
    return Terminology((read_definition(concept_map(MAP, *groups, **more)),))


def ask(code, **more):
    return Question(system=HERE, code=code, on=ON, **more)


def test_a_translation_says_where_it_comes_from():
    (found,) = translations(held(group()), ask("1"))
    assert found.provenance() == {
        "from": "urn:here#1",
        "to": "urn:there#a",
        "equivalence": "equal",
        "map": f"{MAP}|1",
        "row": 1,
        "by": "row",
        "on": "2026-11-25",
    }


def test_one_code_may_have_several_translations_each_with_its_row():
    found = translations(held(group()), ask("2", to_system=THERE))
    assert [(each.code, each.row) for each in found] == [("b", 2), ("c", 3)]


def test_the_answer_is_a_parameters_resource():
    answer = translate(held(group()), ask("1", concept_map=MAP))
    assert answer["parameter"][0] == {"name": "result", "valueBoolean": True}
    match = answer["parameter"][1]
    assert {each["name"]: each.get("valueCoding") for each in match["part"]}["concept"] == {
        "system": THERE,
        "version": "7",
        "code": "a",
    }
    assert match["extension"][0]["valuePositiveInt"] == 1


@pytest.mark.parametrize("code", ["3", "4"])
def test_a_row_may_say_that_there_is_none(code):
    assert translations(held(group(mode="provided")), ask(code)) == []
    answer = said(translate(held(group()), ask(code)))
    assert (answer["result"], answer["message"]) == (False, f"El código {code} no tiene equivalente.")


def test_read_backwards_what_was_wider_is_narrower():
    back = Question(system=THERE, code="b", to_system=HERE, on=ON, reverse=True)
    (found,) = translations(held(group()), back)
    assert (found.code, found.equivalence, found.row) == ("2", "narrower", 2)


@pytest.mark.parametrize(
    ("policy", "code", "by"),
    [
        ({"mode": "fixed", "code": "other", "display": "Otro"}, "other", "fixed"),
        ({"mode": "provided"}, "99", "source-kept"),
    ],
)
def test_an_unmapped_code_follows_the_named_policy(policy, code, by):
    (found,) = translations(held(group(**policy)), ask("99"))
    assert (found.code, found.by, found.row) == (code, by, None)


def test_without_a_policy_an_unmapped_code_is_refused():
    with pytest.raises(Unmapped) as caught:
        translations(held(group()), ask("99"))
    assert caught.value.place == f"{MAP}|1"
    answer = said(translate(held(group()), ask("99")))
    assert (answer["result"], "99" in answer["message"]) == (False, True)


def test_another_map_may_be_asked_and_the_provenance_names_it():
    other = {"source": HERE, "target": THERE, "element": [{"code": "99", "target": [{"code": "z"}]}]}
    both = held(group(mode="other-map", url="urn:m2")).having(read_definition(concept_map("urn:m2", other)))
    (found,) = translations(both, ask("99", concept_map=MAP))
    assert (found.code, found.concept_map) == ("z", "urn:m2|1")


def test_maps_that_ask_each_other_in_a_circle_are_named():
    def asking(other):
        return {"source": HERE, "target": THERE, "unmapped": {"mode": "other-map", "url": other}}

    circle = Terminology(
        (
            read_definition(concept_map("urn:m1", asking("urn:m2"))),
            read_definition(concept_map("urn:m2", asking("urn:m1"))),
        )
    )
    with pytest.raises(CyclicDefinition, match=r"urn:m1\|1 > urn:m2\|1 > urn:m1\|1"):
        translations(circle, ask("1", concept_map="urn:m1"))


def handing_on(url, *others, rows=()):
    groups = [
        {
            "source": HERE,
            "target": THERE,
            "element": list(rows),
            "unmapped": {"mode": "other-map", "url": other},
        }
        for other in others
    ]
    return read_definition(concept_map(url, *groups))


def test_maps_that_hand_a_code_on_without_end_are_refused():
    chain = Terminology(tuple(handing_on(f"urn:m{number}", f"urn:m{number + 1}") for number in range(2_000)))
    with pytest.raises(TooCostly):
        translations(chain, ask("1", concept_map="urn:m0"))


def test_each_other_map_is_asked_once():
    # Unremembered, twenty levels of two are a million questions.
    levels = [
        handing_on(f"urn:m{number}", f"urn:m{number + 1}", f"urn:m{number + 1}") for number in range(19)
    ]
    last = {"source": HERE, "target": THERE, "element": [{"code": "1", "target": [{"code": "z"}]}]}
    diamond = Terminology((*levels, read_definition(concept_map("urn:m19", last))))
    assert [each.code for each in translations(diamond, ask("1", concept_map="urn:m0"))] == ["z"]


@pytest.mark.parametrize(("year", "code"), [(2020, "old"), (2025, "new")])
def test_the_map_of_the_day_translates(year, code):
    def of(version, target):
        one = {"source": HERE, "target": THERE, "element": [{"code": "1", "target": [{"code": target}]}]}
        return read_definition(concept_map(MAP, one, version=version, date=f"{version}-01-01"))

    history = Terminology((of("2019", "old"), of("2024", "new")))
    (found,) = translations(history, Question(system=HERE, code="1", on=date(year, 6, 1)))
    assert found.code == code


@pytest.mark.parametrize("question", [ask("1", to_system="urn:x"), ask("1", concept_map="urn:x")])
def test_no_map_is_said(question):
    with pytest.raises(NotHere):
        translations(held(group()), question)


@pytest.mark.parametrize("policy", [{"mode": "guess"}, {"mode": "fixed"}, {"mode": "other-map"}])
def test_a_policy_that_decides_nothing_is_refused(policy):
    with pytest.raises(InvalidDefinition):
        held(group(**policy))


def test_an_equivalence_the_standard_lacks_is_refused():
    row = {"code": "1", "target": [{"code": "a", "equivalence": "same"}]}
    with pytest.raises(InvalidDefinition):
        held({"source": HERE, "target": THERE, "element": [row]})
