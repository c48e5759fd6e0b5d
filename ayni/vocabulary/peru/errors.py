"""What is wrong with a Peruvian identifier. No error quotes it: it may be a person's."""


class InvalidIdentifier(ValueError):
    """`code` is for programs, `text` a Spanish sentence for people, `str()` English for engineers.

    `position` counts characters from 1; `expected` and `found` say what, `found` only by its kind.
    """

    def __init__(self, code: str, text: str, *, expected: str, found: str, position: int = 1) -> None:
        super().__init__(f"expected {expected}, found {found} (at character {position})")
        self.code = code
        self.text = text
        self.position = position
        self.expected = expected
        self.found = found


class InvalidDocument(InvalidIdentifier):
    """The number of an identity document: `dni-format`, `dni-check`, `ce-format`, `passport-format` …"""


class InvalidFacilityCode(InvalidIdentifier):
    """A RENIPRESS code: `renipress-format`."""


class InvalidUbigeo(InvalidIdentifier):
    """A code of a department, province or district: `ubigeo-format`."""


class UnknownDistrict(InvalidIdentifier):
    """A UBIGEO outside the districts we hold: `district-unknown`."""


class InvalidPhone(InvalidIdentifier):
    """A telephone number: `phone-format`, `phone-area`."""


class InvalidName(InvalidIdentifier):
    """A person's name: `name-format`, `surnames-ambiguous`."""


class InvalidAge(InvalidIdentifier):
    """An age, or a birth after the day: `age-format`, `age-negative`."""


class InvalidDiagnosisCode(InvalidIdentifier):
    """A code of CIE-10: `cie10-format`."""


def kind_at(text: str, index: int) -> str:
    """What stands at an index, without saying it."""
    if index >= len(text):
        return "the end"
    sign = text[index]
    if sign.isdigit():
        return "a digit"
    if sign.isalpha():
        return "a letter"
    return "a blank" if sign.isspace() else "another sign"


def index_of_first(text: str, allowed: str) -> int:
    """Where a text stops being made of the allowed characters; its length when it never does."""
    return next((index for index, sign in enumerate(text) if sign not in allowed), len(text))
