"""How strong: words of intensity near a symptom."""

from collections.abc import Sequence
from itertools import pairwise

from ayni.qhali.extraction.facts import Severity
from ayni.qhali.extraction.words import Word

REACH_WORDS = 4
STRONG = (
    "fuert", "intens", "insoport", "horribl", "terribl", "muchisim", "demasiad", "abundant", "espantos",
    "tremend", "fortisim", "bastant", "brav", "hart", "feisim", "atroz",
)  # fmt: skip
MIDDLING = ("moderad", "regular", "median")
SLIGHT = ("lev", "poquit", "ligerit", "suavecit", "suav", "liger", "apenit")
NOT_BEYOND = frozenset({".", ";", "?", "!", ",", "y", "pero", "ni", "no", "sin"})


def severity_near(words: Sequence[Word], first: int, last: int) -> Severity | None:
    """The severity said within a few words of the positions `first` to `last`; None when nothing is said.

    "Dolorcito" is mild in form only, so a diminutive counts for nothing.
    """
    before = _until_stop(words[max(0, first - REACH_WORDS) : first][::-1])
    inside = [word.text for word in words[first : last + 1]]
    near = [*before, *inside, *_until_stop(words[last + 1 : last + 1 + REACH_WORDS])]
    if any(text.startswith(STRONG) for text in near) or ("no", "aguanto") in pairwise(near):
        return Severity.SEVERE
    if any(text.startswith(MIDDLING) for text in near):
        return Severity.MODERATE
    return Severity.MILD if any(text.startswith(SLIGHT) for text in near) else None


def _until_stop(words: Sequence[Word]) -> list[str]:
    texts: list[str] = []
    for word in words:
        if word.text in NOT_BEYOND:
            break
        texts.append(word.text)
    return texts
