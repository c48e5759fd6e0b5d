"""The rules as data: every red flag is there, is read, and fires on what it names."""

from datetime import date, timedelta

import pytest

from ayni.qhali.extraction import Age, Fact, Measurement, Severity, Status
from ayni.qhali.redflags import LEVELS, Evidence, Persona, Rule, floors, rules
from ayni.qhali.redflags.evidence import MEASURED
from ayni.qhali.redflags.expression import AtLeast, Atom, Expression, InvalidExpression, Not, parse

TODAY = date(2026, 11, 23)


class Least:
    """The least that makes an expression true: its first way, built up atom by atom."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.persona: dict[str, object] = {"sex": "female"}
        self.measured: list[Measurement] = []

    def satisfy(self, expression: Expression) -> None:
        if isinstance(expression, AtLeast):
            for part in expression.parts[: expression.least]:
                self.satisfy(part)
        elif isinstance(expression, Atom):
            self._satisfy_atom(expression)
        elif isinstance(expression, Not):
            self._refute(expression.part)

    def _satisfy_atom(self, atom: Atom) -> None:
        if atom.kind == "compare":
            self._compare(atom)
        elif atom.kind == "is":
            self.persona["sex"] = atom.comparison
        elif atom.kind != "unknown":
            code = "cough" if atom.name == "any-symptom" else atom.name
            severity = Severity.SEVERE if atom.kind == "severe" else None
            days = int(atom.amount) if atom.kind == "for" else 0
            self.facts[code] = Fact(
                concept=code, status=Status.PRESENT, quote=code, turn=1, start=0, end=1, severity=severity,
                since=TODAY - timedelta(days=days),
            )  # fmt: skip

    def _compare(self, atom: Atom) -> None:
        amount = atom.amount * (12 if atom.unit == "y" else 1)
        value = amount + {"<": -1, "<=": 0, ">": 1, ">=": 0}[atom.comparison]
        if atom.name in MEASURED:
            self.measured.append(Measurement(atom.name, value, 0, 1))
        else:
            key = {"age": "age", "weeks": "gestation_weeks", "altitude": "altitude_m"}[atom.name]
            self.persona[key] = Age(int(value)) if key == "age" else value

    def _refute(self, expression: Expression) -> None:
        if isinstance(expression, Atom) and expression.name == "age":
            self.persona["age"] = Age(40 * 12)

    @property
    def evidence(self) -> Evidence:
        return Evidence(
            tuple(self.facts.values()),
            Persona(**self.persona),
            TODAY,
            tuple(self.measured),  # type: ignore[arg-type]
        )


@pytest.mark.parametrize("rule", [*rules(), *floors()], ids=lambda rule: f"{rule.id}-{rule.level}")
def test_every_rule_fires_on_the_least_it_names_and_not_without_it(rule: Rule) -> None:
    least = Least()
    least.satisfy(rule.when)
    assert rule.holds(least.evidence) is True
    assert rule.undecided(least.evidence) == ()
    assert rule.holds(Evidence((), Persona(), TODAY)) is not True


def test_there_are_the_hundred_and_two_red_flags_with_their_groups() -> None:
    assert {rule.id for rule in rules()} == {f"RF{number:02}" for number in range(1, 103)}
    assert {rule.group for rule in rules()} == set("ABCDEFGHIJKLM")
    assert all(rule.level in LEVELS for rule in (*rules(), *floors()))


def test_an_escalation_is_more_urgent_than_its_red_flag() -> None:
    first: dict[str, Rule] = {}
    for rule in rules():
        base = first.setdefault(rule.id, rule)
        assert rule is base or LEVELS.index(rule.level) < LEVELS.index(base.level), rule.id


def test_rules_name_their_source_and_those_that_wait_for_a_clinician() -> None:
    assert [rule.id for rule in (*rules(), *floors()) if not rule.source] == []
    waiting = {rule.id for rule in rules() if rule.waits_for_a_clinician}
    assert {"RF13", "RF15", "RF62", "RF102"} <= waiting
    assert "RF02" not in waiting
    assert all(rule.waits_for_a_clinician for rule in floors())


def test_every_sentence_for_the_citizen_is_short() -> None:
    for rule in (*rules(), *floors()):
        assert all(len(sentence.split()) <= 15 for sentence in rule.advice.split(". ")), rule.id


@pytest.mark.parametrize(
    "text",
    [
        "fever and",
        "fever fever",
        "3 of (fever, cough)",
        "(fever",
        "fever >= hot",
        "@nothing",
        "and fever",
        "fever $ cough",
        "",
    ],
)
def test_an_expression_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse(text)


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("a or b", {"a": True}, True),
        ("a or b", {"a": False}, None),
        ("a and b", {"a": False}, False),
        ("a and b", {"a": True}, None),
        ("not a", {}, None),
        ("not a", {"a": False}, True),
        ("2 of (a, b, c)", {"a": True}, None),
        ("2 of (a, b, c)", {"a": True, "c": True}, True),
        ("2 of (a, b, c)", {"a": False, "b": False}, False),
        ("a or b and c", {"a": False, "b": True, "c": True}, True),
        ("(a or b) and c", {"a": True, "c": False}, False),
    ],
)
def test_unknown_is_neither_yes_nor_no(text: str, known: dict[str, bool], expected: bool | None) -> None:
    class Known:
        def says(self, atom: Atom) -> bool | None:
            return known.get(atom.name)

    assert parse(text).holds(Known()) is expected


def test_a_rule_about_a_concept_that_does_not_exist_is_refused() -> None:
    from ayni.qhali.redflags.evidence import check

    for text in ("no-such-thing", "severe no-such-thing", "wrong >= 3"):
        with pytest.raises(KeyError):
            check(next(parse(text).atoms()))
