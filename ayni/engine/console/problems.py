"""What can go wrong in the console: a code for programs, a sentence with what to do next for people."""

from http import HTTPStatus

from ayni.engine.console.language import Texts
from ayni.engine.console.shown.resources import ProblemDetails

BY_STATUS = {
    400: "not-understood",
    401: "sign-in-needed",
    403: "not-allowed",
    404: "not-found",
    405: "other-method",
    413: "too-long",
    429: "too-many-attempts",
    503: "not-now",
}
"""The problem of an HTTP status that comes from elsewhere."""


class Problem(Exception):
    """Ends a request. The texts of `code` stand in `texts.toml`; `named` fills them."""

    def __init__(
        self, code: str, status: int, *, place: str = "", message_id: int | None = None, **named: object
    ) -> None:
        super().__init__(code)
        self.code, self.status, self.place, self.message_id, self.named = (
            code,
            status,
            place,
            message_id,
            named,
        )

    def details(self, texts: Texts) -> ProblemDetails:
        """As RFC 9457 tells it, in the language asked for."""
        return ProblemDetails(
            type=f"urn:ayni:problem:{self.code}",
            title=texts(f"problem.{self.code}.title", **self.named),
            status=self.status,
            code=self.code,
            detail=texts(f"problem.{self.code}.next", **self.named),
            place=self.place,
            message_id=self.message_id,
        )


def problem_of(status: int) -> Problem:
    """The problem of a status that a library raised."""
    code = BY_STATUS.get(status, "not-understood" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "broken")
    return Problem(code, status)
