"""A "no" or a "sí" that stands alone belongs to the question."""

from collections.abc import Iterable, Sequence

from ayni.qhali.extraction.facts import Fact, Status
from ayni.qhali.extraction.phrasebook import HARD_STOPS as STOPS
from ayni.qhali.extraction.words import Word, words_of

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
        "algo",
        "harto",
        "harta",
        "arto",
        "arta",
        "siempre",
        "seguido",
        "bastantito",
    ]
)
NO = frozenset(["no", "nada", "ninguno", "ninguna", "tampoco", "nunca", "jamas", "negativo", "nop"])
LIKELY = (
    ("creo", "que", "si"),
    ("creo", "si"),
    ("parece", "que", "si"),
    ("me", "parece", "que", "si"),
    ("puede", "ser"),
)
DOUBTS = (
    ("no", "se"),
    ("no", "estoy", "segur~"),
    ("no", "estoy", "muy"),
    ("creo", "que"),
    ("parece", "que"),
    ("mas", "o"),
    ("tal", "vez"),
    ("quizas",),
    ("no", "recuerdo"),
    ("no", "sabria"),
)
HOW_OFTEN = (
    ("a", "veces"),
    ("a", "ratos"),
    ("por", "ratos"),
    ("por", "momentos"),
    ("a", "cada", "rato"),
    ("cada", "rato"),
    ("de", "vez", "en", "cuando"),
    ("todo", "el", "dia"),
    ("toda", "la", "noche"),
    ("un", "poco"),
    ("un", "poquito"),
)
"""Who says how often or how much says yes: "¿Ha vomitado?" "a cada rato"."""
TIMES = ("vez", "veces")
NUMBER_WORDS_MAX = 4
"""So soon comes the "veces" of "como unas cuatro veces"."""


def bare_answer(
    text: str, words: Sequence[Word], taken: frozenset[int], *, turn: int, asked: str
) -> list[Fact]:
    """The fact that a bare answer makes of the question's concept; [] when the text answers something else.

    Other symptoms in the text leave the answer bare only when it is set off: "no, pero me duele la cabeza".
    """
    texts = [word.text for word in words]
    status = _answer(texts)
    stands_alone = len(words) == 1 or (len(words) > 1 and _is_set_off(words[1]))
    if status is None or (not _counts_times(texts) and (0 in taken or (taken and not stands_alone))):
        return []
    last = _last_of_answer(words, is_mixed=bool(taken))
    start, end = words[0].start, words[last].end
    return [
        Fact(
            concept=asked,
            status=status,
            quote=text[start:end],
            turn=turn,
            start=start,
            end=end,
            is_likely=_begins(texts, LIKELY),
        )
    ]


def answer_in(text: str) -> Status | None:
    """What the beginning of an answer says by itself: yes, no or a doubt; None: something else."""
    return _answer([word.text for word in words_of(text)])


def _answer(texts: Sequence[str]) -> Status | None:
    if _begins(texts, LIKELY) or _begins(texts, DOUBTS):
        return Status.UNCERTAIN
    if texts and texts[0] in NO | {"para"}:
        return Status.ABSENT if texts[0] in NO or texts[1:2] == ["nada"] else None
    is_yes = bool(texts) and texts[0] in YES and texts[:3] != ["poco", "a", "poco"]
    return Status.PRESENT if is_yes or _begins(texts, HOW_OFTEN) or _counts_times(texts) else None


def _begins(texts: Sequence[str], beginnings: Iterable[Sequence[str]]) -> bool:
    """Whether the words begin with one of these; a word with `~` may go on."""
    return any(
        len(texts) >= len(each) and all(_fits(*pair) for pair in zip(texts, each, strict=False))
        for each in beginnings
    )


def _fits(text: str, wanted: str) -> bool:
    return text.startswith(wanted[:-1]) if wanted.endswith("~") else text == wanted


def _counts_times(texts: Sequence[str]) -> bool:
    """ "Dos veces", "como unas 4 veces"."""
    return any(text in TIMES for text in texts[1:NUMBER_WORDS_MAX])


def _is_set_off(following: Word) -> bool:
    return following.begins_line or following.text in STOPS | {","}


def _last_of_answer(words: Sequence[Word], *, is_mixed: bool) -> int:
    stops = STOPS | {","} if is_mixed else STOPS
    for position, word in enumerate(words):
        if position and (word.text in stops or word.begins_line):
            return position - 1
    return len(words) - 1
