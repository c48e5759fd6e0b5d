"""What the assistant made of a case, in a form that anybody can score again."""

import msgspec

SYMPTOM_STATUSES = ("present", "absent", "past", "uncertain", "other-person")


class Symptom(msgspec.Struct, frozen=True, kw_only=True):
    """One symptom. `duration` is ISO 8601, `severity` mild, moderate or severe; None where not said."""

    code: str
    status: str
    duration: str | None = None
    severity: str | None = None
    temperature_c: float | None = None


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a conversation. `level` is I, II, III, IV or C; `ms` the time of each turn.

    `asked` holds the codes and topics the assistant asked about, `replies` every text it showed.
    """

    id: str
    level: str
    disposition: str | None
    subject: str
    age: dict[str, int] | None
    symptoms: list[Symptom]
    replies: list[str]
    asked: list[str]
    ms: list[float]


def as_json_line(prediction: Prediction) -> bytes:
    """The line of a predictions file."""
    return msgspec.json.encode(prediction) + b"\n"
