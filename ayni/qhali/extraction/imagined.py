"""What is only imagined, up to the comma: "si una jugadora se golpeara la cabeza, ¿la muevo?"."""

from collections.abc import Iterator, Sequence

from ayni.qhali.extraction.reach import CLOSERS, QUESTION_ENDS, sentence_of
from ayni.qhali.extraction.words import Word

SUBJUNCTIVE = ("ara", "aran", "iera", "ieran", "iese", "iesen", "yera", "yeran", "jera", "jeran")
"""Endings of the imperfect subjunctive, which after "si" tells of what is not so."""

NO_SUBJUNCTIVE = frozenset(
    [
        "pudiera",
        "pudieran",
        "quisiera",
        "quisieran",
        "supiera",
        "debiera",
        "hubiera",
        "hubieran",
        "fuera",
        "para",
        "cara",
        "clara",
        "rara",
        "cualquiera",
        "siquiera",
        "afuera",
    ]
)
"""Courtesy ("si me pudiera ayudar"), comparison, and words that only end so."""

COMPARISONS = frozenset({"como", "casi", "ni", "por"})
""" "Como si me hubieran pegado" tells of what is felt."""

VERB_WITHIN_WORDS = 8

OF_SOMEBODY = frozenset(
    {"mi", "mis", "me", "nos", "su", "sus", "yo", "estoy", "esta", "tengo", "tiene", "siento", "tuvo", "tuve"}
    | {"ahora", "ahorita", "hoy", "ayer", "anoche"}
)
"""Words of what is told of somebody: "¿qué hago? mi papá no respira. Pregunto nomás" is no question for a
course."""


def imagined(words: Sequence[Word]) -> Iterator[range]:
    """The positions of each sentence part that begins with such an "if"."""
    texts = [word.text for word in words]
    for at, text in enumerate(texts):
        if text == "si" and (at == 0 or texts[at - 1] not in COMPARISONS) and _is_imagined(texts[at + 1 :]):
            _, end = sentence_of(words, at, at)
            stops = (place for place in range(at, end) if texts[place] in CLOSERS | {","})
            yield range(at, next(stops, end))


def _is_imagined(following: Sequence[str]) -> bool:
    near = following[:VERB_WITHIN_WORDS]
    return near[:1] != ["no"] and any(
        text.endswith(SUBJUNCTIVE) and text not in NO_SUBJUNCTIVE for text in near
    )


def impersonal_before(words: Sequence[Word], first: int) -> int:
    """Where the questions before the position `first` begin that speak of nobody, one after the other.

    "¿Se debe empujar el hueso hacia adentro? Es para mi curso": who says what it is for says it of them all.
    """
    while first > 0:
        begins, _ = sentence_of(words, first - 1, first - 1)
        told = {word.text for word in words[begins:first]}
        if QUESTION_ENDS.isdisjoint(told) or not OF_SOMEBODY.isdisjoint(told):
            return first
        first = begins
    return first
