"""A question's numbered choices, each with an icon of our own beside its word, and the items of a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ayni.qhali.conversation import Question

ICONS = Path(__file__).parent / "templates" / "icons"
PLAIN = "choice"
PART = "part-"
"""The fields of a list: `part-1` answers its first item."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a tap answers. `icon` is the name of a drawing; a name that has none gets a plain dot."""

    text: str
    icon: str

    @property
    def drawing(self) -> str:
        """The template of the icon."""
        return f"icons/{self.icon if self.icon in _drawn() else PLAIN}.svg"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a list, answered with a choice of its own, or in words where it brings none."""

    field: str
    asked: Choice
    choices: tuple[Choice, ...]


def choices_of(question: Question | None) -> tuple[Choice, ...]:
    """The choices a question brings; of a list, what is none of its items: each is answered by itself."""
    if question is None:
        return ()
    listed = {each.text.strip("¿?") for each in question.items}
    return tuple(Choice(each.text, each.icon) for each in question.choices if each.text not in listed)


def items_of(question: Question | None) -> tuple[Item, ...]:
    """The items of a list, () for a question that asks one thing."""
    items = enumerate(question.items if question else (), start=1)
    return tuple(
        Item(f"{PART}{number}", Choice(each.text, each.icon), choices_of(each)) for number, each in items
    )


def in_words(form: Mapping[str, str]) -> str:
    """The answer to a list as somebody would write it: "1. Sí" and below it "2. No"."""
    parts = ((name.removeprefix(PART), form[name].strip()) for name in sorted(form) if name.startswith(PART))
    return "\n".join(f"{number}. {text}" for number, text in parts if text)


@cache
def _drawn() -> frozenset[str]:
    return frozenset(path.stem for path in ICONS.glob("*.svg"))
