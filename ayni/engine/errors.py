"""What can be wrong with a channel, and what a stranger's content may be found guilty of."""

from ayni.vocabulary.fhir import FhirError
from ayni.vocabulary.hl7 import Hl7Error
from ayni.wire.failure import CannotStart


class ChannelError(CannotStart):
    """A channel's folder cannot be used. `hint` says what to do about it."""

    def __init__(self, finding: str, channel: str, hint: str) -> None:
        super().__init__(f"{finding} · channels/{channel} · hint: {hint}")
        self.finding, self.channel, self.hint = finding, channel, hint


ContentError = FhirError | Hl7Error
"""What a stranger's content may be found guilty of, each with code, place and a Spanish sentence."""


def code_of(error: ContentError) -> str:
    """The word by which machines know it: a FHIR issue code or a code of HL7 table 0357."""
    return error.issue if isinstance(error, FhirError) else str(error.code)


def place_of(error: ContentError) -> str:
    """Where it is: a FHIRPath or ERR-2."""
    return error.expression if isinstance(error, FhirError) else error.location
