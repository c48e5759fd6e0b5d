"""What may be asked. The id of a question says what it is about, so that a stored turn can be read again."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SIGN, SEVERE, AGE = "sign", "severity", "age"


@dataclass(frozen=True, slots=True)
class Question:
    """`id` is `open`, `open-again`, `since`, `age:age`, `sign:<concept>` or `severity:<concept>`."""

    id: str
    text: str
    when: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """The part before the colon."""
        return self.id.partition(":")[0]

    @property
    def concept(self) -> str | None:
        """The concept asked, if it asks one."""
        return self.id.partition(":")[2] or None


OPEN = Question("open", "¿Qué le pasa?")
OPEN_AGAIN = Question("open-again", "No entendí su molestia. Dígame qué siente, o llame gratis al 113.")
SINCE = Question("since", "¿Desde cuándo le pasa?")


@cache
def warning_signs() -> tuple[Question, ...]:
    """The questions about warning signs, in the order in which they matter."""
    text = files("ayni.qhali.conversation").joinpath("data", "questions.csv").read_text("utf-8")
    return tuple(
        Question(
            f"{_kind(row)}:{row['concept']}",
            row["text"],
            frozenset(row["when"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    )


def _kind(row: dict[str, str]) -> str:
    if row["severe"]:
        return SEVERE
    return AGE if row["concept"] == AGE else SIGN


def question(question_id: str) -> Question:
    """The question with this id; KeyError when there is none."""
    return {each.id: each for each in (OPEN, OPEN_AGAIN, SINCE, *warning_signs())}[question_id]
