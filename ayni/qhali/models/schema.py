"""What a model may answer: closed lists and quotes, nothing else. No advice, no diagnosis, no free codes.

Imported only when a model is used: it needs pydantic.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ayni.qhali.conversation.questions import topic_rows
from ayni.qhali.extraction import Severity, Status, concepts
from ayni.qhali.models.grounding import QUOTE_CHARACTERS_MAX
from ayni.qhali.redflags import LEVELS

FACTS_MAX = 30
"""No turn names more; a list without end is a model that repeats itself."""

REASONS_MAX = 5
OPENING_CHARACTERS_MAX = 200
TRANSLATION_CHARACTERS_MAX = 800

_Concept: Any = Literal[tuple(concepts())]
_Status: Any = Literal[tuple(status.value for status in Status)]
_Severity: Any = Literal[Severity.MILD.value, Severity.MODERATE.value, Severity.SEVERE.value]
_Level: Any = Literal[LEVELS]
_Topic: Any = Literal[tuple(topic_rows())]
_Quote = Annotated[str, Field(max_length=QUOTE_CHARACTERS_MAX)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaidFact(_Strict):
    """One thing the citizen said, with the words it was taken from."""

    concept: _Concept
    status: _Status
    severity: _Severity | None
    quote: _Quote


class Hearing(_Strict):
    """What one turn says. `reasons` are the words that make `level` so urgent."""

    facts: Annotated[list[SaidFact], Field(max_length=FACTS_MAX)]
    level: _Level | None
    reasons: Annotated[list[_Quote], Field(max_length=REASONS_MAX)]


class Opening(_Strict):
    """One short sentence that shows the citizen was heard."""

    sentence: Annotated[str, Field(max_length=OPENING_CHARACTERS_MAX)]


class FirstTopic(_Strict):
    """The topic that is asked first."""

    topic: _Topic


class Translation(_Strict):
    """The text in the other language."""

    text: Annotated[str, Field(max_length=TRANSLATION_CHARACTERS_MAX)]
