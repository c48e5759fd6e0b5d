"""What is wrong with a Peruvian identifier. No error quotes it: it may be a person's."""


class InvalidIdentifier(ValueError):
    """`code` is for programs, `text` a Spanish sentence for people, `str()` English for engineers."""

    def __init__(self, code: str, reason: str, text: str) -> None:
        super().__init__(reason)
        self.code = code
        self.text = text


class InvalidDocument(InvalidIdentifier):
    """The number of an identity document: `dni-format`, `dni-check`."""


class InvalidFacilityCode(InvalidIdentifier):
    """A RENIPRESS code: `renipress-format`."""


class UnknownDistrict(InvalidIdentifier):
    """A UBIGEO outside the districts we hold: `district-unknown`."""
