"""Every form of a verb, so that a phrase says it once: "salta" is also "saltaba", "saltando", "saltó".

Forms are written as words are folded: without accents. Person and tense make no difference to what a symptom
is; whether it is over is told by the words around it.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from ayni.qhali.extraction.tables import data, headed_lines

ENDINGS = {
    "ar": ("aba", "aban", "ado", "ando", "ar", "arme", "arse", "arle", "andome", "andose", "andole", "amos"),
    "er": (
        "ia",
        "ian",
        "ido",
        "iendo",
        "er",
        "erme",
        "erse",
        "erle",
        "iendome",
        "iendose",
        "iendole",
        "emos",
    ),
    "ir": (
        "ia",
        "ian",
        "ido",
        "iendo",
        "ir",
        "irme",
        "irse",
        "irle",
        "iendome",
        "iendose",
        "iendole",
        "imos",
    ),
}
"""What is added to the stem where the stress is on the ending."""

PRETERITE = {"ar": ("o", "e", "aron"), "er": ("io", "i", "ieron"), "ir": ("io", "i", "ieron")}
STRESSED = {
    "ar": ("o", "a", "an", "e", "en"),
    "er": ("o", "e", "en", "a", "an"),
    "ir": ("o", "e", "en", "a", "an"),
}
"""What is added where the stress is on the stem, whose vowel may change."""

PAST = {"ar": ("o", "e", "aba", "aron"), "er": ("io", "i", "ia", "ieron"), "ir": ("io", "i", "ia", "ieron")}
IRREGULAR_PAST = (
    "cayo",
    "cai",
    "tuve",
    "tuvo",
    "puso",
    "puse",
    "hizo",
    "dio",
    "dieron",
    "pegaba",
    "mordio",
    "daba",
    "daban",
    "tenia",
    "hacia",
    "hacian",
    "ponia",
    "ponian",
    "salia",
    "salian",
    "pusieron",
    "hicieron",
    "salio",
    "pico",
)

BEFORE_E = (("c", "qu"), ("g", "gu"), ("z", "c"))
"""How the last letter of a verb in -ar is written before an e, to sound alike."""

IRREGULAR, HOMOGRAPHS = "irregular", "homographs"


@cache
def forms() -> Mapping[str, tuple[str, ...]]:
    """Each form with all the forms of its verb."""
    verbs = [frozenset(verb) - _homographs() for verb in _verbs()]
    return {form: tuple(sorted(verb)) for verb in verbs for form in verb}


@cache
def of_the_past() -> tuple[str, ...]:
    """What a verb of the table is in the preterite and the imperfect, of him or me."""
    regular = (
        _joined(verb.partition("=")[0][:-2], ending, verb.partition("=")[0][-2:])
        for heading, line in headed_lines(data("verbs.txt"))
        if heading not in (IRREGULAR, HOMOGRAPHS)
        for verb in line.split()
        for ending in PAST[verb.partition("=")[0][-2:]]
    )
    return tuple(sorted({form for form in (*regular, *IRREGULAR_PAST) if form not in _homographs()}))


@cache
def _homographs() -> frozenset[str]:
    lines = headed_lines(data("verbs.txt"))
    return frozenset(word for heading, line in lines if heading == HOMOGRAPHS for word in line.split())


def _verbs() -> Iterator[Iterator[str]]:
    for heading, line in headed_lines(data("verbs.txt")):
        if heading == IRREGULAR:
            yield iter(line.split())
        elif heading != HOMOGRAPHS:
            yield from map(conjugated, line.split())


def conjugated(verb: str) -> Iterator[str]:
    """The forms of a regular verb, or of one whose stem changes ("doler=ue")."""
    infinitive, _, change = verb.partition("=")
    stem, kind = infinitive[:-2], infinitive[-2:]
    for ending in ENDINGS[kind]:
        yield _joined(stem, ending, kind)
    for ending in PRETERITE[kind]:
        yield _joined(stem, ending, kind)
    for ending in STRESSED[kind]:
        yield _joined(_changed(stem, change), ending, kind)


def _changed(stem: str, change: str) -> str:
    """ "dol" with "ue" is "duel"."""
    if not change:
        return stem
    at = max(stem.rfind(vowel) for vowel in ("o" if change == "ue" else "e"))
    return stem[:at] + change + stem[at + 1 :]


def _joined(stem: str, ending: str, kind: str) -> str:
    if kind == "ar" and ending.startswith("e"):
        for letter, before_e in BEFORE_E:
            if stem.endswith(letter):
                return stem.removesuffix(letter) + before_e + ending
    return stem + ending
