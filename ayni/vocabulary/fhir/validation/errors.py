"""What is wrong with a definition that somebody supplies.

ProfileError           a StructureDefinition cannot be used to validate
"""

from ayni.vocabulary.fhir.finding import Phrase


class ProfileError(ValueError):
    """A profile that has no snapshot and whose differential does not fit its base.

    `place` is the FHIRPath in the StructureDefinition, `expected` and `found` say what is wrong there.
    """

    def __init__(self, place: str, expected: Phrase, found: Phrase) -> None:
        super().__init__(f"{place}: expected {expected.english}, found {found.english}")
        self.place = place
        self.expected = expected
        self.found = found
