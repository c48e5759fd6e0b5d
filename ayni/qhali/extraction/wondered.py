"""What is asked by somebody who says that nothing of it is so: "si se desmaya, ¿a quién llamo? Está sano"."""

from collections.abc import Iterator, Sequence
from functools import cache

from ayni.qhali.extraction.phrasebook import Phrasebook
from ayni.qhali.extraction.phrases import phrases
from ayni.qhali.extraction.reach import sentence_of
from ayni.qhali.extraction.tables import data, families
from ayni.qhali.extraction.words import Word

NO_CONDITION = frozenset({"como", "casi", "ni", "por", "se", "saber", "ver", "sabe", "digame"})
"""Words before an "if" that compares, or asks whether a thing is so."""

OF_A_BODY = frozenset(
    {"me", "mi", "mis", "le", "les", "su", "sus", "nos", "tengo", "tiene", "tenemos", "estoy", "esta", "ando"}
    | {"siento", "siente", "hoy", "ayer", "anoche", "ahora"}
)
"""Words of a question that speaks of somebody: all others are about the thing in general."""


def wondered(words: Sequence[Word]) -> Iterator[range]:
    """The positions of each "if" of a question, up to its end, and of each question about nobody.

    Only of a text that says that nothing is so (`nothing_so.txt`): alone, "si le duele el pecho, ¿qué hago?"
    may well be told of now.
    """
    texts = [word.text for word in words]
    if "?" not in texts or not _nothing_so().find(words):
        return
    for end, text in enumerate(texts):
        if text != "?":
            continue
        first, _ = sentence_of(words, end - 1, end - 1) if end else (0, 0)
        condition = next((at for at in range(first, end) if _is_condition(texts, at)), None)
        if condition is not None:
            yield range(condition, end)
        elif OF_A_BODY.isdisjoint(texts[first:end]):
            yield range(first, end)


def _is_condition(texts: Sequence[str], at: int) -> bool:
    """An "if" with its thing, and not "sí, me duele"."""
    before, after = texts[at - 1] if at else "", texts[at + 1 : at + 2]
    return texts[at] == "si" and before not in NO_CONDITION and after not in ([], [","])


@cache
def _nothing_so() -> Phrasebook[None]:
    lines = data("nothing_so.txt").read_text("utf-8").splitlines()
    told = (line for line in lines if line and not line.startswith("#"))
    return Phrasebook(each for line in told for each in phrases(line, None, families()))
