"""What QHALI says in a text-only conversation, and how a number answers it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar, cast

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Message:
    """A text and its numbered answers, from 1. A list has numbers in its text: "none of these" is 0."""

    text: str
    choices: tuple[str, ...] = ()
    is_list: bool = False

    @property
    def first(self) -> int:
        """The number of the first answer."""
        return 0 if self.is_list else 1

    def said(self, answer: str) -> str:
        """The answer in words: the choice whose number was written, else what was written."""
        number = int(answer) - self.first if answer.isascii() and answer.isdecimal() else -1
        return self.choices[number] if 0 <= number < len(self.choices) else answer

    def after(self, text: str) -> "Message":
        """The same message with something said before it."""
        return Message("\n".join(filter(None, (text, self.text))), self.choices, self.is_list)


Script = Generator[Message, str, str]
"""A conversation: it yields what it asks, is sent each answer, and returns its last words."""

YES, NO = "Sí", "No"

Listen = Callable[[str], str]
"""What has to be said at once to words that answer something else, "" for most."""


def listening(script: Generator[Message, str, T], listen: Listen) -> Generator[Message, str, T]:
    """Plays a script; words that `listen` has something to say to never reach it: it asks the same again."""
    asked = shown = next(script)
    while True:
        said = yield shown
        if asked.said(said) == said and (told := listen(said)):
            shown = asked.after(told)
            continue
        try:
            asked = shown = script.send(said)
        except StopIteration as end:
            return cast("T", end.value)


def choose(message: Message) -> Generator[Message, str, int]:
    """Asks until one of the choices is chosen, by its number or its word; returns its place, from 0."""
    words = [choice.casefold() for choice in message.choices]
    asked = message
    while True:
        said = message.said((yield asked)).casefold()
        if said in words:
            return words.index(said)
        asked = message.after(f"Responda con un número del 1 al {len(words)}, por favor.")


def agrees(message: Message) -> Generator[Message, str, bool]:
    """Asks for a yes or a no."""
    place = yield from choose(Message(message.text, (YES, NO)))
    return place == 0
