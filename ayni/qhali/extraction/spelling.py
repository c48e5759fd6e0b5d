"""How a word sounds and what it is a form of, so that spelling and endings do not matter.

"kiero", "quiero"; "bomito", "vómito"; "fiebrecita", "fiebre": one key each. Only matching uses it.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_SOUNDS = tuple(
    pair.split("=")
    for pair in [
        "ch=C",
        "qu=k",
        "q=k",
        "ge=je",
        "gi=ji",
        "gy=jy",
        "gue=ge",
        "gui=gi",
        "ce=se",
        "ci=si",
        "cy=sy",
        "z=s",
        "ç=s",
        "c=k",
        "ll=y",
        "ia=ya",
        "ie=ye",
        "io=yo",
        "iu=yu",
        "h=",
        "ñ=N",
        "w=gu",
        "v=b",
        "x=s",
        "mb=nb",
        "mp=np",
    ]
)
"""Spelling and sound, one after the other: what comes first is no longer there for what follows."""

_TWICE = re.compile(r"(.)\1+")

_OPEN_ENDINGS = {
    "gu": ("a", "e"),
    "qu": ("e",),
    "c": ("a", "e"),
    "g": ("a", "e"),
    "i": ("a", "t"),
    "m": ("a", "p"),
}
"""Letters whose sound depends on the next one, with a follower for each sound."""

HARD = (
    "pic", "toc", "sac", "hinc", "choc", "marc", "atac", "ronc", "rasc", "volc", "arranc", "brinc", "chanc",
    "tranc", "atasc", "aplic", "explic", "ahorc", "trag", "peg", "pag", "lleg", "ahog", "jug", "apag", "colg",
    "castig",
)  # fmt: skip
"""Beginnings of verbs in -car and -gar, whose last letter stays hard: "pic~" is never "pise"."""

AS_SPELLED = "-"
"""Ends the key of a word that stands for itself alone (`spelled_so.txt`); no word ends so."""

NEEDS_TILDE = ("año", "uña", "caña", "baño", "sueña", "peña", "paño")
"""Beginnings of words that are other words without their tilde; all others may be written without it."""

_SMALL = re.compile(r"(?P<base>\w{2,}?)it(?P<end>[ao]s?)|(?P<very>\w{3,}?)isim[ao]s?")
BABY = ("bebit", "bebes", "bebecit", "bebot")
GENDER_LETTERS_MIN = 5
PLURAL_LETTERS_MIN = 4
CLUSTER_LETTERS_MIN = 5
""""Fiebrecita" is a fiebre, "cabecita" a cabeza."""


@cache
def _chat_spellings() -> dict[str, str]:
    text = files("ayni.qhali.extraction").joinpath("data", "spellings.txt").read_text("utf-8")
    pairs = (line.split("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {typed.strip(): meant.strip() for many, meant in pairs for typed in many.split()}


def written_out(word: str) -> str:
    """The word a chat spelling stands for ("xq" → "porque"); any other word as it is."""
    return _chat_spellings().get(word, word)


def key_of(word: str) -> str:
    """How a folded word sounds in Peru: b/v, s/c/z, ll/y, g/j, k/qu, silent h."""
    if word[:1].isdecimal():
        return word
    if word.removesuffix(AS_SPELLED) in _spelled_so():
        return word.removesuffix(AS_SPELLED) + AS_SPELLED
    for spelling, sound in _SOUNDS:
        if spelling in word:
            word = word.replace(spelling, sound)
    return _TWICE.sub(r"\1", word)


def spellings_of(word: str) -> tuple[str, ...]:
    """The word, and as it is typed where the keyboard has no ñ."""
    return (word,) if "ñ" not in word or word.startswith(NEEDS_TILDE) else (word, word.replace("ñ", "n"))


def keys_of_beginning(beginning: str) -> Iterator[str]:
    """How the beginning of a word may sound: the sound of its last letter can depend on the next one."""
    if beginning.endswith(HARD):
        yield key_of(beginning + "a").removesuffix("a")
        return
    for ending, followers in _OPEN_ENDINGS.items():
        if beginning.endswith(ending):
            keys = (key_of(beginning + follower).removesuffix(key_of(follower)) for follower in followers)
            yield from (key for key in keys if len(key) >= len(key_of(beginning)) - (ending == "qu"))
            return
    yield key_of(beginning)


def stem_of(word: str) -> str:
    """A word without diminutive, superlative, plural and gender; short words keep their last vowel."""
    if word in _spelled_so():
        return word + AS_SPELLED
    word = "bebe" if word.startswith(BABY) else _written_large(word)
    if len(word) >= PLURAL_LETTERS_MIN and word.endswith("s"):
        word = (
            word[:-2] if word.endswith(("res", "nes", "les", "des", "ces")) and len(word) > 5 else word[:-1]
        )
    return word[:-1] if len(word) >= GENDER_LETTERS_MIN and word[-1] in "aeo" else word


def _written_large(word: str) -> str:
    """ "cabecita" → "cabeza", "barriguita" → "barriga", "dolorcito" → "dolor", "palidísima" → "palida"."""
    found = _SMALL.fullmatch(word) if len(word) > GENDER_LETTERS_MIN else None
    if found is None or word in _large_words():
        return word
    base, ending = found["base"] or found["very"], (found["end"] or "a")[0]
    if base.endswith(("rc", "nc", "rs", "ns")) and len(base) >= CLUSTER_LETTERS_MIN:
        return base[:-1]
    if base.endswith("ec") and len(base) > CLUSTER_LETTERS_MIN:
        return base.removesuffix("ec") + "e"
    for small, large in (("gu", "g"), ("qu", "c"), ("c", "z")):
        if base.endswith(small):
            return base.removesuffix(small) + large + ending
    return base + ending


@cache
def _large_words() -> frozenset[str]:
    """Words that only look like a diminutive."""
    text = files("ayni.qhali.extraction").joinpath("data", "not_small.txt").read_text("utf-8")
    return frozenset(text.split())


@cache
def _spelled_so() -> frozenset[str]:
    """Words that sound like another and are not it."""
    text = files("ayni.qhali.extraction").joinpath("data", "spelled_so.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())
