from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.terminology import (
    Composition,
    CyclicDefinition,
    InvalidDefinition,
    NotHere,
    Terminology,
    TooCostly,
    composition,
    expand,
    read_definition,
    read_value_set,
    validate_member,
)

from .conftest import COLOUR, ILLNESS, ILLNESSES, ON, code_system, codes_of, concept, said, value_set

VS = "https://ayni.example/test/set"


def where(prop, op, value):
    return {"system": ILLNESS, "filter": [{"property": prop, "op": op, "value": value}]}


@pytest.mark.parametrize(
    ("prop", "op", "value", "codes"),
    [
        ("concept", "is-a", "A2", ["A2", "A2.1"]),
        ("concept", "descendent-of", "A", ["A1", "A2", "A2.1", "A4"]),
        ("concept", "is-not-a", "A", ["B", "B1"]),
        ("concept", "generalizes", "A2.1", ["A", "A2", "A2.1"]),
        ("code", "regex", r"A\d", ["A1", "A2", "A4"]),
        ("display", "regex", "Fiebre.*", ["A1", "A4"]),
        ("severity", "=", "high", ["A1", "A2"]),
        ("severity", "in", "low, high", ["A1", "A2", "B1"]),
        ("code", "in", "A1,B1", ["A1", "B1"]),
        ("severity", "not-in", "high", ["A", "A2.1", "A4", "B", "B1"]),
        ("severity", "exists", "true", ["A1", "A2", "B1"]),
        ("severity", "exists", "false", ["A", "A2.1", "A4", "B"]),
        ("parent", "=", "A2", ["A2.1"]),
        ("child", "=", "A2.1", ["A2"]),
        ("notSelectable", "=", "true", ["A"]),
        ("inactive", "=", "true", []),
    ],
)
def test_a_filter_chooses_by_place_code_or_property(terminology, prop, op, value, codes):
    asked = read_value_set(value_set(VS, where(prop, op, value)))
    assert codes_of(expand(terminology, asked, on=ON)) == codes


@pytest.mark.parametrize(
    ("prop", "op", "value"),
    [("concept", "is-a", "Z"), ("severity", "is-a", "A"), ("code", "regex", "(")],
)
def test_a_filter_that_cannot_be_asked_is_refused(terminology, prop, op, value):
    with pytest.raises(InvalidDefinition):
        expand(terminology, read_value_set(value_set(VS, where(prop, op, value))), on=ON)


def test_an_operator_the_standard_lacks_is_refused():
    with pytest.raises(InvalidDefinition):
        read_value_set(value_set(VS, where("concept", "like", "A")))


def test_filters_of_one_clause_must_all_hold_and_clauses_add_up(terminology):
    both = where("concept", "is-a", "A")
    both["filter"] += where("severity", "=", "high")["filter"]
    asked = read_value_set(
        value_set(VS, both, {"system": COLOUR, "concept": [{"code": "red", "display": "Rojo"}]})
    )
    found = expand(terminology, asked, on=ON)["expansion"]["contains"]
    assert [(each["code"], each["display"]) for each in found] == [
        ("A1", "Fiebre tifoidea"),
        ("A2", "Cólera"),
        ("red", "Rojo"),
    ]


def test_what_is_excluded_is_out_wherever_it_came_from(terminology):
    asked = read_value_set(
        value_set(VS, where("concept", "is-a", "A"), exclude=[where("severity", "=", "high")])
    )
    assert codes_of(expand(terminology, asked, on=ON)) == ["A", "A2.1", "A4"]


def test_value_sets_of_one_clause_are_cut_with_each_other_and_with_its_system(terminology):
    held = terminology.having(
        read_definition(value_set("urn:high", where("severity", "=", "high"))),
        read_definition(value_set("urn:a", where("concept", "is-a", "A2"), {"system": COLOUR})),
    )
    cut = read_value_set(value_set(VS, {"valueSet": ["urn:high", "urn:a"]}))
    within = read_value_set(value_set(VS, {"system": COLOUR, "valueSet": ["urn:a"]}))
    assert codes_of(expand(held, cut, on=ON)) == ["A2"]
    assert codes_of(expand(held, within, on=ON)) == ["red", "blue"]


@pytest.mark.parametrize(
    ("on", "more", "codes"),
    [
        (date(2023, 1, 1), {}, ["A3"]),
        (ON, {}, ["A4"]),
        (ON, {"inactive": True}, ["A3", "A4"]),
        (date(2023, 1, 1), {"inactive": True}, ["A3"]),
    ],
)
def test_members_are_those_of_the_day(terminology, on, more, codes):
    asked = read_value_set(value_set(VS, where("code", "in", "A3,A4"), **more))
    assert codes_of(expand(terminology, asked, on=on)) == codes


def test_retired_members_are_marked_and_can_be_left_out(terminology):
    asked = read_value_set(value_set(VS, where("code", "in", "A,A3"), inactive=True))
    everything = expand(terminology, asked, on=ON)["expansion"]["contains"]
    assert [(each["code"], each.get("inactive"), each.get("abstract")) for each in everything] == [
        ("A", None, True),
        ("A3", True, None),
    ]
    assert codes_of(expand(terminology, asked, on=ON, active_only=True)) == ["A"]


def test_a_system_names_the_value_set_of_all_its_codes(terminology):
    found = expand(terminology, f"{ILLNESS}/all", on=ON)
    assert codes_of(found) == ["A", "A1", "A2", "A2.1", "A4", "B", "B1"]
    assert {"name": "version", "valueUri": f"{ILLNESS}|1"} in found["expansion"]["parameter"]


def test_a_page_says_how_many_there_are(terminology):
    page = expand(terminology, f"{ILLNESS}/all", on=ON, offset=2, count=3)
    assert (codes_of(page), page["expansion"]["total"], page["expansion"]["offset"]) == (
        ["A2", "A2.1", "A4"],
        7,
        2,
    )
    assert expand(terminology, f"{ILLNESS}/all", on=ON, count=0)["expansion"]["contains"] == []
    with pytest.raises(InvalidDefinition):
        expand(terminology, f"{ILLNESS}/all", on=ON, offset=-1)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("fiebre", ["A1", "A4"]),
        ("  TIF fieb ", ["A1"]),
        ("colera", ["A2", "A2.1"]),
        ("a2", ["A2", "A2.1"]),
        ("olera", []),
        ("--", ["A", "A1", "A2", "A2.1", "A4", "B", "B1"]),
    ],
)
def test_a_text_filter_finds_words_by_their_beginnings(terminology, text, codes):
    assert codes_of(expand(terminology, f"{ILLNESS}/all", on=ON, text_filter=text)) == codes


def test_a_list_may_name_codes_of_a_system_that_is_not_held(terminology):
    asked = read_value_set(
        value_set(VS, {"system": "urn:elsewhere", "concept": [{"code": "1", "display": "Uno"}]})
    )
    found = expand(terminology, asked, on=ON, text_filter="uno")["expansion"]["contains"]
    assert found == [{"system": "urn:elsewhere", "code": "1", "display": "Uno"}]
    assert said(validate_member(terminology, value_set=asked, system="urn:elsewhere", code="1", on=ON))[
        "result"
    ]


@pytest.mark.parametrize("clause", [{"system": "urn:elsewhere"}, {"valueSet": ["urn:elsewhere"]}])
def test_what_a_composition_needs_and_nobody_has_is_said(terminology, clause):
    with pytest.raises(NotHere):
        expand(terminology, read_value_set(value_set(VS, clause)), on=ON)


def test_a_published_expansion_is_a_value_set_too(terminology):
    resource = {
        "resourceType": "ValueSet",
        "expansion": {
            "contains": [
                {
                    "abstract": True,
                    "system": ILLNESS,
                    "code": "A",
                    "contains": [{"system": ILLNESS, "code": "A1"}],
                },
                {"system": COLOUR, "code": "red"},
            ]
        },
    }
    assert codes_of(expand(terminology, read_value_set(resource), on=ON)) == ["A1", "red"]


@pytest.mark.parametrize(
    ("code", "on", "valid", "message"),
    [
        ("A1", ON, True, None),
        ("B1", ON, False, f"El código B1 no está en el conjunto de valores {VS}."),
        (
            "A3",
            ON,
            False,
            f"El código A3 no está en el conjunto de valores {VS}: dejó de valer el 2024-01-01.",
        ),
        ("Z", ON, False, f"El código Z no está en el conjunto de valores {VS} ni en su sistema de códigos."),
        ("A3", date(2023, 5, 5), True, None),
    ],
)
def test_a_code_is_asked_for_in_a_value_set(terminology, code, on, valid, message):
    asked = read_value_set(value_set(VS, where("concept", "is-a", "A")))
    answer = said(validate_member(terminology, value_set=asked, system=ILLNESS, code=code, on=on))
    assert (answer["result"], answer.get("message")) == (valid, message)


def circle(*urls):
    return [
        read_definition(value_set(url, {"valueSet": [other]}))
        for url, other in zip(urls, [*urls[1:], urls[0]], strict=True)
    ]


@pytest.mark.parametrize("urls", [["urn:1"], ["urn:1", "urn:2", "urn:3"]])
def test_a_value_set_that_contains_itself_is_named(terminology, urls):
    held = terminology.having(*circle(*urls))
    for ask in (
        lambda: expand(held, urls[0], on=ON),
        lambda: validate_member(held, value_set=urls[0], system=ILLNESS, code="A", on=ON),
    ):
        with pytest.raises(CyclicDefinition) as caught:
            ask()
        assert caught.value.found == " > ".join(f"{url}|1" for url in [*urls, urls[0]])


def test_a_diamond_is_no_circle_and_costs_no_more_than_its_sides(terminology):
    levels = [read_definition(value_set("urn:0", {"system": ILLNESS}))]
    for number in range(1, 40):  # unremembered, two to the power of forty
        below = {"valueSet": [f"urn:{number - 1}"]}
        levels.append(read_definition(value_set(f"urn:{number}", below, below)))
    held = terminology.having(*levels)
    assert len(codes_of(expand(held, "urn:39", on=ON))) == 7
    assert said(validate_member(held, value_set="urn:39", system=ILLNESS, code="A1", on=ON))["result"]


def test_limits_are_kept(terminology, monkeypatch):
    chain = [read_definition(value_set("urn:0", {"system": ILLNESS}))]
    chain += [read_definition(value_set(f"urn:{n}", {"valueSet": [f"urn:{n - 1}"]})) for n in range(1, 60)]
    with pytest.raises(TooCostly, match="50 value sets"):
        expand(terminology.having(*chain), "urn:59", on=ON)
    monkeypatch.setattr(composition, "CHECKS_MAX", 5)
    with pytest.raises(TooCostly, match="5 concepts"):
        expand(terminology, f"{ILLNESS}/all", on=ON)


def test_more_codes_than_an_answer_holds_are_asked_for_by_pages(terminology, monkeypatch):
    monkeypatch.setitem(expand.__globals__, "PAGE_CODES_MAX", 3)
    with pytest.raises(TooCostly, match="at most 3 codes"):
        expand(terminology, f"{ILLNESS}/all", on=ON)
    assert len(codes_of(expand(terminology, f"{ILLNESS}/all", on=ON, count=3))) == 3


CODES = ["A", "A1", "A2", "A2.1", "A3", "A4", "B", "B1", "B2"]
filters = st.builds(
    where,
    st.just("concept"),
    st.sampled_from(["is-a", "descendent-of", "is-not-a", "generalizes"]),
    st.sampled_from(CODES),
) | st.builds(
    where, st.just("severity"), st.sampled_from(["=", "not-in", "exists"]), st.sampled_from(["high", "true"])
)
clauses = (
    filters
    | st.lists(st.sampled_from(CODES), min_size=1).map(
        lambda codes: {"system": ILLNESS, "concept": [{"code": code} for code in codes]}
    )
    | st.lists(st.sampled_from(["urn:one", "urn:other"]), min_size=1).map(lambda urls: {"valueSet": urls})
    | st.just({"system": COLOUR, "version": "1"})
)
several = st.lists(clauses, min_size=1, max_size=3)
days = st.sampled_from([date(2023, 1, 1), date(2024, 6, 1), ON])


@settings(max_examples=150)
@given(
    include=several,
    exclude=st.lists(clauses, max_size=2),
    inner=st.lists(filters, min_size=2, max_size=2),
    on=days,
)
def test_an_expansion_and_a_validation_never_disagree(include, exclude, inner, on):
    held = Terminology(
        (
            read_definition(ILLNESSES),
            read_definition(code_system(COLOUR, concept("red"), concept("blue"))),
            read_definition(value_set("urn:one", inner[0], inactive=True)),
            read_definition(value_set("urn:other", inner[1])),
        )
    )
    asked = read_value_set(value_set(VS, *include, exclude=exclude))
    listed = Composition(held, on).members(asked)
    one_by_one = Composition(held, on)
    for system, codes in ((ILLNESS, CODES), (COLOUR, ["red", "blue", "green"])):
        for code in codes:
            assert one_by_one.member(asked, system, code) == listed.get((system, code))
