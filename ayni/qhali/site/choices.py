"""The numbered choices of a question, each with an icon of our own beside its word."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ayni.qhali.conversation import Question
from ayni.qhali.conversation.questions import SEVERE, SIGN

ICONS = Path(__file__).parent / "templates" / "icons"
PLAIN = "choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a tap answers. `icon` is the name of a drawing; a name that has none gets a plain dot."""

    text: str
    icon: str

    @property
    def drawing(self) -> str:
        """The template of the icon."""
        return f"icons/{self.icon if self.icon in _drawn() else PLAIN}.svg"


YES_NO_UNKNOWN = (Choice("Sí", "yes"), Choice("No", "no"), Choice("No sé", "unknown"))


def choices_of(question: Question | None) -> tuple[Choice, ...]:
    """The choices a question brings; a warning sign without its own takes yes, no and "I do not know"."""
    if question is None:
        return ()
    offered = tuple(Choice(each.text, each.icon) for each in getattr(question, "choices", ()))
    return offered or (YES_NO_UNKNOWN if question.kind in (SIGN, SEVERE) else ())


@cache
def _drawn() -> frozenset[str]:
    return frozenset(path.stem for path in ICONS.glob("*.svg"))
