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
BARE_PAIN, BARE_SWELLING, BARE_BLOOD = "bare-pain", "bare-swelling", "bare-blood"
AT_THEIR_PLACE = ("bare-discharge", "bare-redness")
"""What runs out and what is red belongs to the last place named that can have it."""

BARE = (BARE_PAIN, BARE_SWELLING, BARE_BLOOD, *AT_THEIR_PLACE)
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


def resolved(
    words: Sequence[Word], matches: Sequence[Match[Sense]], told: Sequence[str] = ()
) -> list[Match[Sense]]:
    """The matches without idioms, each pain with its place, each strong pain added to the pain before it.

    `told` are the concepts of messages before this one, which a bare word points to when nothing nearer does.
    """
    hidden = frozenset(at for match in matches if match.phrase.meaning.code == IDIOM for at in match.used)
    plain = _exact([match for match in matches if hidden.isdisjoint(match.used)])
    has_accident = any(_is_accident(match, words) for match in plain)
    found: list[Match[Sense]] = []
    for match in plain:
        found += _resolved(match, words, found, told, has_accident=has_accident)
    return found


def _is_accident(match: Match[Sense], words: Sequence[Word]) -> bool:
    before = {word.text for word in words[max(0, match.first - DENIED_WITHIN_WORDS) : match.first]}
    return match.phrase.meaning.code in ACCIDENTS and "no" not in before


def _does_not_move(match: Match[Sense], words: Sequence[Word]) -> bool:
    return any(words[at].text.startswith(("mov", "muev", "levant", "alz")) for at in match.used)


def _resolved(
    match: Match[Sense],
    words: Sequence[Word],
    found: list[Match[Sense]],
    told: Sequence[str],
    *,
    has_accident: bool,
) -> Iterator[Match[Sense]]:
    code = match.phrase.meaning.code
    before = [*told, *(each.phrase.meaning.code for each in found)]
    if code == STRONG_PAIN:
        yield from _made_severe(match, found, told)
    elif code in BARE:
        pointed_at = _pointed_at(code, words, match, before)
        if pointed_at is not None:
            yield _meaning(match, replace(match.phrase.meaning, code=pointed_at))
    elif code == BLEEDING and len(match.used) == 1 and MOTHERS.intersection(before):
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


def _pointed_at(bare: str, words: Sequence[Word], match: Match[Sense], before: Sequence[str]) -> str | None:
    """The symptom that a bare word means, None when nothing before it says so."""
    if bare == BARE_BLOOD:
        return _symptom_before(before)
    if bare in AT_THEIR_PLACE:
        return _place_before(words, match.first, bare)
    if bare == BARE_PAIN and IN_LABOUR.intersection(before):
        return LABOUR
    if bare == BARE_PAIN and BREAST_LUMP in before:
        return BREAST_PAIN
    if OF_THEIR_OWN.intersection(before):
        return None
    place = _place_before(words, match.first, bare)
    return place or (_last_pain(before) if bare == BARE_PAIN else None)


def _last_pain(codes: Sequence[str]) -> str | None:
    return next((code for code in reversed(codes) if code.endswith(PAINS)), None)


def _made_severe(
    match: Match[Sense], found: Sequence[Match[Sense]], told: Sequence[str]
) -> Iterator[Match[Sense]]:
    """The last pain named before, said again as severe."""
    senses = [each.phrase.meaning for each in found if each.phrase.meaning.code.endswith(PAINS)]
    of_before = replace(match.phrase.meaning, code=_last_pain(told) or "")
    pain = senses[-1] if senses else of_before
    if pain.code and not pain.is_denial:
        yield _meaning(match, replace(pain, severity=Severity.SEVERE))


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


def _symptom_before(before: Sequence[str]) -> str | None:
    """The bloody form of the last symptom told that has one."""
    codes = (code for code in reversed(before) if code in _references(BARE_BLOOD))
    return next((_references(BARE_BLOOD)[code] for code in codes), None)
