"""Home care or a visit: what heals by itself, until when, at what age, and what speaks against it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.qhali.extraction import Age, Fact, Measurement, Severity, Status, concepts, understand
from ayni.qhali.redflags import Evidence, Persona, orient
from ayni.qhali.redflags.disposition import SEEN_ANYWAY, disposition_of, home_care
from ayni.qhali.redflags.evidence import check

TODAY = date(2026, 11, 23)
GROWN = Persona(age=Age(30 * 12))
WOMAN = Persona(age=Age(24 * 12), sex="female")
EARLY = Persona(age=Age(24 * 12), sex="female", is_pregnant=True, gestation_weeks=9)
HOME, VISIT = "self-care", "scheduled-visit"


def fact(code: str, *, days: int = 0, severity: Severity | None = None) -> Fact:
    return Fact(
        concept=code,
        status=Status.PRESENT,
        quote=code,
        turn=1,
        start=0,
        end=len(code),
        since=TODAY - timedelta(days=days),
        severity=severity,
    )


def disposition(*facts: Fact, of: Persona = GROWN, measured: tuple[Measurement, ...] = ()) -> str:
    return disposition_of(Evidence(facts, of, TODAY, measured))


def told(text: str, of: Persona) -> tuple[str | None, str | None]:
    """Level and disposition of one message."""
    said = understand(text, turn=1, today=TODAY)
    found = orient(Evidence(said.facts, of, TODAY, said.measured))
    return found.level, found.disposition


def test_the_table_names_only_what_is_known() -> None:
    for row in home_care():
        assert row.heals <= {*concepts()}
        for condition in filter(None, (row.when, row.unless)):
            for atom in condition.atoms():
                check(atom)


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("me torcí el tobillo ayer, está un poco hinchado pero piso bien", GROWN),
        ("me quemé los hombros con el sol, están rojos y arden", GROWN),
        ("tengo una llaguita en la boca desde ayer", GROWN),
        ("me salió un orzuelo", GROWN),
        ("me pica entre los dedos de los pies y la piel se me descama", GROWN),
        ("me salieron ronchas con la ortiga, me pican", GROWN),
        ("ayer jugué fulbito y hoy me duelen las piernas", GROWN),
        ("me duele la barriga con la regla, como cada mes", WOMAN),
        ("amanezco con náuseas y vomito una vez", EARLY),
        ("tiene la colita rojita por el pañal", Persona(age=Age(5))),
        ("le están saliendo los dientes y está fastidioso", Persona(age=Age(8))),
        ("ayer le pusieron sus vacunas y tiene fiebre de 37.9", Persona(age=Age(4))),
        ("tengo la cabeza como con una vincha que aprieta, es el estrés", GROWN),
    ],
)
def test_everyday_troubles_are_cared_for_at_home(text: str, of: Persona) -> None:
    assert told(text, of) == ("IV", HOME)


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("me torcí el tobillo y no puedo pisar", GROWN),
        ("me quemé la espalda con el sol y tengo ampollas", GROWN),
        ("tengo una llaga en la boca desde hace dos meses", GROWN),
        ("me pica entre los dedos de los pies y soy diabético", GROWN),
        ("me duele la barriga y se me atrasó la regla dos semanas", WOMAN),
        ("amanezco con náuseas y me arde al orinar", EARLY),
        ("tiene la colita rojita por el pañal, con fiebre y pus", Persona(age=Age(5))),
        ("tengo tos desde hace un mes", GROWN),
        ("estoy estreñida y he bajado de peso", WOMAN),
        ("mi lunar ha crecido y cambió de color", GROWN),
    ],
)
def test_what_speaks_against_home_is_seen(text: str, of: Persona) -> None:
    level, found = told(text, of)
    assert found != HOME
    assert level in ("I", "II", "III", "IV")


def test_a_sunburn_is_no_burn_and_a_burn_in_the_sun_is_one() -> None:
    assert told("me quemé la espalda con el sol", GROWN)[0] == "IV"
    assert told("me quemé la mano con aceite hirviendo. Ayer fui a la playa", GROWN)[0] in ("I", "II")


def test_peeling_between_the_toes_is_harmless_and_peeling_of_the_skin_is_not() -> None:
    assert told("entre los dedos de los pies se me pela la piel", GROWN)[0] == "IV"
    assert told("se me pela la piel de todo el cuerpo después de una pastilla", GROWN)[0] in ("I", "II")


def test_it_heals_until_it_is_old_or_strong() -> None:
    assert [disposition(fact("cough", days=days)) for days in (20, 21)] == [HOME, VISIT]
    assert disposition(fact("cough", severity=Severity.SEVERE)) == VISIT


def test_one_complaint_that_does_not_heal_sends_all() -> None:
    assert disposition(fact("runny-nose"), fact("sore-throat")) == HOME
    assert disposition(fact("runny-nose"), fact("ear-pain")) == VISIT


def test_a_stiff_neck_heals_only_when_fever_and_headache_are_denied() -> None:
    denied = [replace(fact(code), status=Status.ABSENT) for code in ("fever", "headache")]
    assert disposition(fact("stiff-neck")) == VISIT
    assert disposition(fact("stiff-neck"), denied[0]) == VISIT
    assert disposition(fact("stiff-neck"), *denied) == HOME


def test_a_fever_is_seen_from_thirty_eight_and_a_half() -> None:
    fevers = [(Measurement("temperature", value, 0, 4),) for value in (38.4, 38.5)]
    assert [disposition(fact("fever"), measured=each) for each in fevers] == [HOME, VISIT]


def test_a_symptom_is_explained_by_what_heals_and_not_without_it() -> None:
    assert disposition(fact("joint-swelling")) == VISIT
    assert disposition(fact("joint-swelling"), fact("sprain")) == HOME
    assert disposition(fact("vaginal-bleeding"), of=WOMAN) == VISIT
    assert disposition(fact("vaginal-bleeding"), fact("period-pain"), of=WOMAN) == HOME


@pytest.mark.parametrize("code", sorted(SEEN_ANYWAY))
def test_whoever_has_a_reason_to_be_seen_is_not_sent_home_with_a_cough(code: str) -> None:
    assert disposition(fact("cough"), fact(code)) == VISIT


def test_a_pregnant_woman_stays_home_only_for_what_the_table_thinks_of_in_pregnancy() -> None:
    assert disposition(fact("nausea"), of=EARLY) == HOME
    assert disposition(fact("nausea"), fact("diabetes"), of=EARLY) == VISIT
    assert disposition(fact("cough"), of=EARLY) == VISIT


def test_ages_have_their_bounds() -> None:
    assert [disposition(fact("runny-nose"), of=Persona(age=Age(months))) for months in (11, 12, 840)] == [
        VISIT,
        HOME,
        VISIT,
    ]
    assert disposition(fact("runny-nose"), of=Persona(age_below=Age(24))) == VISIT
    assert disposition(fact("runny-nose"), of=Persona()) == HOME


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(sorted(concepts())), min_size=1, max_size=5, unique=True), st.integers(0, 40))
def test_one_more_symptom_never_makes_a_visit_of_none_needless(codes: list[str], days: int) -> None:
    """A symptom that no row knows is seen, whatever else is told."""
    known = {code for row in home_care() for code in row.heals}
    facts = [fact(code, days=days) for code in codes]
    if any(each.is_symptom and each.concept not in known for each in facts):
        assert disposition(*facts) == VISIT
