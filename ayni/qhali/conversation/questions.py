"""What may be asked. The id of a question says what it is about, so that a stored turn can be read again."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

SIGN, NOTE, SEVERE, AGE, TOPIC, LIST = "sign", "note", "severity", "age", "topic", "list"
ADMINISTRATIVE = "administrative"
OF_SIGNS = (SIGN, NOTE, SEVERE)
YES, HOW, WORST, UNABLE, LACK = "yes", "how", "worst", "unable", "lack"
BETWEEN_ITEMS = "+"
ITEMS_MAX = 3
"""More than three things in one message are a form, and people answer the last of them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a button says, and the name of its icon."""

    text: str
    icon: str


@dataclass(frozen=True, slots=True)
class Question:
    """`id` is `open`, `open-again`, `administrative:<row>`, `since`, `since-when`, `age:age`,
    `sign:<concept>` when the answer can change the level, `note:<concept>` for the record,
    `severity:<concept>`, `topic:<name>`, or `list:` and the ids of its `items` with + between them. Equal by
    `id` alone: the rest follows from it.

    `unless` is a condition of the red flags under which it makes no sense. `tells` is what an answer that is
    neither yes nor no says: `yes` ("¿Tomó veneno?" "lejía"); only `how` it is; `worst`: so too, and "un poco"
    says no; `unable`: "no puedo" says yes; `lack`: a no in it may say yes ("no despierta"). Words of
    `contrary` in it say no. `topics` are the names by which an evaluation knows it.
    """

    id: str
    text: str = field(compare=False)
    choices: tuple[Choice, ...] = field(default=(), compare=False)
    icon: str = field(default="", compare=False)
    topics: tuple[str, ...] = field(default=(), compare=False)
    items: tuple["Question", ...] = field(default=(), compare=False)
    unless: str = field(default="", compare=False)
    tells: str = field(default="", compare=False)
    contrary: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def kind(self) -> str:
        """The part before the colon."""
        return self.id.partition(":")[0]

    @property
    def concept(self) -> str | None:
        """The concept asked, if it asks exactly one."""
        return self.id.partition(":")[2] if self.kind in (*OF_SIGNS, AGE) else None

    @property
    def about(self) -> str:
        """What it asks, whatever it is asked for."""
        return f"{SIGN}:{self.concept}" if self.kind == NOTE else self.id

    @property
    def is_open(self) -> bool:
        """Whether it asks for a complaint in their own words."""
        return self.id in ("open", "open-again") or self.kind == ADMINISTRATIVE

    @property
    def is_of_signs(self) -> bool:
        """Whether all it asks are signs, which can be ticked; anything else wants words."""
        return all(each.kind in OF_SIGNS for each in self.parts)

    @property
    def parts(self) -> tuple["Question", ...]:
        """The items of a list; of any other question itself."""
        return self.items or (self,)


OPEN = Question("open", "¿Qué le pasa?")
OPEN_AGAIN = Question(
    "open-again",
    "No entendí su molestia. Dígame qué siente, en qué parte y desde cuándo, o llame gratis al 113.",
    topics=("current-symptoms", "reason", "location", "duration"),
)
SINCE = Question(
    "since",
    "¿Desde cuándo le pasa, y empezó de golpe o poco a poco?",
    icon="calendar",
    topics=("duration", "onset"),
)
SINCE_WHEN = Question("since-when", "¿Desde cuándo le pasa?", icon="calendar", topics=("duration",))
"""The same where it is known how it began."""
ASKED_AGE = Question("age:age", "¿Cuántos años tiene la persona enferma?", icon="person", topics=("age",))

YES_NO = (Choice("Sí", "yes"), Choice("No", "no"), Choice("No sé", "unknown"))
WHERE_TO_ASK = "Pregunte en su establecimiento, o llame gratis al 113."
NONE_OF_THESE = Choice("Nada de eso", "no")
SIGNS_HEADING, TOPICS_HEADING = "¿Le pasa algo de esto?", "Cuénteme también:"


@cache
def catalogue() -> dict[str, Question]:
    """Every single question by its id."""
    fixed = (OPEN, OPEN_AGAIN, SINCE, SINCE_WHEN, ASKED_AGE)
    return {each.id: each for each in (*fixed, *_administrative(), *_signs(), *_topics())}


def _administrative() -> Iterator[Question]:
    for name, row in administrative_rows().items():
        text = f"{row['answer']} {WHERE_TO_ASK} ¿Tiene alguna molestia?"
        yield Question(f"{ADMINISTRATIVE}:{name}", text, YES_NO[:2], topics=OPEN_AGAIN.topics[:2])


@cache
def administrative_rows() -> dict[str, dict[str, Any]]:
    """What is asked that is no complaint, as in its table."""
    return tomllib.loads(_data("administrative.toml"))


def _signs() -> Iterator[Question]:
    for row in csv.DictReader(_data("signs.csv").splitlines()):
        severe, _, concept = row["about"].rpartition(" ")
        for kind in (SEVERE,) if severe else (SIGN, NOTE):
            yield Question(
                f"{kind}:{concept}",
                f"¿{row['text']}?",
                YES_NO,
                row["icon"],
                (concept, *row["topic"].split()),
                unless=row["unless"],
                tells=row["tells"],
                contrary=frozenset(row["contrary"].split()),
            )


def _topics() -> Iterator[Question]:
    for name, row in topic_rows().items():
        choices = tuple(Choice(*choice) for choice in row.get("choices", ()))
        topics = (name, *row.get("also", ()))
        yield Question(f"{TOPIC}:{name}", row["ask"], choices, topics=topics, unless=row.get("unless", ""))


@cache
def topic_rows() -> dict[str, dict[str, Any]]:
    """The topics of the record, as in their table."""
    return tomllib.loads(_data("topics.toml"))


def _data(name: str) -> str:
    return files("ayni.qhali.conversation").joinpath("data", name).read_text("utf-8")


def named(name: str) -> Question:
    """The question of a name in the tables: a topic, a sign, or `severe <sign>`. KeyError: there is none."""
    severe, _, concept = name.rpartition(" ")
    kind = SEVERE if severe else TOPIC if name in topic_rows() else SIGN
    return catalogue()[f"{kind}:{concept}"]


@cache
def question(question_id: str) -> Question:
    """The question with this id; KeyError when there is none."""
    kind, _, ids = question_id.partition(":")
    if kind != LIST:
        return catalogue()[question_id]
    items = tuple(catalogue()[each] for each in ids.split(BETWEEN_ITEMS))
    if not 1 < len(items) <= ITEMS_MAX:
        raise KeyError(question_id)
    return _list_of(question_id, items)


def for_the_record(each: Question) -> Question:
    """The same sign, asked when its answer changes no level: who does not know it is in no doubt about it."""
    return catalogue()[f"{NOTE}:{each.concept}"] if each.kind == SIGN else each


def asking(items: tuple[Question, ...]) -> Question:
    """One question for all of these; itself when there is one."""
    if len(items) == 1:
        return items[0]
    return question(f"{LIST}:{BETWEEN_ITEMS.join(each.id for each in items)}")


def _list_of(question_id: str, items: tuple[Question, ...]) -> Question:
    """Items numbered one below the other, so that a number is an answer."""
    is_of_signs = all(each.is_of_signs for each in items)
    heading = SIGNS_HEADING if is_of_signs else TOPICS_HEADING
    lines = [f"{number}. {_in_list(each)}" for number, each in enumerate(items, start=1)]
    choices = (NONE_OF_THESE,) if is_of_signs else ()
    topics = tuple(dict.fromkeys(topic for each in items for topic in each.topics))
    return Question(question_id, "\n".join((heading, *lines)), choices, topics=topics, items=items)


def _in_list(item: Question) -> str:
    """A sign stands in a list without its question marks; anything else is a question by itself."""
    return item.text.strip("¿?") if item.is_of_signs else item.text
