"""Where a rejected citizen is sent: a place with a name, and another one than this."""

import pytest

from ayni.onevision.errors import FormIncomplete
from ayni.onevision.facilities.alternatives import NO_NAME, OWN, alternatives, check_alternative
from ayni.vocabulary.peru import facilities

SAN_MIGUEL = "00004561"
CALQUIS = "00004576"


def test_every_other_facility_is_offered_the_nearest_first():
    offered = alternatives(CALQUIS)
    assert {each.code for each in offered} == {each.code for each in facilities()} - {CALQUIS}
    assert [each.name for each in offered[:2]] == ["TAULIS", "TANON CAMPO ALEGRE"]
    assert offered[-1].district == "NANCHOC"


@pytest.mark.parametrize(
    "text",
    [
        "centro de salud Llapa",
        "LLAPA",
        "Hospital San Miguel",
        "Posta Médica EsSalud San Miguel",
        "Vaya al centro de salud de Llapa, tel. 076 557001",
        "Emergencia 28 de Julio",
    ],
)
def test_a_place_with_a_name_is_taken(text):
    check_alternative(text, SAN_MIGUEL)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("00004561", NO_NAME),
        ("4562", NO_NAME),
        (" 0000-4562. ", NO_NAME),
        ("código 00004562", NO_NAME),
        ("centro de salud", NO_NAME),
        ("...", NO_NAME),
        ("San Miguel", OWN),
        ("centro de salud SAN MIGUEL", OWN),
        ("Puede ir al C.S. San Miguel (00004561)", OWN),
        ("CS san miguel 4561", OWN),
    ],
)
def test_a_code_alone_and_the_own_facility_are_refused_with_a_hint(text, hint):
    with pytest.raises(FormIncomplete) as refused:
        check_alternative(text, SAN_MIGUEL)
    assert (refused.value.field, refused.value.text) == ("alternative", hint)


def test_the_own_facility_is_known_with_and_without_accents():
    with pytest.raises(FormIncomplete):
        check_alternative("puesto de salud San Silvestre de Cochán", "00004568")
