"""What a phrase means by what stands around it: a pain without a place, an arm after a fall."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from ayni.qhali.extraction.facts import Fact, Severity
from ayni.qhali.extraction.lexicon import Sense
from ayni.qhali.extraction.phrases import Match, Step
from ayni.qhali.extraction.tables import data, family
from ayni.qhali.extraction.words import Word

IDIOM, BARE_PAIN, STRONG_PAIN = "idiom", "bare-pain", "strong-pain"
PAINS = ("-pain", "headache", "toothache", "sore-throat", "labour-pains")
IN_LABOUR, LABOUR = {"membrane-rupture", "pushing"}, "labour-pains"
ACCIDENTS = frozenset({"fall", "head-injury", "fracture-suspected", "crash"})
AFTER_ACCIDENT = {"limb-weakness": "fracture-suspected"}
"""Who fell and cannot move an arm has hurt it; without an accident it is a weakness."""


def resolved(words: Sequence[Word], matches: Sequence[Match[Sense]]) -> list[Match[Sense]]:
    """The matches without idioms, each pain with its place, each strong pain added to the pain before it."""
    hidden = frozenset(at for match in matches if match.phrase.meaning.code == IDIOM for at in match.used)
    plain = _exact([match for match in matches if hidden.isdisjoint(match.used)])
    has_accident = any(match.phrase.meaning.code in ACCIDENTS for match in plain)
    found: list[Match[Sense]] = []
    for match in plain:
        found += _resolved(match, words, found, has_accident=has_accident)
    return found


def _resolved(
    match: Match[Sense], words: Sequence[Word], before: list[Match[Sense]], *, has_accident: bool
) -> Iterator[Match[Sense]]:
    code = match.phrase.meaning.code
    if code == STRONG_PAIN:
        yield from _made_severe(match, before)
    elif code == BARE_PAIN:
        place = (
            LABOUR
            if {each.phrase.meaning.code for each in before} & IN_LABOUR
            else _place_before(words, match.first)
        )
        if place is not None:
            yield _meaning(match, replace(match.phrase.meaning, code=place))
    elif has_accident and code in AFTER_ACCIDENT:
        yield _meaning(match, replace(match.phrase.meaning, code=AFTER_ACCIDENT[code]))
    else:
        yield match


@cache
def _vaguer() -> dict[str, frozenset[str]]:
    lines = data("more_exact.txt").read_text("utf-8").splitlines()
    rows = (line.split(" = ") for line in lines if " = " in line and not line.startswith("#"))
    return {vague: frozenset(exact.split()) for vague, exact in rows}


def _exact(matches: Sequence[Match[Sense]]) -> list[Match[Sense]]:
    """The matches without each vague one whose words an exact one shares."""
    return [match for match in matches if not any(_says_more(other, match) for other in matches)]


def answering(facts: Sequence[Fact], asked: str) -> list[Fact]:
    """ "¿Bota sangre al toser?" "sangre no boto": a vague word answers what was asked."""
    return [
        replace(fact, concept=asked) if asked in _vaguer().get(fact.concept, ()) else fact for fact in facts
    ]


def _says_more(other: Match[Sense], match: Match[Sense]) -> bool:
    is_exact = other.phrase.meaning.code in _vaguer().get(match.phrase.meaning.code, ())
    return is_exact and not set(match.used).isdisjoint(other.used)


def _made_severe(match: Match[Sense], before: Sequence[Match[Sense]]) -> Iterator[Match[Sense]]:
    """The last pain named before, said again as severe."""
    pains = (each for each in reversed(before) if each.phrase.meaning.code.endswith(PAINS))
    pain = next(pains, None)
    if pain is not None and not pain.phrase.meaning.is_denial:
        yield _meaning(match, replace(pain.phrase.meaning, severity=Severity.SEVERE))


def _meaning(match: Match[Sense], sense: Sense) -> Match[Sense]:
    return replace(match, phrase=replace(match.phrase, meaning=sense))


@cache
def _places() -> tuple[tuple[Step, str], ...]:
    lines = data("site_pain.txt").read_text("utf-8").splitlines()
    rows = (line.split(" = ") for line in lines if " = " in line and not line.startswith("#"))
    return tuple((family(name), code) for name, code in rows)


def _place_before(words: Sequence[Word], position: int) -> str | None:
    """The pain of the last place named before a position."""
    for word in reversed(words[:position]):
        for place, code in _places():
            if place.fits(word):
                return code
    return None
