"""What one part of an answer says, read with the question it answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ayni.qhali.conversation.answers import Part
from ayni.qhali.conversation.grades import grade
from ayni.qhali.conversation.questions import (
    HOW,
    LACK,
    NOTE,
    OF_SIGNS,
    SEVERE,
    TOPIC,
    UNABLE,
    WORST,
    YES,
    Question,
    topic_rows,
)
from ayni.qhali.extraction import (
    BEGINS,
    Fact,
    Measurement,
    Severity,
    Status,
    Story,
    Understanding,
    read_onset,
    understand,
)
from ayni.qhali.extraction.bare_answer import answer_in
from ayni.qhali.extraction.words import words_of

_SET_OFF = re.compile(r"\s*(?:no|nada|ningun[oa]|nunca|tampoco|negativo|para nada)\s*[,.;]\s*", re.IGNORECASE)

WELL = frozenset({"normal", "bien", "tranquilo", "tranquila", "lucido", "lucida"})
CAN = frozenset({"puedo", "puede", "pude", "pudo"})
NOT_WELL = frozenset({"no", "ni", "sin", "nada", "poco", "casi", "pero", "mal"})

NONE = frozenset({"no", "nunca", "ningun", "ninguna", "ninguno", "tampoco"})
OF_A_SENTENCE = frozenset({"le", "les", "me", "te", "nos", "ha", "han", "a", "he", "ve", "siente", "nota"})
""" "No se le hunde" is a no; "no se" alone is "no sé"."""

UNAWARE = frozenset({"acuerdo", "fijado", "fije", "fijo", "medido", "recuerdo", "sabe", "sabria"})
"""Whoever says so does not know."""

NO_DENIAL = UNAWARE | frozenset(
    [
        "acaba", "acaban", "aguanta", "aguanto", "baja", "bajan", "calma", "calman", "calme", "cede", "ceden",
        "cesa", "cesan", "deja", "dejan", "mejora", "mejoran", "para", "paran", "pasa", "pasan", "quita",
        "quitan", "soporta", "soporto", "termina", "tolera", "tolero",
        "siempre", "sino", "solamente", "solo", "tanto",
        "entiendo", "se", "segura", "seguro",
        "pude", "pudo", "puede", "puedo",
    ]
)  # fmt: skip
"""After a no, these tell of what does not stop, or of what one does not know."""

SELDOM = frozenset({"veces", "ratos", "poco", "poquito", "algo", "ligero", "leve"})
"""Whoever says so to "the worst of your life?" has not said yes."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One turn in which something is heard: its number, its whole text, the day it was said, and the story it
    goes on from."""

    turn: int
    text: str
    today: date
    story: Story = BEGINS

    def hear(self, part: Part) -> Understanding:
        """Facts and values with their characters in the whole text."""
        if part.ticked is not None:
            return Understanding((self._ticked(part.item, part.ticked),))
        if part.item.kind == TOPIC:
            return self._topic(part)
        if part.item.kind not in OF_SIGNS:
            return self._read(part, None)
        said = self._after_no(part) or self._read(part, part.item.concept)
        return replace(said, facts=tuple(_answered(part, said.facts, self)))

    def _after_no(self, part: Part) -> Understanding | None:
        """ "No, respiro bien": the no is the answer, the rest a sentence by itself. None without that no."""
        found = _SET_OFF.match(part.text)
        if found is None:
            return None
        rest = Part(part.item, part.text[found.end() :], part.start + found.end())
        said = self._read(rest, None)
        if part.item.concept in {fact.concept for fact in said.facts}:
            return said
        denied = self._fact(part.item.concept or "", Status.ABSENT, part)
        return replace(said, facts=(*said.facts, denied))

    def _read(self, part: Part, asked: str | None, lead: str = "") -> Understanding:
        """The part by itself, or as the end of a sentence that begins with `lead`."""
        said = understand(
            lead + part.text,
            turn=self.turn,
            asked=asked,
            today=self.today,
            story=None if part.item.kind in (*OF_SIGNS, TOPIC) else self.story,
        )
        if part.start == len(lead):
            return said
        by = part.start - len(lead)
        return replace(
            said,
            facts=tuple(self._moved(fact, by, part.start) for fact in said.facts),
            measured=tuple(_moved_value(value, by) for value in said.measured),
        )

    def _moved(self, fact: Fact, by: int, first: int) -> Fact:
        start, end = max(fact.start + by, first), fact.end + by
        return replace(fact, start=start, end=end, quote=self.text[start:end])

    def _ticked(self, item: Question, is_so: bool) -> Fact:
        status = Status.PRESENT if is_so else Status.ABSENT
        fact = self._fact(item.concept or "", status, Part(item, self.text, 0))
        return _graded(fact, None) if item.kind == SEVERE else fact

    def _fact(self, concept: str, status: Status, part: Part) -> Fact:
        end = part.start + len(part.text)
        return Fact(
            concept=concept, status=status, quote=part.text, turn=self.turn, start=part.start, end=end
        )

    def _topic(self, part: Part) -> Understanding:
        """What a topic's answer says of health; a bare "no" denies what the question named."""
        row = topic_rows()[part.item.topics[0]]
        answer = answer_in(part.text)
        lead = f"{row['lead']} " if "lead" in row and answer is None else ""
        said = self._read(part, None, lead)
        heard = [_of_topic(fact, row) for fact in said.facts if fact.concept not in row.get("deaf", ())]
        named = {fact.concept for fact in heard}
        rest = [code for code in row.get("denies", ()) if code not in named]
        if answer is Status.ABSENT or (answer is Status.PRESENT and len(rest) == 1):
            heard += [self._fact(code, answer, part) for code in rest]
        return replace(said, facts=tuple(heard), subject="unknown", age=None)


def _answered(part: Part, facts: tuple[Fact, ...], hearing: Hearing) -> Iterator[Fact]:
    """The facts of an answer about a sign; a danger sign that was asked always has one."""
    item, asked = part.item, part.item.concept or ""
    how_strong = _how_strong(part, facts) if item.kind == SEVERE else None
    if _says_otherwise(part):
        facts = tuple(fact for fact in facts if fact.concept != asked)
    if asked not in {fact.concept for fact in facts}:
        status = _in_other_words(part, hearing.today)
        facts = facts if status is None else (*facts, hearing._fact(asked, status, part))
    for fact in facts:
        if fact.concept != asked or item.kind not in (SEVERE, NOTE):
            yield fact
        elif item.kind == SEVERE:
            yield _graded(fact, how_strong)
        elif fact.status is not Status.UNCERTAIN:
            yield fact


def _says_otherwise(part: Part) -> bool:
    """Whether the answer is not the yes, no or doubt that its first words look like."""
    if part.item.kind == SEVERE:
        return False
    return _means_no(part) or not UNAWARE.isdisjoint(word.text for word in words_of(part.text))


def _means_no(part: Part) -> bool:
    is_little = part.item.tells == WORST and _is_seldom(part)
    return is_little or _is_contrary(part) or (not part.is_shared and _is_denied(part))


def _is_contrary(part: Part) -> bool:
    """ "Sí toma" to "¿ha dejado de tomar?"."""
    words = {word.text for word in words_of(part.text)}
    return words.isdisjoint(NOT_WELL) and not words.isdisjoint(part.item.contrary)


def _is_denied(part: Part) -> bool:
    """ "No la he visto", "no se le hunde", "sangre no": of a sign that no such sentence could affirm."""
    words = [word.text for word in words_of(part.text) if word.text.isalnum()]
    if part.item.tells in (UNABLE, LACK, YES) or part.item.kind == SEVERE or not words:
        return False
    if words[:2] == ["no", "se"] and not OF_A_SENTENCE.isdisjoint(words[2:3]):
        words = ["no", *words[2:]]
    return not NONE.isdisjoint((words[0], words[-1])) and NO_DENIAL.isdisjoint(words)


def is_well(text: str) -> bool:
    """ "No, estoy bien", "ninguna molestia", "bien nomás"."""
    return answer_in(text) is Status.ABSENT or _is_normal(text)


def _is_normal(text: str) -> bool:
    """ "Come normal", "lo mueve bien"."""
    words = {word.text for word in words_of(text)}
    return NOT_WELL.isdisjoint(words) and not WELL.isdisjoint(words)


def _in_other_words(part: Part, today: date) -> Status | None:
    """What an answer means that does not name the sign: "come normal", "lejía", "fuerte", "desde anoche"."""
    words = [word.text for word in words_of(part.text)]
    if _means_no(part) or _is_normal(part.text):
        return Status.ABSENT
    if part.is_shared:
        return Status.UNCERTAIN
    if part.item.tells == UNABLE and "no" in words and not CAN.isdisjoint(words):
        return Status.PRESENT
    if answer_in(part.text) is not None:
        return Status.UNCERTAIN
    if part.item.tells in (HOW, WORST):
        return None
    is_told = part.item.tells == YES or words[:1] == ["como"]
    is_described = grade(part.text, ()) is not None or read_onset(part.text, today) is not None
    return Status.PRESENT if is_told or is_described else Status.UNCERTAIN


def _how_strong(part: Part, facts: tuple[Fact, ...]) -> Severity | None:
    """The severity an answer gives; "caminando" to "even at rest?" is not at rest."""
    if not part.item.contrary.isdisjoint(word.text for word in words_of(part.text)):
        return Severity.MODERATE
    told = grade(part.text, (fact.concept for fact in facts))
    return told or (Severity.MODERATE if _is_seldom(part) else None)


def _is_seldom(part: Part) -> bool:
    """ "A veces", "un poco": to a question for the worst that is a no."""
    return not SELDOM.isdisjoint(word.text for word in words_of(part.text))


def _graded(fact: Fact, told: Severity | None) -> Fact:
    """ "¿Es muy fuerte?" "no": it is there, and not severe."""
    if fact.status is Status.ABSENT:
        return replace(fact, status=Status.PRESENT, severity=Severity.MODERATE)
    is_yes = fact.status is Status.PRESENT or (fact.status is Status.UNCERTAIN and fact.is_likely)
    severity = told or (Severity.SEVERE if is_yes else Severity.UNKNOWN)
    return replace(fact, status=Status.PRESENT, severity=severity)


def _of_topic(fact: Fact, row: dict[str, Any]) -> Fact:
    """What happened before is past, and what others have is theirs."""
    if fact.status is Status.PRESENT and row.get("past"):
        return replace(fact, status=Status.PAST)
    if fact.status is Status.PRESENT and row.get("others") and fact.concept not in row["denies"]:
        return replace(fact, status=Status.OTHER_PERSON)
    return fact


def _moved_value(value: Measurement, by: int) -> Measurement:
    return replace(value, start=max(value.start + by, 0), end=value.end + by)
