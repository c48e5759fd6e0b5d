"""Who needs the care and where, asked one thing at a time; the fields are those of the page's form."""

import re
from collections.abc import Generator, Mapping
from datetime import date

from ayni.qhali.intake import InvalidIdentity, citizen_from
from ayni.qhali.intake.citizen import SEXES
from ayni.qhali.terminal.message import Message, choose
from ayni.vocabulary.peru import District, districts, nearest, place_name
from ayni.vocabulary.peru.names import name_key

Asking = Generator[Message, str, str]

SURNAMES = {
    "paternal_surname": "Apellido paterno:",
    "maternal_surname": "Apellido materno, o un guion (-) si no tiene:",
}
NEAREST_COUNT = 5
MATCHES_MAX = 9
"""What one digit can choose."""

_DAY = re.compile(r"(\d{1,2})\D+(\d{1,2})\D+(\d{4})")


def identity(*, today: date, is_test: bool) -> Generator[Message, str, dict[str, str]]:
    """The form, each field asked again until it can be taken."""
    opening = "Ahora, los datos de la persona enferma, como en su DNI."
    if is_test:
        opening += " En esta demostración use un DNI del 99000000 al 99000999 y el apellido PRUEBA."
    form = {"dni": (yield Message(f"{opening}\nDNI:"))}
    while hint := _hint(form, ("dni",), today, is_test):
        form["dni"] = yield Message(f"{hint}\nDNI:")
    yield from _group(form, SURNAMES, today, is_test)
    yield from _group(form, {"given_names": "Nombres:"}, today, is_test)
    yield from _group(form, {"birth_date": "Fecha de nacimiento (día/mes/año):"}, today, is_test)
    form["sex"] = SEXES[(yield from choose(Message("Sexo, como en el DNI:", ("Mujer", "Hombre"))))]
    district = yield from _district()
    form["district"] = district.inei
    form["facility"] = yield from _facility(district)
    return form


def _group(
    form: dict[str, str], fields: Mapping[str, str], today: date, is_test: bool
) -> Generator[Message, str, None]:
    """Fields that are right or wrong together: one of two surnames is PRUEBA in the demonstration."""
    hint = ""
    while True:
        for field, asks in fields.items():
            form[field] = _value(field, (yield Message(asks).after(hint)))
            hint = ""
        hint = _hint(form, tuple(fields), today, is_test)
        if not hint:
            return


def _value(field: str, said: str) -> str:
    if field == "birth_date" and (found := _DAY.fullmatch(said.strip())):
        day, month, year = found.groups()
        return f"{year}-{int(month):02}-{int(day):02}"
    return "" if said.strip() == "-" else said


def _hint(form: Mapping[str, str], fields: tuple[str, ...], today: date, is_test: bool) -> str:
    """What is wrong with these fields of a form that may lack others, "" when nothing is."""
    try:
        citizen_from(form, today=today, is_test=is_test)
    except InvalidIdentity as error:
        return next((error.hints[field] for field in fields if field in error.hints), "")
    return ""


def _district() -> Generator[Message, str, District]:
    """By its name; of several with such a name one is chosen."""
    asks = Message("Distrito donde vive:")
    said = yield asks
    while not (found := _named(said)):
        said = yield asks.after("No encuentro ese distrito de Cajamarca.")
    if len(found) == 1:
        return found[0]
    names = tuple(f"{place_name(each.name)}, {place_name(each.province)}" for each in found)
    return found[(yield from choose(Message("¿Cuál de estos?", names)))]


def _named(said: str) -> list[District]:
    """The districts of this name, else those whose name begins so."""
    key = name_key(said)
    same = [each for each in districts() if name_key(each.name) == key]
    begins = [each for each in districts() if key and name_key(each.name).startswith(key)]
    return (same or begins)[:MATCHES_MAX]


def _facility(district: District) -> Asking:
    near = nearest(district.inei)[:NEAREST_COUNT]
    names = tuple(f"{each.called}, {place_name(each.district)}" for each in near)
    return near[(yield from choose(Message("¿Dónde quiere atenderse?", names)))].code
