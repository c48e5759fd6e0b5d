"""An onset said after a list belongs to everything in it: "tos con flema y fiebre desde hace tres días".

A list is things of one status, each joined to the next by a comma or "y" without a new statement between:
"tos desde ayer y fiebre desde hoy" keeps each its own, and in "tos y de noche me da fiebre desde ayer" the
onset is the fever's alone. Where it is not plain the onset stays unknown, and is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, takewhile
from typing import Any

from ayni.qhali.extraction.facts import Fact, Status
from ayni.qhali.extraction.onset import Onset
from ayni.qhali.extraction.phrasebook import HARD_STOPS as STOPS
from ayni.qhali.extraction.phrasebook import SENTENCE_ENDS
from ayni.qhali.extraction.phrases import Match
from ayni.qhali.extraction.reach import REOPENERS
from ayni.qhali.extraction.spelling import key_of
from ayni.qhali.extraction.words import Word

JOINTS = frozenset({",", "y", "e"})
TIME_WORDS = frozenset(
    [
        "ya",
        "van",
        "va",
        "hace",
        "desde",
        "asi",
        "sera",
        "seran",
        "como",
        "unos",
        "unas",
        "llevo",
        "lleva",
        "estoy",
        "esta",
        "empezo",
        "comenzo",
        "mas",
        "o",
        "menos",
        "por",
    ]
) | frozenset(
    [
        "son",
        "hara",
        "haran",
        "habra",
        "eso",
        "de",
        "fue",
        "hacen",
        "recien",
        "nomas",
        "apenas",
        "casi",
        "cerca",
    ]
)
"""What a citizen says around a length of time, and nothing else."""


OPENING = frozenset(
    [
        "hola",
        "buenas",
        "buenos",
        "dias",
        "tardes",
        "señorita",
        "doctor",
        "doctora",
        "ya",
        "van",
        "va",
        "llevo",
    ]
) | frozenset(
    ["lleva", "desde", "hace", "ase", "ace", "hay", "son", "como", "casi", "unos", "unas", ",", "tengo"]
)
"""What may stand before the time that opens a sentence."""

LASTING = frozenset({"cough", "productive-cough", "fever", "dyspnea"})
"""What red flags ask the length of."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact with the words that named it."""

    match: Match[Any]
    fact: Fact


def with_onsets_of_lists(
    words: Sequence[Word], mentions: Sequence[Mention], onsets: Sequence[Onset]
) -> list[Fact]:
    """The facts in the order they came, each that has no onset of its own with that of its list."""
    facts = {id(mention): mention.fact for mention in mentions}
    after: Mention | None = None
    said_after_it: Onset | None = None
    symptoms = (mention for mention in mentions if _has_a_beginning(mention.fact))
    for mention in sorted(symptoms, key=lambda each: each.match.last, reverse=True):
        is_listed = after is not None and _are_listed(words, mention, after)
        onset = _said_after(words, mention, onsets) or (said_after_it if is_listed else None)
        own = mention.fact.since
        if own is None and onset is not None:
            facts[id(mention)] = replace(mention.fact, since=onset.since, duration=onset.duration)
        # a thing with another onset of its own ends the list
        is_same = own is None or (onset is not None and own == onset.since)
        after, said_after_it = mention, onset if is_same else None
    return list(facts.values())


def led_by(words: Sequence[Word], facts: Sequence[Fact], onsets: Sequence[Onset]) -> list[Fact]:
    """The facts; a time that opens a sentence is that of all that the sentence tells of now.

    "Dos días que tengo los ojos amarillos y me pica todo": but not where the sentence names another time.
    """
    told = list(facts)
    for onset in onsets:
        begin, end = _sentence_opened_by(words, onset)
        if begin == end or any(begin <= other.start < end for other in onsets if other is not onset):
            continue
        for number, fact in enumerate(told):
            is_within = onset.end <= fact.end and begin <= fact.start < end
            if is_within and fact.since is None and fact.status is Status.PRESENT and fact.is_symptom:
                told[number] = replace(fact, since=onset.since, duration=onset.duration)
    return told


def _sentence_opened_by(words: Sequence[Word], onset: Onset) -> tuple[int, int]:
    """The characters of the sentence that a length of time opens; two equal ones when it opens none."""
    at = next((at for at, word in enumerate(words) if word.start >= onset.start), len(words))
    before = list(takewhile(lambda word: word.text not in SENTENCE_ENDS, reversed(words[:at])))
    if onset.duration is None or not OPENING.issuperset(word.text for word in before):
        return onset.start, onset.start
    after = list(takewhile(lambda word: word.text not in SENTENCE_ENDS, words[at:]))
    after = after[: _next_thought(after, onset)]
    return (before[-1] if before else words[at]).start, after[-1].end


def _next_thought(words: Sequence[Word], onset: Onset) -> int:
    """Where the statement ends that a time with "que" opens: "tres días que no obro, y la panza hinchada"."""
    told = [word.text for word in words if word.start >= onset.end]
    if told[:1] != ["que"]:
        return len(words)
    ends = (at for at, pair in enumerate(pairwise(told)) if pair == (",", "y"))
    return len(words) - len(told) + next(ends, len(told))


def lasting(facts: Sequence[Fact], onsets: Sequence[Onset]) -> list[Fact]:
    """The facts; what lasts began at the only time the text names, when nothing else did.

    Its length stays unsaid: for the record the time may belong to something else, for a warning it counts.
    """
    since = onsets[0].since if len(onsets) == 1 else None
    if since is None or any(fact.since == since for fact in facts):
        return list(facts)
    return [
        replace(fact, since=since) if fact.concept in LASTING and fact.since is None else fact
        for fact in facts
    ]


@cache
def _sounds_of_time() -> frozenset[str]:
    return frozenset(key_of(text) for text in TIME_WORDS | OPENING)


def told_before(
    text: str, words: Sequence[Word], onsets: Sequence[Onset], told: Sequence[str], turn: int
) -> list[Fact]:
    """What lasts and was told in a message before, when this one says nothing but since when.

    "Tengo tos" / "desde hace tres semanas".
    """
    if len(onsets) != 1:
        return []
    (onset,) = onsets
    others = [word for word in words if not onset.start <= word.start < onset.end]
    if not all(word.text in STOPS or word.sound in _sounds_of_time() for word in others):
        return []
    return [
        Fact(
            concept=concept,
            status=Status.PRESENT,
            quote=text[onset.start : onset.end],
            turn=turn,
            start=onset.start,
            end=onset.end,
            since=onset.since,
            duration=onset.duration,
        )
        for concept in dict.fromkeys(told)
        if concept in LASTING
    ]


def _has_a_beginning(fact: Fact) -> bool:
    """A symptom that is there, or was; what is denied never began."""
    return fact.is_symptom and fact.status is not Status.ABSENT


def _said_after(words: Sequence[Word], mention: Mention, onsets: Sequence[Onset]) -> Onset | None:
    """The onset that follows a thing: in its own clause, or as the whole of the next one."""
    named_until = words[mention.match.last].end
    following = next((onset for onset in onsets if onset.start >= named_until), None)
    if following is None or _is_how_long_it_took(words, following):
        return None
    is_within = following.end <= mention.fact.end
    return following if is_within or _is_clause_by_itself(words, mention, following) else None


def _is_how_long_it_took(words: Sequence[Word], onset: Onset) -> bool:
    """ "Tengo sed y bajé ocho kilos en dos meses": the months are those of the weight alone."""
    before = [word.text for word in words if word.end <= onset.start]
    return before[-1:] == ["en"]


def _is_clause_by_itself(words: Sequence[Word], mention: Mention, onset: Onset) -> bool:
    """ "…, desde hace tres días", "…, ya van tres días así": the clause says nothing but since when.

    "Respira feo. Tos tiene, dos días van": a sentence that names a thing keeps its time to itself.
    """
    before = [word.text for word in words if mention.fact.end <= word.start < onset.start]
    after = [word.text for word in words if word.start >= onset.end]
    borders = STOPS if "." in before else STOPS | JOINTS
    led = list(takewhile(lambda text: text not in borders, reversed(before)))
    rest = list(takewhile(lambda text: text not in STOPS | JOINTS, after))
    is_set_off = len(led) < len(before) and before.count(".") <= 1
    return is_set_off and set(led) <= TIME_WORDS | JOINTS and set(rest) <= TIME_WORDS


def _are_listed(words: Sequence[Word], one: Mention, other: Mention) -> bool:
    if one.fact.status is not other.fact.status:
        return False
    between = [word.text for word in words[one.match.last + 1 : other.match.last]]
    joints = [position for position, text in enumerate(between) if text in JOINTS]
    is_one_joint = bool(joints) and joints[-1] - joints[0] == len(joints) - 1
    return is_one_joint and (STOPS | REOPENERS).isdisjoint(between)
