"""What staff write and the citizen reads: short, and with nothing in it that the eye cannot see."""

from django import forms
from django.core.validators import RegexValidator

LENGTH_MAX = 300
"""What a text message and a small screen still show whole."""

INVISIBLE = r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
"""Control characters, and those that turn the direction of a line: with them a text reads as another one."""

VISIBLE = RegexValidator(INVISIBLE, "Quite los caracteres invisibles del texto.", inverse_match=True)
TOO_LONG = "El texto es muy largo. Acórtelo, por favor."


class CitizenText(forms.CharField):
    """A text for the citizen; of the control characters only the new line is taken."""

    def __init__(self, *, max_length: int = LENGTH_MAX, **named: object) -> None:
        super().__init__(max_length=max_length, validators=[VISIBLE], **named)
        self.error_messages["max_length"] = TOO_LONG

    def to_python(self, value: object) -> str:
        """Forms send a new line as CR LF (HTML, form submission)."""
        return super().to_python(value).replace("\r\n", "\n")
