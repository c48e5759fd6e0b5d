import apsw
import pytest

from ayni.fhirserver import InvalidResource, UnknownParameter
from ayni.fhirserver.parameters import PARAMETERS
from ayni.fhirserver.search import compile_search


def slot(slot_id: str, start: str, *, status: str = "free", schedule: str = "a") -> dict:
    return {
        "resourceType": "Slot",
        "id": slot_id,
        "status": status,
        "start": start,
        "schedule": {"reference": f"Schedule/{schedule}"},
    }


def ids(found: list) -> list[str]:
    return [resource["id"] for resource in found]


@pytest.fixture
def patients(repository):
    for resource_id, system in (("one", "dni"), ("two", "passport"), ("three", "")):
        identifier = {"value": "99000017"} | ({"system": system} if system else {})
        repository.create({"resourceType": "Patient", "id": resource_id, "identifier": [identifier]})
    return repository


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("dni|99000017", ["one"]),
        ("passport|99000017", ["two"]),
        ("|99000017", ["three"]),
        ("99000017", ["one", "two", "three"]),
        ("dni|99000017,passport|99000017", ["one", "two"]),
        ("dni|99000018", []),
        ("dni|99000017' or '1'='1", []),
    ],
)
def test_an_identifier_is_found_by_system_and_value(patients, value, found):
    assert ids(patients.search("Patient", identifier=value)) == found


def test_a_search_may_be_limited(patients):
    assert ids(patients.search("Patient", identifier="99000017", limit=2)) == ["one", "two"]


def test_every_criterion_must_hold(repository):
    repository.create(slot("early", "2026-11-24T08:00:00-05:00"))
    repository.create(slot("taken", "2026-11-24T09:00:00-05:00", status="busy"))
    repository.create(slot("late", "2026-11-24T09:15:00-05:00"))
    repository.create(slot("elsewhere", "2026-11-24T09:15:00-05:00", schedule="b"))
    found = repository.search("Slot", schedule="Schedule/a", status="free", start="ge2026-11-24T13:30:00Z")
    assert ids(found) == ["late"]
    assert ids(repository.search("Slot", schedule="Schedule/a", start="lt2026-11-24T09:00:00-05:00")) == [
        "early"
    ]


def test_the_index_follows_the_current_version(repository):
    repository.create(slot("s", "2026-11-24T08:00:00-05:00"))
    repository.update(slot("s", "2026-11-24T08:00:00-05:00", status="busy"))
    assert repository.search("Slot", status="free") == []
    assert ids(repository.search("Slot", status="busy")) == ["s"]


def test_a_parameter_that_is_not_indexed_is_refused_not_ignored(repository):
    with pytest.raises(UnknownParameter):
        repository.search("Patient", birthdate="1992-03-14")
    with pytest.raises(UnknownParameter):
        repository.search("Flag", identifier="x")


@pytest.mark.parametrize("value", ["2026-11-24T08:00:00Z", "ge", "geyesterday", "gt2026-11-24T08:00:00Z"])
def test_an_instant_that_cannot_be_read_is_refused(repository, value):
    with pytest.raises(InvalidResource):
        repository.search("Slot", start=value)


@pytest.mark.parametrize(
    ("kind", "criteria"),
    [
        ("Patient", {"identifier": "dni|1"}),
        ("Patient", {"identifier": "1"}),
        ("Task", {"business-status": "s|received,s|booked"}),
        ("Task", {"business-status": "s|received,s|booked", "priority": "stat"}),
        ("Slot", {"schedule": "Schedule/a", "status": "free", "start": "ge2026-11-24T08:00:00Z"}),
    ],
)
def test_a_search_walks_no_table(connection: apsw.Connection, kind, criteria):
    statement, bindings = compile_search(kind, criteria, 10)
    plan = [row[3] for row in connection.execute("explain query plan " + statement, bindings)]
    assert [step for step in plan if step.startswith("SCAN")] == []
    assert any("USING PRIMARY KEY" in step for step in plan)


def test_every_parameter_is_named_after_its_resource_type():
    assert all(
        parameter.key == f"{kind}.{name}"
        for kind, declared in PARAMETERS.items()
        for name, parameter in declared.items()
    )
