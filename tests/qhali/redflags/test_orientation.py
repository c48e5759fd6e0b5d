"""Rules orient: three-valued, monotone, the most urgent wins, and nothing but a clinician lowers."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.qhali.extraction import Age, Fact, Measurement, Severity, Status, concepts
from ayni.qhali.redflags import LEVELS, Evidence, Persona, floors, orient, reasons, rules, still_possible

TODAY = date(2026, 11, 23)
SYMPTOMS = sorted(code for code, concept in concepts().items() if concept.is_symptom)


def fact(code: str, status: Status = Status.PRESENT, **given: object) -> Fact:
    values = {"quote": code, "turn": 1, "start": 0, "end": len(code), **given}
    return Fact(concept=code, status=status, **values)  # type: ignore[arg-type]


def evidence(
    facts: Iterable[Fact], *, months: int | None = None, sex: str | None = None, **known: object
) -> Evidence:
    persona = Persona(Age(months) if months is not None else None, sex, **known)  # type: ignore[arg-type]
    return Evidence(tuple(facts), persona, TODAY)


def level(*facts: Fact, months: int | None = None, sex: str | None = None) -> str | None:
    return orient(evidence(facts, months=months, sex=sex)).level


def rank(level: str | None) -> int:
    """0 is the most urgent; no level at all is the least."""
    return LEVELS.index(level) if level else len(LEVELS)


def test_phlegm_for_fifteen_days_is_to_be_seen_today_and_for_fourteen_is_not() -> None:
    assert level(fact("productive-cough", since=TODAY - timedelta(days=15))) == "III"
    assert level(fact("productive-cough", since=TODAY - timedelta(days=14))) == "IV"


def test_a_symptom_without_a_rule_is_level_iv() -> None:
    assert level(fact("sore-throat")) == "IV"


def test_without_a_symptom_there_is_no_level() -> None:
    assert level() is None
    assert level(fact("fever", Status.ABSENT)) is None


@pytest.mark.parametrize("status", [Status.PAST, Status.OTHER_PERSON, Status.HYPOTHETICAL])
def test_what_is_past_or_of_another_person_raises_nothing(status: Status) -> None:
    assert level(fact("seizure", status), fact("cough")) == "IV"


def test_a_warning_sign_left_in_doubt_is_never_below_today() -> None:
    assert level(fact("fever"), fact("hemoptysis", Status.UNCERTAIN)) == "III"


def test_a_doubt_that_the_citizen_voices_is_enough_for_a_warning() -> None:
    assert level(fact("seizure", Status.UNCERTAIN, is_likely=True)) == "II"


def test_a_graver_reading_of_a_red_flag_replaces_the_milder_one() -> None:
    fired = orient(evidence([fact("fainting"), fact("chest-pain")])).fired
    assert [(rule.id, rule.level) for rule in fired if rule.id == "RF08"] == [("RF08", "I")]


def test_a_man_is_not_pregnant() -> None:
    facts = [fact("fever"), fact("pregnancy")]
    assert level(*facts, sex="male") == "IV"
    assert level(*facts, sex="female") == "II"


def test_a_registered_pregnancy_opens_the_gate_without_a_word_of_it() -> None:
    assert orient(evidence([fact("fever")], sex="female", is_pregnant=True)).level == "II"
    assert orient(evidence([fact("fever")], sex="female", is_pregnant=False)).level == "IV"


def test_childbed_ends_after_sixty_days() -> None:
    for days, expected in ((5, "II"), (400, "IV")):
        persona = Persona(sex="female", postpartum_days=days)
        found = orient(Evidence((fact("fever"), fact("postpartum")), persona, TODAY))
        assert found.level == expected


@pytest.mark.parametrize(
    ("spo2", "altitude", "expected"), [(88, None, "I"), (91, 1500, "II"), (91, 2750, "IV")]
)
def test_oxygen_is_read_with_the_altitude(spo2: float, altitude: float | None, expected: str) -> None:
    measured = (Measurement("spo2", spo2, 0, 2),)
    found = orient(Evidence((fact("cough"),), Persona(altitude_m=altitude), TODAY, measured))
    assert found.level == expected


def test_oxygen_at_an_unknown_altitude_stays_open_and_says_what_is_missing() -> None:
    open_evidence = Evidence((fact("cough"),), Persona(), TODAY, (Measurement("spo2", 91, 0, 2),))
    missing = {
        each.rule.id: {atom.name for atom in each.undecided} for each in still_possible(open_evidence, "IV")
    }
    assert "altitude" in missing["RF06"]


def test_a_reason_names_the_rule_the_facts_and_nothing_that_was_not_said() -> None:
    told = [fact("fever"), fact("stiff-neck"), fact("confusion"), fact("cough")]
    reason = next(each for each in reasons(evidence(told)) if each.rule.id == "RF19")
    assert {each.concept for each in reason.facts} == {"fever", "stiff-neck", "confusion"}


def test_what_could_still_raise_the_level_is_listed_most_urgent_first() -> None:
    found = still_possible(evidence([fact("fever")], months=40), "IV")
    assert [rank(each.rule.level) for each in found] == sorted(rank(each.rule.level) for each in found)
    assert {"RF19", "RF88"} <= {each.rule.id for each in found}
    assert still_possible(evidence([fact("unconscious")]), "I") == ()


def test_advice_of_an_emergency_sends_at_once_and_names_the_number() -> None:
    assert orient(evidence([fact("unconscious")])).advice.startswith("Llame ahora al 106")


def test_a_cold_may_be_cared_for_at_home_and_a_lump_is_seen() -> None:
    assert orient(evidence([fact("runny-nose")])).disposition == "self-care"
    assert orient(evidence([fact("lump")])).disposition == "scheduled-visit"
    assert orient(evidence([fact("runny-nose")], months=5)).disposition == "scheduled-visit"
    assert orient(evidence([fact("runny-nose"), fact("visit-request")])).disposition == "scheduled-visit"


codes = st.sampled_from(sorted(concepts()))
stories = st.lists(
    st.tuples(codes, st.sampled_from(list(Status)), st.sampled_from([None, *Severity]), st.integers(0, 40)),
    max_size=8,
    unique_by=lambda each: each[0],
)
people = st.builds(
    Persona,
    age=st.one_of(st.none(), st.builds(Age, st.integers(0, 1200))),
    sex=st.sampled_from([None, "female", "male"]),
    is_pregnant=st.sampled_from([None, True, False]),
    gestation_weeks=st.one_of(st.none(), st.integers(4, 42)),
    postpartum_days=st.one_of(st.none(), st.integers(0, 400)),
    altitude_m=st.one_of(st.none(), st.integers(0, 4500)),
)
suggestions = st.one_of(
    st.none(), st.sampled_from([*LEVELS, "C", "V", "", "i", "level I"]), st.text(max_size=20)
)


def told(story: list[tuple[str, Status, Severity | None, int]]) -> list[Fact]:
    return [
        fact(code, status, severity=severity, since=TODAY - timedelta(days=days))
        for code, status, severity, days in story
    ]


@settings(max_examples=400, deadline=None)
@given(stories, people, suggestions, suggestions)
def test_no_suggestion_of_a_model_or_a_citizen_lowers_what_a_rule_says(
    story: list[tuple[str, Status, Severity | None, int]],
    persona: Persona,
    model: str | None,
    wish: str | None,
) -> None:
    known = Evidence(tuple(told(story)), persona, TODAY)
    found = orient(known, suggested=model, requested=wish)
    assert rank(found.level) <= rank(orient(known).level)
    for rule in (*rules(), *floors()):
        if rule.holds(known) is True:
            assert rank(found.level) <= rank(rule.level), rule.id


@settings(max_examples=300, deadline=None)
@given(stories, people, codes, st.sampled_from([None, Severity.SEVERE]))
def test_one_more_thing_that_is_so_never_lowers_the_level(
    story: list[tuple[str, Status, Severity | None, int]],
    persona: Persona,
    added: str,
    severity: Severity | None,
) -> None:
    before = [each for each in told(story) if each.concept != added]
    then = [*before, fact(added, severity=severity)]
    first, second = (orient(Evidence(tuple(each), persona, TODAY)).level for each in (before, then))
    assert rank(second) <= rank(first) or first is None


@settings(max_examples=200, deadline=None)
@given(stories, people, st.randoms())
def test_the_order_in_which_things_are_told_does_not_matter(
    story: list[tuple[str, Status, Severity | None, int]], persona: Persona, chance: object
) -> None:
    facts = told(story)
    shuffled = facts[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (orient(Evidence(tuple(each), persona, TODAY)) for each in (facts, shuffled))
    assert (one.level, {rule.id for rule in one.fired}) == (other.level, {rule.id for rule in other.fired})


@settings(max_examples=200, deadline=None)
@given(stories, people)
def test_what_is_unknown_neither_fires_nor_rules_out(
    story: list[tuple[str, Status, Severity | None, int]], persona: Persona
) -> None:
    known = Evidence(tuple(told(story)), persona, TODAY)
    for rule in rules():
        if rule.holds(known) is None:
            assert rule.undecided(known), rule.id
        else:
            assert rule.undecided(known) == (), rule.id


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("chest-pain", "cold-sweat"), "I"),
        (("lethal-means", "farewell"), "I"),
        (("jaundice", "just-born"), "I"),
        (("dyspnea", "recent-surgery"), "II"),
    ],
)
def test_what_is_told_in_two_messages_counts_together(told: tuple[str, str], expected: str) -> None:
    assert level(*(fact(code) for code in told)) == expected
    alone = [level(fact(code), fact("cough")) for code in told]
    assert all(rank(each) > LEVELS.index(expected) for each in alone)
