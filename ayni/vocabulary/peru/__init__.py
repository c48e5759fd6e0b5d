"""Peru's identifiers, districts, facilities and identity documents, as pure functions and data."""

from ayni.vocabulary.peru.districts import District, by_inei, by_reniec, districts
from ayni.vocabulary.peru.dni import check_character, is_test_dni, parse_dni
from ayni.vocabulary.peru.documents import DOCUMENT_TYPES, DocumentType, of_fhir, of_v2
from ayni.vocabulary.peru.errors import (
    InvalidDocument,
    InvalidFacilityCode,
    InvalidIdentifier,
    UnknownDistrict,
)
from ayni.vocabulary.peru.facilities import Facility, facilities, facility, nearest
from ayni.vocabulary.peru.place_names import place_name
from ayni.vocabulary.peru.renipress import parse_renipress

__all__ = [
    "DOCUMENT_TYPES",
    "District",
    "DocumentType",
    "Facility",
    "InvalidDocument",
    "InvalidFacilityCode",
    "InvalidIdentifier",
    "UnknownDistrict",
    "by_inei",
    "by_reniec",
    "check_character",
    "districts",
    "facilities",
    "facility",
    "is_test_dni",
    "nearest",
    "of_fhir",
    "of_v2",
    "parse_dni",
    "parse_renipress",
    "place_name",
]
