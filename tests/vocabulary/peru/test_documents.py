from pathlib import Path

import pytest

from ayni.vocabulary import peru
from ayni.vocabulary.peru import DOCUMENT_TYPES, of_fhir, of_v2


@pytest.mark.parametrize(
    ("name", "fhir_code", "type_code", "authority", "country"),
    [
        ("dni", "1", "NI", "RENIEC", "PER"),
        ("ce", "2", "PRC", "MIGRACIONES", "PER"),
        ("passport", "3", "PPN", "", "PER"),
        ("passport", "3", "PPN", "", "ECU"),
        ("die", "4", "NI", "", "ECU"),
        ("cnv", None, "BR", "MINSA", "PER"),
        ("provisional", None, "PI", "ONEVISIONCAX", ""),
    ],
)
def test_each_document_has_its_name_on_both_sides(name, fhir_code, type_code, authority, country):
    document = of_v2(type_code, authority=authority, country=country)
    assert (document.name, document.fhir_code) == (name, fhir_code)
    if fhir_code is not None:
        assert of_fhir(fhir_code) is document


@pytest.mark.parametrize(
    ("type_code", "authority", "country"),
    [
        ("NI", "OTRO", ""),
        ("PI", "HOSPITAL", ""),
        ("PRC", "MIGRACIONES", "CHL"),
        ("XX", "", ""),
        ("MR", "", ""),
    ],
)
def test_a_document_that_does_not_agree_with_itself_is_none(type_code, authority, country):
    assert of_v2(type_code, authority=authority, country=country) is None


@pytest.mark.parametrize("code", ["", "0", "5", "6"])
def test_a_code_the_guide_lacks_is_none(code):
    assert of_fhir(code) is None


def test_names_and_fhir_codes_are_unambiguous():
    assert len({document.name for document in DOCUMENT_TYPES}) == len(DOCUMENT_TYPES)
    codes = [document.fhir_code for document in DOCUMENT_TYPES if document.fhir_code]
    assert codes == ["1", "2", "3", "4"]


def test_the_front_door_is_this_list():
    public = {name for name in vars(peru) if not name.startswith("_")}
    modules = {path.stem for path in Path(peru.__file__).parent.glob("*.py")}
    assert public - modules == set(peru.__all__) - modules  # districts and facilities are modules, too
