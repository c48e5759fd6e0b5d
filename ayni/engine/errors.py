"""What can be wrong with a channel, and what a stranger's content may be found guilty of."""

from ayni.vocabulary.fhir import FhirError
from ayni.vocabulary.hl7 import AnswerCode, Hl7Error
from ayni.wire.failure import CannotStart


class ChannelError(CannotStart):
    """A channel's folder cannot be used. `hint` says what to do about it.

    `path` is where the folder lies, for who works on another one than that of the deployment.
    """

    def __init__(self, finding: str, channel: str, hint: str, *, path: str = "") -> None:
        super().__init__(f"{finding} · {path or f'channels/{channel}'} · hint: {hint}")
        self.finding, self.channel, self.hint = finding, channel, hint


class ContentRefused(Exception):
    """Content without a standard's own error: JSON, text, rows. `text` is the Spanish sentence for the
    sender."""

    def __init__(self, code: str, text: str, *, place: str = "", http_status: int = 422) -> None:
        super().__init__(code)
        self.code, self.text, self.place, self.http_status = code, text, place, http_status


class SenderNotBound(Hl7Error):
    """Who the transport proved the sender to be may not say this: rejected, whatever its code."""

    @property
    def answer(self) -> AnswerCode:
        return "AR"


ContentError = FhirError | Hl7Error | ContentRefused
"""What a stranger's content may be found guilty of, each with code, place and a Spanish sentence."""

CONTENT_ERRORS = (FhirError, Hl7Error, ContentRefused)


def code_of(error: ContentError) -> str:
    """The word by which machines know it: a FHIR issue code, a code of HL7 table 0357, or our own."""
    return error.issue if isinstance(error, FhirError) else str(error.code)


def place_of(error: ContentError) -> str:
    """Where it is: a FHIRPath, ERR-2, or our own."""
    if isinstance(error, FhirError):
        return error.expression
    return error.location if isinstance(error, Hl7Error) else error.place
