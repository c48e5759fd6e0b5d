"""FHIRPath by examples: each line is an expression and what it finds in one Patient or Observation."""

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir.fhirpath import FhirPathError, TooCostly, compiled, evaluate

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "active": True,
    "name": [
        {"use": "official", "family": "PRUEBA", "given": ["MARÍA", "ELENA"]},
        {
            "use": "nickname",
            "given": ["MARI", None],
            "_given": [None, {"extension": [{"url": "u", "valueCode": "x"}]}],
        },
    ],
    "birthDate": "1992-03-14",
    "_birthDate": {"extension": [{"url": "http://a.pe/when", "valueDateTime": "1992-03-14T10:00:00-05:00"}]},
    "multipleBirthInteger": 2,
    "contained": [{"resourceType": "Organization", "id": "o", "name": "CALQUIS"}],
    "managingOrganization": {"reference": "#o"},
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
    "valueQuantity": {"value": Decimal("36.50"), "unit": "Cel", "code": "Cel"},
    "referenceRange": [{"low": {"value": Decimal("36.5"), "code": "Cel"}, "text": "x"}],
    "component": [{"code": {"text": "a"}, "valueString": "b"}, {"code": {"text": "c"}}],
}


def found(expression: str, resource: dict[str, Any]) -> list[Any]:
    return [node.value for node in evaluate(expression, resource)]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("name.given", ["MARÍA", "ELENA", "MARI", None]),
        ("Patient.name.family", ["PRUEBA"]),
        ("Observation.name", []),
        ("name[0].given[1]", ["ELENA"]),
        ("name[7]", []),
        ("name.where(use = 'nickname').given.first()", ["MARI"]),
        ("name.select(given.count())", [2, 2]),
        ("name.given.hasValue()", [False]),
        ("name.given.last().extension('u').value", ["x"]),
        ("name.given.last().hasValue()", [False]),
        ("birthDate.extension.where(url = 'http://a.pe/when').value is dateTime", [True]),
        ("multipleBirth", [2]),
        ("multipleBirth is integer", [True]),
        ("multipleBirth is System.Integer", [True]),
        ("multipleBirth.ofType(boolean)", []),
        ("multipleBirth + 1 = 3 and active", [True]),
        ("nothing.exists()", [False]),
        ("name.exists(use = 'old')", [False]),
        ("name.all(given.exists())", [True]),
        ("name.use contains 'official'", [True]),
        ("'usual' in name.use", [False]),
        ("name.use | name.use", ["official", "nickname"]),
        ("name.use.combine(name.use).isDistinct()", [False]),
        ("name.use.intersect('official' | 'usual')", ["official"]),
        ("name.use.exclude('official')", ["nickname"]),
        ("name.skip(1).use", ["nickname"]),
        ("name.take(1).use", ["official"]),
        ("name.tail().use", ["nickname"]),
        ("name.first().given.join(' ')", ["MARÍA ELENA"]),
        ("id & '-' & nothing & 'x'", ["p-x"]),
        ("'abc'.substring(1)", ["bc"]),
        ("'abc'.substring(1, 1).upper()", ["B"]),
        ("'abc'.substring(7)", []),
        ("'a.b'.split('.').count()", [2]),
        ("'a1'.matches('[a-z][0-9]')", [True]),
        ("'a12'.matches('[a-z][0-9]')", [False]),
        ("'a.b'.replaceMatches('\\\\..*', '')", ["a"]),
        ("'12'.toInteger() + 1", [13]),
        ("'x'.toInteger()", []),
        ("'1.50'.toDecimal() = 1.5", [True]),
        ("true.toString()", ["true"]),
        ("7 div 2", [3]),
        ("7 mod 2", [1]),
        ("7 / 0", []),
        ("-1 + 2 * 3", [5]),
        ("iif(active, 'a', 'b')", ["a"]),
        ("active.not()", [False]),
        ("nothing.not()", []),
        ("false implies nothing", [True]),
        ("true implies nothing", []),
        ("nothing or true", [True]),
        ("nothing and true", []),
        ("true xor false", [True]),
        ("birthDate = @1992-03-14", [True]),
        ("birthDate < @1992-03-15", [True]),
        ("birthDate < @1992", []),
        ("@2026-01-01T10:00:00-05:00 = @2026-01-01T15:00:00Z", [True]),
        ("@T10:30 < @T11:00", [True]),
        ("1.10 = 1.1", [True]),
        ("'A' ~ 'a'", [True]),
        ("managingOrganization.resolve().name", ["CALQUIS"]),
        ("descendants().where($this is Organization).name", ["CALQUIS"]),
        ("(1 | 2 | 3).aggregate($this + $total, 0)", [6]),
        ("name.repeat(given).count()", [4]),
        ("%resource.id", ["p"]),
        ("%context.id", ["p"]),
        ("%ucum", ["http://unitsofmeasure.org"]),
        ("`name`.use.first()", ["official"]),
        ("name.given.trace('patient data').count()", [4]),
        ("name.use.select($index)", [0, 1]),
        ("{}", []),
        ("name.first().type().name", ["HumanName"]),
        ("id.type().namespace & active.type().name & 'x'.type().namespace", ["FHIRbooleanSystem"]),
        ("'4.5 \\'mg\\''.toQuantity() = 4.5 'mg'", [True]),
        ("'4 days'.toQuantity().unit", ["days"]),
        ("(1 | 2).first().toQuantity().value", [Decimal(1)]),
        ("'four'.convertsToQuantity()", [False]),
        ("active.toQuantity()", []),
    ],
)
def test_what_an_expression_finds_in_a_patient(expression: str, values: list[Any]) -> None:
    def resolve(reference: str) -> Any:
        return PATIENT["contained"][0] if reference == "#o" else None

    assert [node.value for node in evaluate(expression, PATIENT, resolve=resolve)] == values


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("value.value", [Decimal("36.50")]),
        ("value is Quantity", [True]),
        ("value as Quantity = 36.5 'Cel'", [True]),
        ("value >= referenceRange.low", [True]),
        ("value > 36 'kg'", []),
        ("component.value.exists()", [True]),
        ("component.where(value.empty()).code.text", ["c"]),
        ("component.value.ofType(string)", ["b"]),
        ("code.coding.exists(system = %loinc and code = '8310-5')", [True]),
        ("children().count() > 4", [True]),
    ],
)
def test_what_an_expression_finds_in_an_observation(expression: str, values: list[Any]) -> None:
    assert found(expression, OBSERVATION) == values


def test_a_decimal_keeps_its_digits() -> None:
    (value,) = found("value.value", OBSERVATION)
    assert str(value) == "36.50"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("today()", "2026-11-24"),
        ("now()", "2026-11-24T23:30:00.000-05:00"),
        ("timeOfDay()", "23:30:00.000"),
        ("birthDate <= today()", True),
        ("now() = @2026-11-25T04:30:00Z", True),
    ],
)
def test_the_time_is_what_the_caller_says(expression: str, value: Any) -> None:
    now = datetime(2026, 11, 24, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert [node.value for node in evaluate(expression, PATIENT, now=now)] == [value]
    with pytest.raises(FhirPathError):
        evaluate(expression, PATIENT)


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    found("name.trace('family', family)", PATIENT)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "a.",
        "a b",
        "(a",
        "a)",
        "'a",
        "$ and a",
        "a.where()",
        "unknown()",
        "%nobody",
        "1 + 'a'",
        "a in (",
        "@",
    ],
)
def test_what_is_no_fhirpath_is_refused(expression: str) -> None:
    with pytest.raises(FhirPathError):
        evaluate(expression, PATIENT | {"a": 1})


def test_one_item_is_wanted_where_there_are_more() -> None:
    with pytest.raises(FhirPathError):
        evaluate("name.use + 'x'", PATIENT)


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 5_000 + "1" + ")" * 5_000,
        "-" * 10_000 + "1",
        "a." * 5_000 + "a",
        "1 + " * 2_500 + "1",
        "not(" * 3_000,
        "a" * 20_000,
    ],
)
def test_an_expression_nested_without_end_is_refused(expression: str) -> None:
    with pytest.raises(FhirPathError):
        compiled(expression)


def test_an_evaluation_ends() -> None:
    resource = {"resourceType": "ValueSet", "compose": {"include": [{"concept": [{"code": "a"}] * 3000}]}}
    concepts = "compose.include.concept"
    with pytest.raises(TooCostly):
        evaluate(f"{concepts}.select(%resource.{concepts}.code).count()", resource)


def test_many_items_are_distinct_in_one_pass() -> None:
    """Comparing each with each would take minutes."""
    concepts = [{"code": f"c{index}"} for index in range(30_000)]
    system = {"resourceType": "CodeSystem", "concept": concepts}
    assert found("concept.code.isDistinct()", system) == [True]


def test_an_expression_of_a_hundred_parts_is_read() -> None:
    assert found(" | ".join(f"{number}" for number in range(95)) + " | 1", PATIENT) == [*range(95)]


@given(st.text(alphabet="ab.()[]'|&=<>~!+-*/ $%`@10andorxisfin{},\\", max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_an_expression_or_a_fhirpath_error(expression: str) -> None:
    with suppress(FhirPathError):
        assert isinstance(evaluate(expression, PATIENT), list)


def test_a_pattern_that_looks_back_ends_at_once() -> None:
    assert [node.value for node in evaluate(f"'{'a' * 4000}!'.matches('(a+)+$')", PATIENT)] == [False]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "a?a?", "a*b*", "(a)?"])
def test_a_replaced_pattern_repeats_once_and_one_sign(pattern: str) -> None:
    with pytest.raises(TooCostly):
        evaluate(f"'aaa!'.replaceMatches('{pattern}', '')", PATIENT)


@pytest.mark.parametrize(
    "expression",
    ["5.log(1)", "5.log(0)", "1" * 4301, "'x'.matches('(?!y)x')", r"'1'.replaceMatches('1', '\\9')"],
)
def test_what_cannot_be_computed_is_refused(expression: str) -> None:
    with pytest.raises(FhirPathError):
        evaluate(expression, PATIENT)


@pytest.mark.parametrize(
    "expression",
    [
        "value.value.ceiling()",
        "value.value.floor()",
        "value.value.truncate()",
        "code.coding.skip(value.value)",
        "5.log(value.value)",
    ],
)
@pytest.mark.parametrize("number", ["1e99999999", "NaN", "Infinity"])
def test_a_number_is_not_made_whole_at_any_length(expression: str, number: str) -> None:
    """The hundred million digits of the first would take hours."""
    with pytest.raises(FhirPathError):
        evaluate(expression, OBSERVATION | {"valueQuantity": {"value": Decimal(number)}})


@pytest.mark.parametrize(
    "expression",
    [
        "value > 36 'm'",
        "value.value * value.value",
        "value.value + 1 > 0 and value.value * 10 > 0",
        "-value.value * 99",
    ],
)
def test_a_number_beyond_what_is_computed_with_is_refused(expression: str) -> None:
    largest = {"value": Decimal("9e999999"), "code": "km"}
    with pytest.raises(FhirPathError):
        evaluate(expression, OBSERVATION | {"valueQuantity": largest})


def test_what_looks_like_a_repetition_in_a_class_is_none() -> None:
    assert [node.value for node in evaluate("'a*+b'.replaceMatches('[*+]+', '-')", PATIENT)] == ["a-b"]
