import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.terminology import (
    CyclicDefinition,
    InvalidDefinition,
    NotHere,
    Standing,
    Terminology,
    TerminologyError,
    TooCostly,
    code_system_resource,
    lookup,
    read_definition,
    reading,
    subsumes,
    validate_code,
)
from ayni.vocabulary.terminology import (
    code_system as code_system_module,
)

from .conftest import COLOUR, ILLNESS, ILLNESSES, ON, code_system, concept, said


def test_a_code_is_looked_up_with_its_name_place_and_properties(terminology):
    answer = lookup(terminology, system=ILLNESS, code="A2", on=ON)
    assert said(answer) == {"name": ILLNESS, "version": "1", "display": "Cólera"}
    properties = [
        tuple(next(v for k, v in part.items() if k.startswith("value")) for part in each["part"])
        for each in answer["parameter"]
        if each["name"] == "property"
    ]
    assert properties == [("inactive", False), ("parent", "A"), ("child", "A2.1"), ("severity", "high")]


def test_a_look_up_can_be_narrowed_to_named_properties(terminology):
    answer = lookup(terminology, system=ILLNESS, code="A2", on=ON, properties=["parent"])
    assert [each["part"][1]["valueCode"] for each in answer["parameter"] if each["name"] == "property"] == [
        "A"
    ]


@pytest.mark.parametrize(
    ("code", "on", "valid", "message"),
    [
        ("A1", ON, True, None),
        ("A3", date(2023, 12, 31), True, None),
        ("A3", date(2024, 1, 1), False, "Dejó de valer el 2024-01-01."),
        ("A4", date(2025, 5, 31), False, "Vale desde el 2025-06-01."),
        ("A4", date(2025, 6, 1), True, None),
        ("B2", date(1990, 1, 1), False, "Ya no vale."),
        ("Z9", ON, False, f"El código Z9 no está en {ILLNESS}."),
    ],
)
def test_a_code_is_valid_on_its_days(terminology, code, on, valid, message):
    answer = said(validate_code(terminology, system=ILLNESS, code=code, on=on))
    assert (answer["result"], answer.get("message")) == (valid, message)


def test_a_misprinted_display_is_said_and_forgiven(terminology):
    same = said(validate_code(terminology, system=ILLNESS, code="A2", on=ON, display=" COLERA "))
    other = said(validate_code(terminology, system=ILLNESS, code="A2", on=ON, display="Tifus"))
    assert (same["result"], same.get("message")) == (True, None)
    assert (other["result"], other["message"]) == (True, "El nombre es otro: Cólera.")


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ("A", "A2.1", "subsumes"),
        ("A2.1", "A", "subsumed-by"),
        ("A2", "A2", "equivalent"),
        ("A1", "A2", "not-subsumed"),
    ],
)
def test_codes_stand_above_or_below_each_other(terminology, a, b, outcome):
    assert subsumes(terminology, system=ILLNESS, code_a=a, code_b=b, on=ON) == outcome


@pytest.mark.parametrize("question", [{"system": "urn:x", "code": "A"}, {"system": ILLNESS, "code": "Z"}])
def test_what_is_not_held_is_said_with_its_place(terminology, question):
    with pytest.raises(NotHere) as caught:
        lookup(terminology, on=ON, **question)
    assert caught.value.http_status == 404
    assert caught.value.outcome()["issue"][0]["code"] == "not-found"


def test_a_fragment_does_not_deny_the_rest():
    part = Terminology((read_definition(code_system(COLOUR, concept("red"), content="fragment")),))
    assert "que se tiene en parte" in said(validate_code(part, system=COLOUR, code="blue", on=ON))["message"]


def test_capitals_do_not_matter_where_the_system_says_so():
    lax = Terminology((read_definition(code_system(COLOUR, concept("Red"), caseSensitive=False)),))
    assert said(validate_code(lax, system=COLOUR, code="RED", on=ON))["result"]
    strict = Terminology((read_definition(code_system(COLOUR, concept("Red"))),))
    assert not said(validate_code(strict, system=COLOUR, code="RED", on=ON))["result"]


def test_a_parent_may_be_named_by_a_property_too():
    nested = code_system(ILLNESS, concept("A", "", concept("A1")))
    flat = code_system(ILLNESS, concept("A"), {"code": "A1", "display": "A1"})
    flat["concept"][1]["property"] = [{"code": "parent", "valueCode": "A"}]
    from_child = code_system(
        ILLNESS, {"code": "A", "property": [{"code": "child", "valueCode": "A1"}]}, concept("A1")
    )
    for resource in (nested, flat, from_child):
        assert read_definition(resource).ancestors("A1") == {"A"}


def test_what_is_written_reads_as_the_same():
    system = read_definition(ILLNESSES)
    assert read_definition(json.dumps(code_system_resource(system)).encode()) == system


def way_round():
    one, other = concept("A"), concept("B")
    one["property"] = [{"code": "parent", "valueCode": "B"}]
    other["property"] = [{"code": "parent", "valueCode": "A"}]
    return code_system(ILLNESS, one, other)


def orphan():
    one = concept("A")
    one["property"] = [{"code": "parent", "valueCode": "nobody"}]
    return code_system(ILLNESS, one)


def too_deep():
    tree = concept("0")
    for number in range(1, 100_000):
        tree = concept(str(number), "", tree)
    return code_system(ILLNESS, tree)


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        (way_round(), CyclicDefinition),
        (orphan(), InvalidDefinition),
        (code_system(ILLNESS, concept("A"), concept("A")), InvalidDefinition),
        (code_system(""), InvalidDefinition),
        (code_system(ILLNESS, content="supplement"), InvalidDefinition),
        (code_system(ILLNESS, {"code": 7}), InvalidDefinition),
        (code_system(ILLNESS, concept("A", retirementDate="mañana")), InvalidDefinition),
        ({"resourceType": "Patient"}, InvalidDefinition),
        (b"{", InvalidDefinition),
        (b"\xff", InvalidDefinition),
        (
            b'{"resourceType":"CodeSystem","concept":' + b'[{"code":"a","concept":' * 100_000,
            InvalidDefinition,
        ),
    ],
)
def test_a_definition_that_cannot_be_used_is_refused_with_its_place(resource, error):
    with pytest.raises(error) as caught:
        read_definition(resource)
    assert caught.value.place
    assert caught.value.expected


def test_a_tree_of_any_depth_is_read_without_recursion():
    deep = read_definition(too_deep_flat(20_000))
    assert len(deep.ancestors("19999")) == 19_999


def too_deep_flat(size):
    """A chain, each code below the one before."""
    chain = [concept(str(number)) for number in range(size)]
    for number in range(1, size):
        chain[number]["property"] = [{"code": "parent", "valueCode": str(number - 1)}]
    return code_system(ILLNESS, *chain)


def test_a_nesting_too_deep_for_json_is_refused():
    with pytest.raises(InvalidDefinition):
        read_definition(too_deep())


def test_limits_are_kept(monkeypatch):
    monkeypatch.setattr(code_system_module, "CONCEPTS_MAX", 1)
    with pytest.raises(TooCostly, match="at most 1 concepts"):
        read_definition(code_system(COLOUR, concept("red"), concept("blue")))
    monkeypatch.setattr(reading, "DEFINITION_BYTES_MAX", 10)
    with pytest.raises(TooCostly):
        read_definition(b'{"resourceType":"CodeSystem"}')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "concept", "property", "include", "group", "url"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=150)
@given(
    kind=st.sampled_from(["CodeSystem", "ValueSet", "ConceptMap"]),
    content=st.dictionaries(
        st.sampled_from(["url", "concept", "compose", "group", "content", "date", "extension", "expansion"]),
        json_values,
    ),
)
def test_no_resource_raises_an_untyped_error(kind, content):
    with suppress(TerminologyError):
        read_definition({"resourceType": kind} | content)


@given(st.dates(), st.dates(), st.dates())
def test_a_code_is_future_then_current_then_retired(first, second, on):
    since, until = sorted([first, second])
    code = read_definition(
        code_system(COLOUR, concept("red", effectiveDate=since, retirementDate=until))
    ).concepts["red"]
    expected = Standing.FUTURE if on < since else Standing.RETIRED if on >= until else Standing.CURRENT
    assert code.standing(on) is expected
