"""A "no" or a "sí" that stands alone belongs to the question."""

from collections.abc import Sequence

from ayni.qhali.extraction.facts import Fact, Status
from ayni.qhali.extraction.phrasebook import HARD_STOPS as STOPS
from ayni.qhali.extraction.words import Word

YES = frozenset(
    [
        "si",
        "sip",
        "aja",
        "claro",
        "bastante",
        "mucho",
        "mucha",
        "afirmativo",
        "correcto",
        "asi",
        "poco",
        "poquito",
    ]
)
NO = frozenset(["no", "nada", "ninguno", "ninguna", "tampoco", "nunca", "jamas", "negativo", "nop"])
DOUBTS = (
    ("no", "se"),
    ("no", "estoy"),
    ("creo", "que"),
    ("mas", "o"),
    ("a", "veces"),
    ("tal", "vez"),
    ("quizas",),
    ("no", "recuerdo"),
    ("no", "sabria"),
)


def bare_answer(
    text: str, words: Sequence[Word], taken: frozenset[int], *, turn: int, asked: str
) -> list[Fact]:
    """The fact that a bare answer makes of the question's concept; [] when the text answers something else.

    Other symptoms in the text leave the answer bare only when it is set off: "no, pero me duele la cabeza".
    """
    status = _answer(words)
    stands_alone = len(words) == 1 or (len(words) > 1 and words[1].text in STOPS | {","})
    if status is None or 0 in taken or (taken and not stands_alone):
        return []
    last = _last_of_answer(words, is_mixed=bool(taken))
    start, end = words[0].start, words[last].end
    return [Fact(concept=asked, status=status, quote=text[start:end], turn=turn, start=start, end=end)]


def _answer(words: Sequence[Word]) -> Status | None:
    texts = [word.text for word in words]
    if any(tuple(texts[: len(doubt)]) == doubt for doubt in DOUBTS):
        return Status.UNCERTAIN
    if texts and texts[0] in NO | {"para"}:
        return Status.ABSENT if texts[0] in NO or texts[1:2] == ["nada"] else None
    return Status.PRESENT if (texts and texts[0] in YES) or texts[:2] == ["un", "poco"] else None


def _last_of_answer(words: Sequence[Word], *, is_mixed: bool) -> int:
    stops = STOPS | {","} if is_mixed else STOPS
    for position, word in enumerate(words):
        if word.text in stops and position:
            return position - 1
    return len(words) - 1
