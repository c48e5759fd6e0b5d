from datetime import date

import pytest

from ayni.vocabulary.terminology import (
    InvalidDefinition,
    NotHere,
    Terminology,
    expand,
    read_definition,
    validate_code,
)

from .conftest import COLOUR, code_system, codes_of, concept, said


def published(version, day, *codes, start=None, end=None):
    period = {name: text for name, text in (("start", start), ("end", end)) if text}
    url = "http://hl7.org/fhir/StructureDefinition/resource-effectivePeriod"
    more = {"extension": [{"url": url, "valuePeriod": period}]} if period else {}
    system = code_system(COLOUR, *map(concept, codes), version=version, valueSet=f"{COLOUR}/all", **more)
    return read_definition(system | ({"date": day} if day else {}))


@pytest.fixture
def history():
    return Terminology(
        (published("2019", "2019-03-01", "red"), published("2024", "2024-01-01", "red", "blue"))
    )


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2018, 1, 1), "2019"),  # nothing older is held: nothing says that it was another
        (date(2023, 12, 31), "2019"),
        (date(2024, 1, 1), "2024"),
        (date(2030, 1, 1), "2024"),
    ],
)
def test_the_version_of_the_day_answers(history, on, version):
    assert history.code_system(COLOUR, on=on).version == version
    assert history.value_set(f"{COLOUR}/all", on=on).version == version


def test_an_old_question_gets_the_old_answer(history):
    assert codes_of(expand(history, f"{COLOUR}/all", on=date(2020, 1, 1))) == ["red"]
    old, new = (
        said(validate_code(history, system=COLOUR, code="blue", on=date(y, 1, 1))) for y in (2020, 2026)
    )
    assert (old["result"], old["version"]) == (False, "2019")
    assert (new["result"], new["version"]) == (True, "2024")


def test_a_version_can_be_named(history):
    for asked in ({"system": f"{COLOUR}|2019"}, {"system": COLOUR, "version": "2019"}):
        assert said(validate_code(history, code="red", on=date(2026, 1, 1), **asked))["version"] == "2019"
    pinned = expand(history, f"{COLOUR}/all|2019", on=date(2026, 1, 1))
    assert codes_of(pinned) == ["red"]


@pytest.mark.parametrize("asked", [f"{COLOUR}|1999", "urn:unknown"])
def test_an_unknown_version_or_address_is_said(history, asked):
    with pytest.raises(NotHere) as caught:
        history.code_system(asked, on=date(2026, 1, 1))
    assert caught.value.text


def test_an_effective_period_binds_on_both_sides():
    held = Terminology((published("1", None, "red", start="2020-01-01", end="2020-12-31"),))
    assert held.code_system(COLOUR, on=date(2020, 12, 31)).version == "1"
    for outside in (date(2019, 12, 31), date(2021, 1, 1)):
        with pytest.raises(NotHere, match="in force on"):
            held.code_system(COLOUR, on=outside)
    assert held.code_system(COLOUR, on=date(2026, 1, 1), version="1").version == "1"


@pytest.mark.parametrize(("lower", "higher"), [("2.9", "2.10"), ("1", "2"), ("2018", "2019-a"), ("a", "b")])
def test_of_two_without_a_day_the_higher_answers(lower, higher):
    for order in ((lower, higher), (higher, lower)):
        held = Terminology(tuple(published(version, None, "red") for version in order))
        assert held.code_system(COLOUR, on=date(2026, 1, 1)).version == higher


def test_the_whole_list_goes_before_a_part_of_it():
    part = read_definition(code_system(COLOUR, concept("red"), version="9", content="fragment"))
    held = Terminology((part, published("1", None, "red", "blue")))
    assert held.code_system(COLOUR, on=date(2026, 1, 1)).version == "1"


def test_the_same_version_twice_is_refused(history):
    with pytest.raises(InvalidDefinition, match="twice"):
        history.having(published("2024", None, "red"))
