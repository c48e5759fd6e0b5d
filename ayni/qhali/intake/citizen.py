"""Who asks for care, read from the identity form; invented people only in test traffic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from ayni.qhali.extraction import Age
from ayni.qhali.redflags import Persona
from ayni.vocabulary.peru import (
    District,
    Facility,
    InvalidDocument,
    InvalidName,
    by_inei,
    facility,
    is_test_dni,
    parse_dni,
    parse_name,
    parse_surname,
)

TEST_SURNAME = "PRUEBA"
AGE_YEARS_MAX = 125
SEXES = ("female", "male")

FORMAT_HINT = "Revise este dato, por favor."
TEST_BLOCK_HINT = "En esta demostración use un DNI de prueba: del 99000000 al 99000999."
TEST_SURNAME_HINT = "En esta demostración uno de los apellidos debe ser PRUEBA."


class InvalidIdentity(ValueError):
    """The form cannot be taken. `hints` has a Spanish sentence per field, without what was typed."""

    def __init__(self, hints: Mapping[str, str]) -> None:
        super().__init__(f"invalid fields: {', '.join(sorted(hints))}")
        self.hints = dict(hints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizen:
    """One person. Names are in capitals as on the DNI; `sex` is FHIR's `female` or `male`."""

    dni: str
    paternal_surname: str
    maternal_surname: str
    given_names: tuple[str, ...]
    birth_date: date
    sex: str
    district: District
    facility: Facility


def citizen_from(form: Mapping[str, str], *, today: date, is_test: bool) -> Citizen:
    """Reads the identity form; raises InvalidIdentity with a hint for every field that cannot be taken."""
    fields = {name: form.get(name, "").strip() for name in FIELDS}
    hints = {name: hint for name, hint in _hints(fields, today=today, is_test=is_test) if hint}
    district, chosen = by_inei(fields["district"]), facility(fields["facility"])
    if hints or district is None or chosen is None:
        raise InvalidIdentity(hints)
    return Citizen(
        dni=parse_dni(fields["dni"]),
        paternal_surname=parse_name(fields["paternal_surname"]),
        maternal_surname=parse_surname(fields["maternal_surname"]),
        given_names=tuple(parse_name(fields["given_names"]).split()),
        birth_date=date.fromisoformat(fields["birth_date"]),
        sex=fields["sex"],
        district=district,
        facility=chosen,
    )


def persona_of(form: Mapping[str, str], today: date) -> Persona:
    """What the identity form, as it was accepted, lets the rules know of the sick person."""
    return Persona(Age.between(date.fromisoformat(form["birth_date"]), today), form["sex"])


FIELDS = (
    "dni",
    "paternal_surname",
    "maternal_surname",
    "given_names",
    "birth_date",
    "sex",
    "district",
    "facility",
)


def _hints(fields: Mapping[str, str], *, today: date, is_test: bool) -> list[tuple[str, str]]:
    surnames = (fields["paternal_surname"], fields["maternal_surname"])
    is_invented = any(TEST_SURNAME in surname.upper().split() for surname in surnames)
    return [
        ("dni", dni_hint(fields["dni"], is_test=is_test)),
        ("paternal_surname", "" if is_invented or not is_test else TEST_SURNAME_HINT),
        ("paternal_surname", name_hint(parse_name, fields["paternal_surname"])),
        ("maternal_surname", name_hint(parse_surname, fields["maternal_surname"])),
        ("given_names", name_hint(parse_name, fields["given_names"])),
        ("birth_date", _birth_date_hint(fields["birth_date"], today)),
        ("sex", "" if fields["sex"] in SEXES else FORMAT_HINT),
        ("district", "" if by_inei(fields["district"]) else FORMAT_HINT),
        ("facility", "" if facility(fields["facility"]) else FORMAT_HINT),
    ]


def dni_hint(text: str, *, is_test: bool) -> str:
    """What is wrong with a DNI, "" when nothing is; test traffic takes numbers of the test block only."""
    try:
        dni = parse_dni(text)
    except InvalidDocument as error:
        return error.text
    return "" if is_test == is_test_dni(dni) else TEST_BLOCK_HINT if is_test else FORMAT_HINT


def name_hint(read: Callable[[str], str], text: str) -> str:
    """What is wrong with a name, "" when nothing is."""
    try:
        read(text)
    except InvalidName:
        return FORMAT_HINT
    return ""


def _birth_date_hint(text: str, today: date) -> str:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return FORMAT_HINT
    return "" if born <= today and today.year - born.year <= AGE_YEARS_MAX else FORMAT_HINT
