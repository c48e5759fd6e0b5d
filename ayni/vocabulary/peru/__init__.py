"""Peru's identifiers, names, places, facilities and identity documents, as pure functions and data."""

from ayni.vocabulary.peru.ages import (
    Age,
    age_between,
    age_of_his,
    age_of_quantity,
    age_of_v2,
    age_quantity,
    birthday,
    his_age,
    v2_age,
)
from ayni.vocabulary.peru.cie10 import his_form, parse_cie10
from ayni.vocabulary.peru.districts import District, by_inei, by_reniec, districts
from ayni.vocabulary.peru.dni import check_character, is_test_dni, parse_dni
from ayni.vocabulary.peru.document_numbers import (
    parse_ce,
    parse_cnv,
    parse_document,
    parse_foreign_document,
    parse_passport,
    parse_provisional,
    provisional_code,
)
from ayni.vocabulary.peru.documents import DOCUMENT_TYPES, DocumentType, of_fhir, of_v2
from ayni.vocabulary.peru.errors import (
    InvalidAge,
    InvalidDiagnosisCode,
    InvalidDocument,
    InvalidFacilityCode,
    InvalidIdentifier,
    InvalidName,
    InvalidPhone,
    InvalidUbigeo,
    UnknownDistrict,
)
from ayni.vocabulary.peru.facilities import Facility, facilities, facility, nearest
from ayni.vocabulary.peru.names import (
    Surnames,
    name_key,
    parse_name,
    parse_surname,
    split_full_name,
    split_surnames,
)
from ayni.vocabulary.peru.phones import Phone, parse_phone
from ayni.vocabulary.peru.place_names import place_name
from ayni.vocabulary.peru.renipress import parse_renipress
from ayni.vocabulary.peru.ubigeo import (
    Scheme,
    Ubigeo,
    inei_of,
    parse_ubigeo,
    reniec_of,
    reniec_provinces,
)

__all__ = [
    "DOCUMENT_TYPES",
    "Age",
    "District",
    "DocumentType",
    "Facility",
    "InvalidAge",
    "InvalidDiagnosisCode",
    "InvalidDocument",
    "InvalidFacilityCode",
    "InvalidIdentifier",
    "InvalidName",
    "InvalidPhone",
    "InvalidUbigeo",
    "Phone",
    "Scheme",
    "Surnames",
    "Ubigeo",
    "UnknownDistrict",
    "age_between",
    "age_of_his",
    "age_of_quantity",
    "age_of_v2",
    "age_quantity",
    "birthday",
    "by_inei",
    "by_reniec",
    "check_character",
    "districts",
    "facilities",
    "facility",
    "his_age",
    "his_form",
    "inei_of",
    "is_test_dni",
    "name_key",
    "nearest",
    "of_fhir",
    "of_v2",
    "parse_ce",
    "parse_cie10",
    "parse_cnv",
    "parse_dni",
    "parse_document",
    "parse_foreign_document",
    "parse_name",
    "parse_passport",
    "parse_phone",
    "parse_provisional",
    "parse_renipress",
    "parse_surname",
    "parse_ubigeo",
    "place_name",
    "provisional_code",
    "reniec_of",
    "reniec_provinces",
    "split_full_name",
    "split_surnames",
    "v2_age",
]
