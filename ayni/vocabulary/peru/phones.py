"""Telephone numbers of Peru, stored as E.164 (`+51976123456`).

Mobile: nine digits from 9. Fixed: eight digits, area code included: 1 and seven digits in Lima and Callao,
two and six elsewhere. Source: Plan Técnico Fundamental de Numeración (MTC, Resolución Suprema 022-2002-MTC
and its modifications); the trunk 0 before an area code is dialled, not stored. Other countries: ITU-T E.164,
8 to 15 digits.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from ayni.vocabulary.peru.errors import InvalidPhone, kind_at

COUNTRY: Final = "51"
AREAS: Final = {
    "1": "Lima y Callao",
    "41": "Amazonas",
    "42": "San Martín",
    "43": "Áncash",
    "44": "La Libertad",
    "51": "Puno",
    "52": "Tacna",
    "53": "Moquegua",
    "54": "Arequipa",
    "56": "Ica",
    "61": "Ucayali",
    "62": "Huánuco",
    "63": "Pasco",
    "64": "Junín",
    "65": "Loreto",
    "66": "Ayacucho",
    "67": "Huancavelica",
    "72": "Tumbes",
    "73": "Piura",
    "74": "Lambayeque",
    "76": "Cajamarca",
    "82": "Madre de Dios",
    "83": "Apurímac",
    "84": "Cusco",
}
"""Area code of each department's fixed lines."""

_TYPED: Final = re.compile(
    r"(\+|00)?([(]?[0-9][0-9\s().\-/]*?)(?:\s*(?:anexo|anx|ext|x)\.?\s*([0-9]{1,6}))?", re.I
)
_ALLOWED: Final = re.compile(r"\+?[0-9\s().\-/]*")
CHARACTERS_MAX: Final = 40
"""A number with its blanks, brackets and extension; longer text holds something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """`e164` is what is stored and compared; `area` is the code of a fixed line, `extension` its anexo."""

    e164: str
    kind: Literal["mobile", "fixed", "abroad"]
    area: str = ""
    extension: str = ""

    @property
    def spoken(self) -> str:
        """As people in Peru write it: `976 123 456`, `(076) 362 345`, `(01) 362 3456`."""
        if self.kind == "abroad":
            return self.e164
        local = self.e164.removeprefix(f"+{COUNTRY}{self.area}")
        grouped = f"{local[:3]} {local[3:6]} {local[6:]}" if len(local) > 7 else f"{local[:3]} {local[3:]}"
        return f"(0{self.area}) {grouped}" if self.area else grouped


def parse_phone(text: str, *, area: str = "") -> Phone:
    """A number as people write it: `976 123 456`, `+51 976-123-456`, `(076) 36-2345 anexo 12`, `01 362 3456`.

    `area` completes a fixed line that was written without its area code.
    Raises `InvalidPhone`: `phone-format`, or `phone-area` for a fixed line whose area is not said or not one.
    """
    typed = text.strip()
    found = _TYPED.fullmatch(typed) if len(typed) <= CHARACTERS_MAX else None
    if found is None:
        raise _no_phone(typed)
    digits = re.sub(r"[^0-9]", "", found[2])
    if found[1] and not digits.startswith(COUNTRY):
        return _abroad(digits, typed, found[3] or "")
    national = _national(digits, is_international=bool(found[1]))
    return _in_peru(national, area, typed, found[3] or "")


def _national(digits: str, *, is_international: bool) -> str:
    """The digits without the country's code or the trunk 0. Without a plus `51…` is the country only if the
    rest is a whole number: Puno's area code is 51, too."""
    if is_international:
        return digits.removeprefix(COUNTRY).removeprefix("0")
    if digits.startswith(COUNTRY) and len(digits) > 9:
        return digits.removeprefix(COUNTRY)
    return digits.removeprefix("0")


def _in_peru(national: str, area: str, typed: str, extension: str) -> Phone:
    if len(national) == 9 and national[0] == "9" and not extension:
        return Phone(e164=f"+{COUNTRY}{national}", kind="mobile")
    if len(national) in (6, 7):
        national = area + national
    if len(national) not in (6, 7, 8):
        raise _no_phone(typed)
    code = next((code for code in (national[:1], national[:2]) if code in AREAS), "")
    if not code or len(national) != 8:
        raise InvalidPhone(
            "phone-area",
            "Escriba el código de la ciudad: en Cajamarca es 076.",
            expected="an area code of Peru and six or seven digits",
            found="another number",
        )
    return Phone(e164=f"+{COUNTRY}{national}", kind="fixed", area=code, extension=extension)


def _abroad(digits: str, typed: str, extension: str) -> Phone:
    if not 8 <= len(digits) <= 15 or digits[0] == "0":
        raise _no_phone(typed)
    return Phone(e164=f"+{digits}", kind="abroad", extension=extension)


def _no_phone(typed: str) -> InvalidPhone:
    allowed = _ALLOWED.match(typed)
    index = allowed.end() if allowed else 0
    return InvalidPhone(
        "phone-format",
        "El celular tiene nueve números y empieza con 9; el fijo lleva el código de su ciudad.",
        expected="a mobile of nine digits or a fixed line with its area code",
        found=kind_at(typed, index),
        position=index + 1,
    )
