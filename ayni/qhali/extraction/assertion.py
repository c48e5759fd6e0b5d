"""Whether a thing that was named is affirmed, denied, past, doubtful, or about someone else.

Windowed cues in the manner of NegEx, with the care citizens' language asks for: a phrase that itself holds
a negation ("no puedo respirar") is never denied, "pero" reopens, and "ya no" is past, not absent.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from ayni.qhali.extraction.facts import Status, read_table
from ayni.qhali.extraction.phrases import Match, Phrasebook, phrase
from ayni.qhali.extraction.words import Word

CUE_WORDS_MAX = 7
"""A negation reaches this many words: "no tengo nada de fiebre ni de tos", not the next thought."""

STOPS = frozenset({".", ";", ":", "!", "?", "\n", "pero", "aunque", "sino", "excepto", "salvo"})
JOINTS = frozenset({",", "y", "e"})
REOPENERS = frozenset(
    [
        "me",
        "le",
        "nos",
        "se",
        "tengo",
        "tiene",
        "tenemos",
        "tienen",
        "estoy",
        "esta",
        "siento",
        "siente",
        "si",
        "tambien",
        "solo",
        "ahora",
        "hoy",
        "desde",
        "cuando",
    ]
)
AFTERTHOUGHTS = frozenset(
    ["tengo", "tiene", "tenemos", "hay", "le", "les", "he", "ha", "siento", "siente", "presenta", "nada"]
)

# The first that is found wins: whose body it is matters before whether it happened.
PRECEDENCE = (Status.OTHER_PERSON, Status.HYPOTHETICAL, Status.PAST, Status.ABSENT, Status.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Cue:
    """What a cue says, and whether it reaches `forward` some words or over its whole `sentence`."""

    status: Status
    scope: str


@cache
def _cues() -> Phrasebook[Cue]:
    return Phrasebook(
        phrase(row["phrase"], Cue(Status(row["status"]), row["scope"])) for row in read_table("cues.csv")
    )


def _counts(words: Sequence[Word], marks: frozenset[str]) -> list[int]:
    """How many of these marks stand before each position: equal counts mean that none stands between."""
    return list(accumulate((word.text in marks for word in words), initial=0))


class Assertions:
    """The cues of one text. `taken` are the positions that belong to recognised phrases."""

    def __init__(self, words: Sequence[Word], taken: frozenset[int]) -> None:
        self._words = words
        self._forward: dict[int, list[Match[Cue]]] = defaultdict(list)
        self._whole: list[Match[Cue]] = []
        for cue in _cues().find(words):
            if taken.isdisjoint(cue.used):
                is_whole = cue.phrase.meaning.scope == "sentence"
                (self._whole if is_whole else self._forward[cue.last]).append(cue)
        self._stops = _counts(words, STOPS)
        self._breaks = _counts(words, STOPS | JOINTS)

    def about(self, match: Match[Any]) -> Status:
        """The status of one recognised phrase."""
        said = set(self._said_about(match))
        if Status.PRESENT in said and Status.ABSENT not in said:
            said -= {Status.PAST}
        return next((status for status in PRECEDENCE if status in said), Status.PRESENT)

    def _said_about(self, match: Match[Any]) -> Iterator[Status]:
        for cue in self._reaching(match):
            status = cue.phrase.meaning.status
            if not (match.phrase.is_protected and status in (Status.ABSENT, Status.PAST)):
                yield status
        if self._is_denied_afterwards(match) and not match.phrase.is_protected:
            yield Status.ABSENT

    def _reaching(self, match: Match[Any]) -> Iterator[Match[Cue]]:
        """The cues that speak of a match: those of its sentence, and those a few words before it."""
        yield from (cue for cue in self._whole if self._shares_sentence(cue, match))
        for last in range(match.first - 1, max(match.first - 2 - CUE_WORDS_MAX, -1), -1):
            yield from self._forward.get(last, ())
            if self._closes(last):
                return

    def _shares_sentence(self, cue: Match[Cue], match: Match[Any]) -> bool:
        # after the symptom only its own clause speaks of it: "tengo tos, y mi primo también"
        ends = self._stops if cue.first < match.first else self._breaks
        return ends[max(cue.first, match.first)] <= ends[min(cue.last, match.last)]

    def _closes(self, position: int) -> bool:
        """Whether a negation ends here: a hard stop, or a joint after which a new statement begins."""
        text = self._words[position].text
        return text in STOPS or (text in JOINTS and self._text(position + 1) in REOPENERS)

    def _is_denied_afterwards(self, match: Match[Any]) -> bool:
        """ "Fiebre no tengo", "sangre no": the negation follows the thing, and nothing else follows it."""
        if self._text(match.last + 1) != "no":
            return False
        following = self._text(match.last + 2)
        return following in AFTERTHOUGHTS or following in STOPS | JOINTS | {""}

    def _text(self, position: int) -> str:
        return self._words[position].text if position < len(self._words) else ""
