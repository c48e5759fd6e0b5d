"""Rules orient: three-valued, monotone, the most urgent wins."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.qhali.extraction import Age, Fact, Severity, Status, concepts
from ayni.qhali.redflags import LEVELS, Evidence, Persona, Rule, orient, rules
from ayni.qhali.redflags.evidence import all_hold, atom, count_holds

TODAY = date(2026, 11, 23)


def fact(code: str, status: Status = Status.PRESENT, **given: object) -> Fact:
    values = {"quote": code, "turn": 1, "start": 0, "end": len(code), **given}
    return Fact(concept=code, status=status, **values)  # type: ignore[arg-type]


def evidence(facts: Iterable[Fact], *, months: int | None = None, sex: str | None = None) -> Evidence:
    return Evidence(tuple(facts), Persona(Age(months) if months is not None else None, sex), TODAY)


def level(*facts: Fact, months: int | None = None, sex: str | None = None) -> str | None:
    return orient(evidence(facts, months=months, sex=sex)).level


def just_enough(rule: Rule) -> Evidence:
    """The least evidence that fires a rule: the first condition of each group."""
    conditions = [*(group[0] for group in rule.groups), *rule.of[: rule.at_least]]
    atoms = [atom(condition) for condition in conditions]
    months = 400
    for each in atoms:
        if each.months_below is not None:
            months = each.months_below - 1
        if each.months_min is not None:
            months = each.months_min
    named = [each for each in atoms if each.name not in ("age", "any-symptom")]
    facts = [
        fact(
            each.name,
            severity=Severity.SEVERE if each.is_severe else None,
            since=TODAY - timedelta(days=each.days_min or 0),
        )
        for each in named
    ]
    return evidence(facts or [fact("cough")], months=months, sex="female")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.id}-{rule.level}")
def test_every_rule_fires_on_what_it_names_and_on_nothing_less(rule: Rule) -> None:
    enough = just_enough(rule)
    assert rule.holds(enough) is True
    assert LEVELS.index(orient(enough).level or "IV") <= LEVELS.index(rule.level)
    for missing in enough.facts:
        less = evidence((each for each in enough.facts if each is not missing), sex="female")
        assert rule.holds(less) is not True


@pytest.mark.parametrize(
    ("values", "both", "one"),
    [
        ([True, True], True, True),
        ([True, None], None, True),
        ([True, False], False, True),
        ([None, False], False, None),
        ([False, False], False, False),
    ],
)
def test_unknown_is_neither_yes_nor_no(values: list[bool | None], both: object, one: object) -> None:
    assert all_hold(values) is both
    assert count_holds(values, 1) is one


def test_phlegm_for_fifteen_days_is_to_be_seen_today_and_for_fourteen_is_not() -> None:
    assert level(fact("productive-cough", since=TODAY - timedelta(days=15))) == "III"
    assert level(fact("productive-cough", since=TODAY - timedelta(days=14))) == "IV"


def test_a_symptom_without_a_rule_is_a_scheduled_visit() -> None:
    assert level(fact("sore-throat")) == "IV"


def test_without_a_symptom_there_is_no_level() -> None:
    assert level() is None
    assert level(fact("fever", Status.ABSENT)) is None


@pytest.mark.parametrize("status", [Status.PAST, Status.OTHER_PERSON, Status.HYPOTHETICAL])
def test_what_is_past_or_of_another_person_raises_nothing(status: Status) -> None:
    assert level(fact("seizure", status), fact("cough")) == "IV"


def test_a_warning_sign_left_in_doubt_is_never_below_today() -> None:
    assert level(fact("cough"), fact("hemoptysis", Status.UNCERTAIN)) == "III"


def test_a_graver_reading_of_a_red_flag_replaces_the_milder_one() -> None:
    fired = orient(evidence([fact("fainting"), fact("chest-pain")])).fired
    assert [(rule.id, rule.level) for rule in fired if rule.id == "RF08"] == [("RF08", "I")]


def test_a_man_is_not_pregnant() -> None:
    facts = [fact("fever"), fact("pregnancy")]
    assert level(*facts, sex="male") == "IV"
    assert level(*facts, sex="female") == "II"


def test_advice_of_an_emergency_sends_at_once_and_names_the_number() -> None:
    assert orient(evidence([fact("unconscious")])).advice.startswith("Llame ahora al 106")


codes = st.sampled_from(sorted(concepts()))
several = st.lists(
    st.tuples(codes, st.sampled_from(list(Status)), st.sampled_from([None, *Severity])),
    max_size=6,
    unique_by=lambda each: each[0],
)


@given(told=several, added=codes, months=st.one_of(st.none(), st.integers(0, 1200)))
def test_one_more_symptom_never_lowers_the_level(
    told: list[tuple[str, Status, Severity | None]], added: str, months: int | None
) -> None:
    before = [fact(code, status, severity=severity) for code, status, severity in told if code != added]
    first, then = level(*before, months=months), level(*before, fact(added), months=months)
    if first is not None:
        assert then is not None
        assert LEVELS.index(then) <= LEVELS.index(first)


def test_every_sentence_of_advice_is_short() -> None:
    for rule in rules():
        assert all(len(sentence.split()) <= 15 for sentence in rule.advice.split(". ")), rule.id


def test_rules_name_their_source() -> None:
    assert [rule.id for rule in rules() if not rule.source] == []
