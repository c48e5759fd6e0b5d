"""What was typed, as it is kept."""

import re

from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""What no FHIR string may hold (R4, 2.24.0.1): a keyboard has none of it, whoever tries things out has."""


def written(text: str) -> str:
    """At most TURN_CHARACTERS_MAX of it, without blanks around, each character one that can travel."""
    return _UNWRITABLE.sub(" ", text[:TURN_CHARACTERS_MAX]).strip()
