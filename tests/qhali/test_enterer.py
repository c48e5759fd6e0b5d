"""Assisted mode: who typed for the citizen is checked, kept with the draft, and told to the record."""

import pytest

from ayni.qhali.intake import Enterer, InvalidIdentity, enterer_from, enterer_in
from ayni.vocabulary.fhir import bundle, loads, systems

JULIA = Enterer("JULIA PRUEBA", "99000025")


@pytest.mark.parametrize("form", [{}, {"enterer_name": " ", "enterer_dni": ""}])
def test_nobody_named_means_that_the_citizen_types(form) -> None:
    assert enterer_from(form, is_test=True) is None


def test_a_worker_is_named_as_on_the_dni() -> None:
    form = {"enterer_name": "Julia Prueba", "enterer_dni": "99000025"}
    assert enterer_from(form, is_test=True) == JULIA


@pytest.mark.parametrize(
    ("name", "dni", "wrong"),
    [
        ("Julia", "", {"enterer_dni"}),
        ("", "99000025", {"enterer_name"}),
        ("Julia", "12345678", {"enterer_dni"}),
        ("<b>", "x", {"enterer_name", "enterer_dni"}),
    ],
)
def test_half_a_name_or_a_real_number_in_the_demonstration_is_refused(name, dni, wrong) -> None:
    with pytest.raises(InvalidIdentity) as error:
        enterer_from({"enterer_name": name, "enterer_dni": dni}, is_test=True)
    assert set(error.value.hints) == wrong


def _intake(qhali, request_id: str) -> dict:
    [(content,)] = qhali.rows(f"select intake from request where id = '{request_id}'")
    return loads(bytes(content))


def test_the_intake_says_who_typed(qhali) -> None:
    request_id = qhali.submit("tengo tos", enterer=JULIA)
    intake = _intake(qhali, request_id)
    agents = bundle.only(intake, "Provenance")["agent"]
    assert [each["type"]["coding"][0]["code"] for each in agents] == ["author", "informant", "enterer"]
    assert agents[-1]["who"] == {
        "type": "Practitioner",
        "identifier": {"system": systems.DNI_ID, "value": "99000025"},
        "display": "JULIA PRUEBA",
    }
    assert enterer_in(intake) == "JULIA PRUEBA"


def test_the_intake_of_a_citizen_who_types_names_no_worker(qhali) -> None:
    assert enterer_in(_intake(qhali, qhali.submit("tengo tos"))) == ""


def test_who_typed_is_forgotten_with_the_request(qhali) -> None:
    request_id = qhali.submit("tengo tos", enterer=JULIA)
    assert len(qhali.rows("select * from enterer")) == 1
    qhali.parts.rights.forget(request_id)
    assert qhali.rows("select * from enterer") == []
