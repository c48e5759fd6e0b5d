from decimal import Decimal

import pytest

from ayni.fhirserver import SCHEMA, IdTaken, InvalidResource, NotFound, VersionConflict
from ayni.vocabulary.fhir import DEPTH_MAX, dumps, loads, require_structure

PATIENT = {"resourceType": "Patient", "id": "maria", "gender": "female"}


def test_a_new_resource_is_version_1_with_the_time_it_was_kept(repository):
    stored = repository.create(PATIENT)
    assert stored["meta"] == {"versionId": "1", "lastUpdated": "2026-11-23T14:30:00.000+00:00"}
    assert repository.read("Patient", "maria") == stored


def test_a_resource_without_id_gets_one(repository):
    assert repository.create({"resourceType": "Patient"})["id"] == "id-1"


def test_the_callers_resource_is_left_as_it_was(repository):
    mine = {"resourceType": "Patient", "id": "maria", "meta": {"tag": [{"code": "HTEST"}]}}
    stored = repository.create(mine)
    assert mine["meta"] == {"tag": [{"code": "HTEST"}]}
    assert stored["meta"]["tag"] == [{"code": "HTEST"}]


def test_two_resources_of_a_type_cannot_share_an_id(repository):
    repository.create(PATIENT)
    repository.create({"resourceType": "Person", "id": "maria"})
    with pytest.raises(IdTaken) as refusal:
        repository.create(PATIENT)
    assert (refusal.value.code, refusal.value.http_status, refusal.value.issue) == (
        "id-taken",
        409,
        "duplicate",
    )


@pytest.mark.parametrize("bad_id", ["", "a b", "ñ", "x" * 65, "a/b", 7, None])
def test_an_id_outside_the_grammar_is_refused(repository, bad_id):
    with pytest.raises(InvalidResource) as refusal:
        repository.create({"resourceType": "Patient", "id": bad_id})
    assert refusal.value.expression == "Patient.id"


@pytest.mark.parametrize(
    "resource", [{}, {"resourceType": 1}, {"resourceType": "patient"}, {"resourceType": "A;--"}]
)
def test_what_has_no_resource_type_is_refused(repository, resource):
    with pytest.raises(InvalidResource):
        repository.create(resource)


@pytest.mark.parametrize("identifier", ["99000017", [{"value": "1"}, "99000017"], [3]])
def test_an_indexed_element_of_another_shape_is_refused_with_its_place(repository, identifier):
    with pytest.raises(InvalidResource) as refusal:
        repository.create({"resourceType": "Patient", "identifier": identifier})
    assert refusal.value.expression == "Patient.identifier"


def test_what_is_not_there_is_not_found(repository):
    repository.create(PATIENT)
    for attempt in (
        lambda: repository.read("Patient", "nobody"),
        lambda: repository.read("Person", "maria"),
        lambda: repository.history("Patient", "nobody"),
        lambda: repository.update({"resourceType": "Patient", "id": "nobody"}),
        lambda: repository.version("Patient", "maria", "2"),
        lambda: repository.version("Patient", "maria", "one"),
    ):
        with pytest.raises(NotFound) as refusal:
            attempt()
        assert refusal.value.http_status == 404


def test_an_update_makes_the_next_version_and_keeps_the_one_before(repository):
    first = repository.create(PATIENT)
    second = repository.update({**PATIENT, "gender": "other"})
    assert second["meta"]["versionId"] == "2"
    assert repository.read("Patient", "maria") == second
    assert repository.version("Patient", "maria", "1") == first
    assert repository.version("Patient", "maria", "2") == second


def test_history_is_newest_first(repository):
    repository.create(PATIENT)
    for gender in ("other", "unknown"):
        repository.update({**PATIENT, "gender": gender})
    history = repository.history("Patient", "maria")
    assert [(each["meta"]["versionId"], each["gender"]) for each in history] == [
        ("3", "unknown"),
        ("2", "other"),
        ("1", "female"),
    ]


def test_equal_content_makes_no_new_version(repository):
    stored = repository.create(PATIENT)
    reordered = {"gender": "female", "resourceType": "Patient", "id": "maria"}
    assert repository.update(reordered) == stored
    assert repository.update(stored) == stored
    assert len(repository.history("Patient", "maria")) == 1


def test_a_changed_precision_is_a_change(repository):
    observation = loads('{"resourceType":"Observation","id":"t","valueQuantity":{"value":38.5}}')
    repository.create(observation)
    repository.update(loads('{"resourceType":"Observation","id":"t","valueQuantity":{"value":38.50}}'))
    assert str(repository.read("Observation", "t")["valueQuantity"]["value"]) == "38.50"
    assert len(repository.history("Observation", "t")) == 2


@pytest.mark.parametrize("depth", [200, 500, 5000, 50_000])
def test_a_resource_nested_without_end_is_refused(repository, depth):
    repository.create(PATIENT)
    nested = {}
    for _ in range(depth):
        nested = {"extension": [nested]}
    for write in (repository.create, repository.update):
        with pytest.raises(InvalidResource) as refusal:
            write({**PATIENT, **nested})
        assert refusal.value.expression == "Patient"


def test_what_the_structure_check_lets_pass_is_kept(repository):
    deep = {"url": "urn:u", "valueString": "x"}
    for _ in range(DEPTH_MAX - 1):
        deep = {"url": "urn:u", "extension": [deep]}
    patient = {"resourceType": "Patient", "id": "deep", "extension": [deep]}
    require_structure(patient)
    assert repository.create(patient)["extension"] == repository.read("Patient", "deep")["extension"]
    assert repository.update(patient)["meta"]["versionId"] == "1"


def test_of_two_people_who_read_the_same_version_only_one_writes(repository):
    read = repository.create(PATIENT)["meta"]["versionId"]
    repository.update({**PATIENT, "gender": "other"}, if_match=read)
    with pytest.raises(VersionConflict) as refusal:
        repository.update({**PATIENT, "gender": "unknown"}, if_match=read)
    assert (refusal.value.http_status, refusal.value.expected, refusal.value.found) == (412, "1", "2")
    assert repository.read("Patient", "maria")["gender"] == "other"


def test_numbers_keep_every_digit(repository):
    repository.create(loads('{"resourceType":"Observation","id":"w","valueQuantity":{"value":1.10}}'))
    value = repository.read("Observation", "w")["valueQuantity"]["value"]
    assert (value, str(value)) == (Decimal("1.10"), "1.10")
    assert b'"value":1.10' in dumps(repository.read("Observation", "w"))


def test_primitive_extensions_are_kept(repository):
    name = {"family": "PRUEBA", "_family": {"extension": [{"url": "u", "valueString": "ÑAUPARI"}]}}
    repository.create({"resourceType": "Patient", "id": "m", "name": [name]})
    repository.update({"resourceType": "Patient", "id": "m", "name": [name], "active": True})
    assert repository.read("Patient", "m")["name"] == [name]
    assert repository.version("Patient", "m", "1")["name"] == [name]


def test_a_transaction_that_is_rolled_back_leaves_nothing(connection, repository):
    repository.create(PATIENT)
    before = connection.total_changes()

    def broken() -> None:
        with connection:
            repository.update({**PATIENT, "gender": "other", "identifier": [{"system": "s", "value": "v"}]})
            repository.create({"resourceType": "Patient", "id": "julia", "identifier": [{"value": "2"}]})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert connection.total_changes() > before
    assert [each["id"] for each in repository.search("Patient")] == ["maria"]
    assert repository.search("Patient", identifier="s|v") == []
    assert len(repository.history("Patient", "maria")) == 1


def test_the_schema_may_be_run_at_every_start(connection, repository):
    repository.create(PATIENT)
    connection.execute(SCHEMA)
    assert repository.read("Patient", "maria")["gender"] == "female"


def test_what_is_expunged_leaves_no_version_and_no_index_row(repository, connection):
    repository.create(PATIENT | {"identifier": [{"system": "urn:dni", "value": "99000017"}]})
    repository.update(PATIENT | {"identifier": [{"system": "urn:dni", "value": "99000018"}]})
    repository.create(PATIENT | {"id": "other"})
    repository.expunge("Patient", "maria")
    with pytest.raises(NotFound):
        repository.read("Patient", "maria")
    for table in ("history", "token"):
        assert connection.execute(f"select count(*) from {table}").get == 0
    assert repository.read("Patient", "other")["gender"] == "female"
    with pytest.raises(NotFound):
        repository.expunge("Patient", "maria")
