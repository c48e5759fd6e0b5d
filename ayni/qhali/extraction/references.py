"""What a phrase means by what stands around it: a pain without a place, an arm after a fall."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from ayni.qhali.extraction.facts import Fact, Severity
from ayni.qhali.extraction.lexicon import Sense
from ayni.qhali.extraction.phrases import Match
from ayni.qhali.extraction.tables import data, family, headed_lines
from ayni.qhali.extraction.words import Word

IDIOM, STRONG_PAIN = "idiom", "strong-pain"
BARE = BARE_PAIN, BARE_SWELLING, BARE_BLOOD = "bare-pain", "bare-swelling", "bare-blood"
OF_THEIR_OWN = {"lump", "genital-ulcer", "skin-infection"}
"""Where one of these was told, "no me duele" speaks of it and not of the place it is at."""

PAINS = ("-pain", "headache", "toothache", "sore-throat", "labour-pains")
IN_LABOUR, LABOUR = {"membrane-rupture", "pushing"}, "labour-pains"
BREAST_LUMP, BREAST_PAIN = "breast-lump", "breast-pain"
BLEEDING, VAGINAL_BLEEDING = "bleeding", "vaginal-bleeding"
MOTHERS = frozenset(
    {"pregnancy", "missed-period", "labour-pains", "membrane-rupture", "reduced-fetal-movement"}
)
"""Who tells one of these and speaks of bleeding speaks of it there."""

ACCIDENTS = frozenset({"fall", "head-injury", "fracture-suspected", "crash"})
DENIED_WITHIN_WORDS = 3
AFTER_ACCIDENT = {"limb-weakness": "fracture-suspected"}
"""Who fell and cannot move an arm has hurt it; without an accident it is a weakness."""


def resolved(words: Sequence[Word], matches: Sequence[Match[Sense]]) -> list[Match[Sense]]:
    """The matches without idioms, each pain with its place, each strong pain added to the pain before it."""
    hidden = frozenset(at for match in matches if match.phrase.meaning.code == IDIOM for at in match.used)
    plain = _exact([match for match in matches if hidden.isdisjoint(match.used)])
    has_accident = any(_is_accident(match, words) for match in plain)
    found: list[Match[Sense]] = []
    for match in plain:
        found += _resolved(match, words, found, has_accident=has_accident)
    return found


def _is_accident(match: Match[Sense], words: Sequence[Word]) -> bool:
    before = {word.text for word in words[max(0, match.first - DENIED_WITHIN_WORDS) : match.first]}
    return match.phrase.meaning.code in ACCIDENTS and "no" not in before


def _does_not_move(match: Match[Sense], words: Sequence[Word]) -> bool:
    return any(words[at].text.startswith(("mov", "muev", "levant", "alz")) for at in match.used)


def _resolved(
    match: Match[Sense], words: Sequence[Word], before: list[Match[Sense]], *, has_accident: bool
) -> Iterator[Match[Sense]]:
    code = match.phrase.meaning.code
    if code == STRONG_PAIN:
        yield from _made_severe(match, before)
    elif code in BARE:
        pointed_at = _pointed_at(code, words, match, before)
        if pointed_at is not None:
            yield _meaning(match, replace(match.phrase.meaning, code=pointed_at))
    elif code == BLEEDING and len(match.used) == 1 and _are_mothers(before):
        yield _meaning(match, replace(match.phrase.meaning, code=VAGINAL_BLEEDING))
    elif has_accident and code in AFTER_ACCIDENT and _does_not_move(match, words):
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


def _pointed_at(
    bare: str, words: Sequence[Word], match: Match[Sense], before: Sequence[Match[Sense]]
) -> str | None:
    """The symptom that a bare word means, None when nothing before it says so."""
    told = {each.phrase.meaning.code for each in before}
    if bare == BARE_BLOOD:
        return _symptom_before(before)
    if bare == BARE_PAIN and told & IN_LABOUR:
        return LABOUR
    if bare == BARE_PAIN and BREAST_LUMP in told:
        return BREAST_PAIN
    return None if told & OF_THEIR_OWN else _place_before(words, match.first, bare)


def _made_severe(match: Match[Sense], before: Sequence[Match[Sense]]) -> Iterator[Match[Sense]]:
    """The last pain named before, said again as severe."""
    pains = (each for each in reversed(before) if each.phrase.meaning.code.endswith(PAINS))
    pain = next(pains, None)
    if pain is not None and not pain.phrase.meaning.is_denial:
        yield _meaning(match, replace(pain.phrase.meaning, severity=Severity.SEVERE))


def _meaning(match: Match[Sense], sense: Sense) -> Match[Sense]:
    return replace(match, phrase=replace(match.phrase, meaning=sense))


@cache
def _references(bare: str) -> dict[str, str]:
    """What a bare word points to, by family of places or by symptom told before."""
    rows = (
        line.split(" = ") for heading, line in headed_lines(data("site_references.txt")) if heading == bare
    )
    return {row[0]: row[1] for row in rows}


def _place_before(words: Sequence[Word], position: int, bare: str) -> str | None:
    """The symptom of the last place named before a position."""
    for word in reversed(words[:position]):
        for place, code in _references(bare).items():
            if family(place).fits(word):
                return code
    return None


def _are_mothers(before: Sequence[Match[Sense]]) -> bool:
    return any(match.phrase.meaning.code in MOTHERS for match in before)


def _symptom_before(before: Sequence[Match[Sense]]) -> str | None:
    """The bloody form of the last symptom told that has one."""
    codes = (match.phrase.meaning.code for match in reversed(before))
    return next((_references(BARE_BLOOD)[code] for code in codes if code in _references(BARE_BLOOD)), None)
