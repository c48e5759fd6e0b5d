"""Who is the sick one, and which facts are about somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ayni.qhali.extraction.age import Age, age_in
from ayni.qhali.extraction.assertion import RECENT
from ayni.qhali.extraction.experiencer import Experiencers, Person
from ayni.qhali.extraction.facts import Fact, Status
from ayni.qhali.extraction.lexicon import Sense
from ayni.qhali.extraction.numbers import number_at
from ayni.qhali.extraction.persons import CHILD, SELF, UNKNOWN
from ayni.qhali.extraction.phrases import Match
from ayni.qhali.extraction.reach import sentence_of
from ayni.qhali.extraction.words import Word

MOODS = frozenset(
    {"anxiety", "sadness", "dying", "help-cry", "never-like-this", "visit-request", "repeat-contact"}
)
"""What the teller feels or asks for says nothing of who is sick."""

UNBORN = frozenset(
    [
        "reduced-fetal-movement",
        "harm-baby",
        "membrane-rupture",
        "labour-pains",
        "vaginal-bleeding",
        "pregnancy",
    ]
)
"""What is told of a child in the womb, or of thoughts about one, is the mother's."""

BLEEDING = "vaginal-bleeding"
"""Of a baby it is the mother's only where she is with child."""

MOVES_LESS = "reduced-fetal-movement"
WOMB = ("barrig", "vientre", "embaraz", "gesta", "panz", "dentro", "adentro")

DONE_TO = frozenset(
    {"aggressor-present", "death-threat", "fear-of-return", "child-beaten", "violence-victim"}
)
"""What somebody does to the sick one: whoever is named beside it is the doer."""

MONTHS_PER_YEAR, ADULT_YEARS, BABY_YEARS = 12, 18, 4
UNREAL = (Status.PAST, Status.HYPOTHETICAL)
WELL = frozenset(
    [
        "bien",
        "normal",
        "sano",
        "sana",
        "sanito",
        "sanita",
        "nada",
        "sanos",
        "sanas",
        "tranquilo",
        "tranquila",
        "perfecto",
        "perfecta",
        "gordito",
        "gordita",
        "risueño",
        "risueña",
        "normalita",
        "normalito",
        "feliz",
    ]
)
ONESELF = ("yo", "mio", "mia", "mios", "mias", "nosotros", "nosotras")
ASKING = ("solo", "solamente", "quiero", "quisiera", "necesito", "vengo", "busco")
WELL_WITHIN_WORDS = 5
HAD = ("tuvo", "tubo", "tuvieron", "tenia", "tenian")
STRANGERS = ("vecin", "amig", "compañer", "coleg", "conocid", "alguien", "chicos")
"""People whose illness is told and not brought."""


@dataclass(frozen=True, slots=True)
class Patient:
    """The sick one of a text, and who each fact is about (in the order of the facts)."""

    subject: str
    chosen: Person
    people: tuple[Person, ...]

    def age_below(self, facts: Sequence[Fact]) -> Age | None:
        """What the word for them bounds ("mi bebé"); nothing for a child in the womb."""
        mention = self.chosen.mention
        if mention is None or any(fact.concept in UNBORN for fact in facts):
            return None
        return Age(mention.kin.most_age * MONTHS_PER_YEAR) if mention.kin.most_age < ADULT_YEARS else None

    def without_others(self, facts: Sequence[Fact]) -> list[Fact]:
        """The facts, those of anybody but the patient marked so."""
        return [
            replace(fact, status=Status.OTHER_PERSON) if self._is_other(person, fact) else fact
            for fact, person in zip(facts, self.people, strict=True)
        ]

    def _is_other(self, person: Person, fact: Fact) -> bool:
        if fact.concept in MOODS or fact.status in UNREAL or person.relation == UNKNOWN:
            return False
        if fact.concept in UNBORN and person.relation == CHILD:
            return False
        if self.chosen.relation == UNKNOWN or (fact.concept in DONE_TO and self.chosen.relation != SELF):
            return False
        if self.chosen.relation == SELF:
            return person.relation != SELF
        return person.mention != self.chosen.mention and person.relation != SELF


def patient_of(
    people: Experiencers, words: Sequence[Word], matches: Sequence[Match[Sense]], facts: Sequence[Fact]
) -> Patient:
    """Decides by the first thing that is told of somebody; a crowd is nobody's patient."""
    of_mother = _of_the_mother(facts, words)
    about = tuple(
        _mother(people.of(match.first, match.last), people)
        if fact.concept in of_mother
        else people.of(match.first, match.last)
        for match, fact in zip(matches, facts, strict=True)
    )
    told = [
        (person, match)
        for person, match, fact in zip(about, matches, facts, strict=True)
        if fact.concept not in MOODS and fact.status not in UNREAL and person.relation != UNKNOWN
    ]
    speaker_needs_nothing = _speaker_is_well(people, words) or _asks_for_oneself(words)
    if told and all(
        _is_stranger(person, words) and (speaker_needs_nothing or _is_of_before(match, words))
        for person, match in told
    ):
        return Patient(SELF, Person(SELF), about)
    chosen = _corrected(people, words) or _chosen([person for person, _ in told], people)
    return Patient(chosen.relation, chosen, about)


def _of_the_mother(facts: Sequence[Fact], words: Sequence[Word]) -> frozenset[str]:
    """What is hers beside her child: not the bleeding of whoever is not pregnant, and not how a child moves
    whose age is told ("mi bebé de un mes casi no se mueve")."""
    is_with_child = any(fact.concept in UNBORN - {BLEEDING} for fact in facts)
    age = age_in(words, is_child=True)
    is_born = age is not None and age.months < BABY_YEARS * MONTHS_PER_YEAR
    is_in_womb = any(word.text.startswith(WOMB) for word in words) or _counts_her_months(words)
    not_hers = {MOVES_LESS} if is_born and not is_in_womb else set[str]()
    return UNBORN - not_hers - (set() if is_with_child else {BLEEDING})


def _counts_her_months(words: Sequence[Word]) -> bool:
    """ "Tengo siete meses y mi bebé no patea": whoever writes is grown, the months are those of the womb."""
    counted = (number_at(words, at + 1) for at, word in enumerate(words[:-1]) if word.text == "tengo")
    units = [words[at].text for amount, at in counted if amount is not None and at < len(words)]
    return any(unit.startswith(("mes", "seman")) for unit in units)


def _mother(person: Person, people: Experiencers) -> Person:
    """Whose the child in the womb is, where it is the one named: "mi bebé casi no patea"."""
    if person.mention is None or person.mention.kin.most_age > BABY_YEARS:
        return person
    grown = (each for each in people.possible if each.kin.most_age > BABY_YEARS)
    mother = next(grown, None)
    return Person(mother.kin.relation, mother) if mother else Person(SELF)


def _chosen(told: Sequence[Person], people: Experiencers) -> Person:
    speaks_of_self = any(person.relation == SELF for person in told)
    if speaks_of_self and people.stresses_self:
        return Person(SELF)
    for person in told:
        is_crowd = person.mention is not None and person.mention.is_several
        if not (is_crowd and speaks_of_self):
            return person
    if people.possible:
        first = people.possible[0]
        return Person(first.kin.relation, first)
    return Person(SELF if people.speaks_of_self else UNKNOWN)


def _corrected(people: Experiencers, words: Sequence[Word]) -> Person | None:
    """ "Todo eso lo tiene mi hijita, no yo"."""
    texts = [word.text for word in words]
    for mention in people.possible:
        before, after = texts[max(0, mention.at - 4) : mention.at], texts[mention.at + 1 : mention.at + 9]
        is_named = before[-3:-1] == ["lo", "tiene"] or before[-3:-1] == ["es", "para"]
        is_denied = any(pair in (("no", "yo"), ("no", "soy")) for pair in pairwise(after))
        if is_named or is_denied:
            return Person(mention.kin.relation, mention)
    return None


def _is_stranger(person: Person, words: Sequence[Word]) -> bool:
    if person.mention is None or person.relation != "other":
        return False
    return not _is_told_of_before(words) or words[person.mention.at].text.startswith(STRANGERS)


def _is_told_of_before(words: Sequence[Word]) -> bool:
    """ "Mi vecina tuvo fiebre": what somebody had, and not within the last day."""
    texts = {word.text for word in words}
    return not texts.isdisjoint(HAD) and texts.isdisjoint(RECENT)


def _is_of_before(match: Match[Sense], words: Sequence[Word]) -> bool:
    """Whether the sentence of a phrase says so itself: another sentence of the past is another story."""
    first, end = sentence_of(words, match.first, match.last)
    return _is_told_of_before(words) and any(word.text in HAD for word in words[first:end])


def _asks_for_oneself(words: Sequence[Word]) -> bool:
    """ "Mi vecina convulsionó… yo solo quiero mi cita"."""
    return any(one.text == "yo" and other.text in ASKING for one, other in pairwise(words))


def _speaker_is_well(people: Experiencers, words: Sequence[Word]) -> bool:
    """ "Yo estoy bien", "el mío está sano", "mi hija no tiene nada"."""
    texts = [word.text for word in words]
    own = {mention.at for mention in people.possible if mention.kin.relation == "child"}
    return any(
        (text in ONESELF or at in own) and not WELL.isdisjoint(texts[at + 1 : at + 1 + WELL_WITHIN_WORDS])
        for at, text in enumerate(texts)
    )
