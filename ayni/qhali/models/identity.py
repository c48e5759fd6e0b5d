"""Where a text says who somebody is: numbers, addresses of all kinds, births. Names are in `names.py`.

When in doubt it is taken for identity: what is hidden is lost to a model only, never to the rules.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ayni.qhali.extraction.words import Word, words_of
from ayni.qhali.models.names import name_spans
from ayni.qhali.models.wordlists import phrases_under, words_under

LINK, MAIL, NUMBER, BIRTH, HOME, PERSON, MARK = (
    "ENLACE", "CORREO", "NUMERO", "NACIMIENTO", "DIRECCION", "PERSONA", "MARCA",
)  # fmt: skip

_PATTERNS = (
    (MARK, re.compile(r"\[[A-Z]+_\d+\]")),  # what looks like a token of ours is none
    (LINK, re.compile(r"(?:https?://|www\.)\S+", re.I)),
    (MAIL, re.compile(r"[\w.+-]+ ?@ ?[\w-]+(?:\.[\w-]+)+")),
    (NUMBER, re.compile(r"\+?\d{6,}")),
    (NUMBER, re.compile(r"(?<![\d/])(?!\d{1,2}[-.]\d{1,2}[-.]\d{2,4}\b)\(?\+?\d(?:[ .()-]{0,3}\d){7,}")),
    (
        NUMBER,
        re.compile(
            r"\b(?:tel[eé]fono|fono|fijo|cel|celular|whatsapp|wsp|dni|documento|carn[eé]|ce|pasaporte|hc|h\.c|"
            r"historia|cl[ií]nica|c[oó]digo|afiliaci[oó]n|cmp|colegiatura)\b(?:\W|es|nro|num|n[°º]){0,6}"
            r"(?P<here>[a-z]{0,3}-?\d(?:[ .-]?\d){3,})",
            re.I,
        ),
    ),
    (
        BIRTH,
        re.compile(
            r"\bnac(?:[ií]|i[oó]|id[oa]|imiento)\b\W+(?:\w+\W+){0,4}?"
            r"(?P<here>\d{1,2}(?:[/.-]| de )\w+(?:[/.-]| de[l]? )\d{2,4})",
            re.I,
        ),
    ),
)
"""A run of six digits is no value that anybody measures; grouped digits are a number from eight on."""

SPOKEN_DIGITS_MIN = 6
"""So many number words in a row are a telephone or a document told aloud."""

HOME_WORDS_MAX = 8
_INSIDE_HOMES = frozenset(["de", "del", "la", "las", "los", "el"])
_HOME_ENDS = frozenset(",;!?\n")


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """Characters `start` to `end` of a text that say who somebody is, and of which kind."""

    start: int
    end: int
    kind: str


def identities(text: str, *, known: Iterable[str] = ()) -> list[Identity]:
    """Everything in a text that says who somebody is, in reading order, without overlaps.

    `known`: names that are known from elsewhere (the identity form) and are hidden wherever they stand.
    """
    words = words_of(text)
    found = [
        *_written(text),
        *(Identity(*span, NUMBER) for span in _spoken_numbers(words)),
        *(Identity(*span, HOME) for span in _homes(text, words)),
        *(Identity(*span, PERSON) for span in name_spans(text, words, known)),
    ]
    return list(_joined(sorted(found)))


def _written(text: str) -> Iterator[Identity]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            group = "here" if "here" in pattern.groupindex else 0
            yield Identity(match.start(group), match.end(group), kind)


def _spoken_numbers(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    run: list[Word] = []
    for word in [*words, None]:
        if word is not None and (word.text in words_under("surroundings.txt", "numbers") or word.text == "y"):
            run.append(word)
            continue
        if sum(each.text != "y" for each in run) >= SPOKEN_DIGITS_MIN:
            yield run[0].start, run[-1].end
        run = []


def _homes(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    texts = [word.text for word in words]
    streets = words_under("surroundings.txt", "streets")
    for at, word in enumerate(words):
        if word.text in streets and _names_a_street(text, words, at):
            yield _home(words, at)
        for phrase in phrases_under("surroundings.txt", "homes"):
            after = at + len(phrase)
            if tuple(texts[at:after]) == phrase and after < len(words):
                yield _home(words, after)
                break


def _names_a_street(text: str, words: Sequence[Word], at: int) -> bool:
    """ "Jr. Amazonas", "mz B", "cuadra 3", and not "en la av y me caí"."""
    after = at + 1 + (at + 1 < len(words) and words[at + 1].text == ".")
    return after < len(words) and (
        text[words[after].start].isupper()
        or words[after].text[0].isdigit()
        or words[after].text not in words_under("surroundings.txt", "ends")
    )


def _home(words: Sequence[Word], first: int) -> tuple[int, int]:
    ends, streets = words_under("surroundings.txt", "ends"), words_under("surroundings.txt", "streets")
    last = first
    for at in range(first, min(first + HOME_WORDS_MAX, len(words))):
        text = words[at].text
        is_abbreviation = text == "." and words[at - 1].text in streets
        if text in _HOME_ENDS or (text == "." and not is_abbreviation):
            break
        if text in ends and text not in _INSIDE_HOMES and at > first:
            break
        last = at
    return words[first].start, words[last].end


def _joined(found: Sequence[Identity]) -> Iterator[Identity]:
    """Overlapping stretches become one, of the kind of the first."""
    current: Identity | None = None
    for each in found:
        if current is not None and each.start < current.end:
            current = Identity(current.start, max(current.end, each.end), current.kind)
            continue
        if current is not None:
            yield current
        current = each
    if current is not None:
        yield current
