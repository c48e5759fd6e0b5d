"""text → what it says. The interface stays when the rules grow or a model stands beside them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ayni.qhali.extraction.age import Age, age_in
from ayni.qhali.extraction.assertion import Assertions
from ayni.qhali.extraction.bare_answer import bare_answer
from ayni.qhali.extraction.bystanders import in_danger
from ayni.qhali.extraction.experiencer import Experiencers
from ayni.qhali.extraction.facts import Fact, Severity, Status
from ayni.qhali.extraction.folk import FolkTerm, folk_terms
from ayni.qhali.extraction.lexicon import Sense, lexicon
from ayni.qhali.extraction.likeness import likenesses
from ayni.qhali.extraction.measurements import Measurement, measurements
from ayni.qhali.extraction.obstetric import Obstetric, obstetric
from ayni.qhali.extraction.onset import Onset, onsets
from ayni.qhali.extraction.onset_of_list import (
    Mention,
    lasting,
    led_by,
    told_before,
    with_onsets_of_lists,
)
from ayni.qhali.extraction.patient import patient_of
from ayni.qhali.extraction.persons import CHILD, UNKNOWN
from ayni.qhali.extraction.phrasebook import HARD_STOPS, SOFT_STOPS
from ayni.qhali.extraction.phrases import Match
from ayni.qhali.extraction.reach import CLITICS
from ayni.qhali.extraction.references import answering, resolved
from ayni.qhali.extraction.resemblance import resemblances
from ayni.qhali.extraction.severity import severity_near
from ayni.qhali.extraction.site import site_near
from ayni.qhali.extraction.story import BEGINS, Story
from ayni.qhali.extraction.temperature import with_temperature
from ayni.qhali.extraction.words import Word, in_one_line, words_of

NOTHING_TOLD = Obstetric()
CLAUSE_ENDS = HARD_STOPS | SOFT_STOPS

BIRTHS = frozenset({"postpartum", "pregnancy", "earlier-contact"})
"""Whose time is not that of what is told beside them."""

ANEW = frozenset({"si", "tengo", "tiene", "estoy"})
"""With one of these, as with "me" or "le", a statement begins."""

SMALL_CHILD_MONTHS = 60
FEEDING = ("not-feeding", "loss-of-appetite")
"""The same thing in a small child and in anybody else."""

CRYING = "irritable-crying"
MENTIONS_MAX = 10
"""Who names the same thing oftener in one answer says nothing new by it. The bound is for each thing and not
for the answer: a flood of one word costs little, and a danger named after it is heard."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one turn says: facts, who is sick (`self`, `child`, `parent`, `partner`, `other`, `unknown`),
    how old (or only below which age: "mi bebé"), what was measured, how far a pregnancy or childbed is, and
    the people's own names for it."""

    facts: tuple[Fact, ...]
    subject: str = UNKNOWN
    age: Age | None = None
    measured: tuple[Measurement, ...] = ()
    obstetric: Obstetric = NOTHING_TOLD
    folk_terms: tuple[FolkTerm, ...] = ()
    age_below: Age | None = None


def understand(
    text: str, *, turn: int, asked: str | None = None, today: date, story: Story | None = BEGINS
) -> Understanding:
    """Everything one turn says.

    `asked` is the concept of the question just put, so that a bare "no" or "sí" is an answer to it.
    `today` is the day of the turn, from which "hace tres días" counts back.
    `story` is what the turn goes on from; None: it only answers. An answer is half a sentence, and what
    something is like was learnt of whole ones, so that only phrases are read in it.
    """
    words = list(in_one_line(words_of(text)))
    found = list(_first_mentions(lexicon().find(words)))
    matches = resolved(words, found, story.told if story else ())
    matches += likenesses(words, found) if story and asked is None else ()
    people, times = Experiencers(words), onsets(words, today)
    reading = _Reading(
        text, words, Assertions(words, found), times, _of_birth(words, found, times), turn, matches
    )
    mentions = [Mention(match, reading.fact(match)) for match in matches]
    listed = with_onsets_of_lists(words, mentions, reading.onsets)
    facts = led_by(words, listed, reading.led)
    patient = patient_of(people, words, matches, facts)
    named, facts = facts, patient.without_others(facts)
    facts += in_danger(named, facts, words)
    measured = _measured_now(words, reading.assertions)
    age = age_in(words, is_child=patient.subject == CHILD)
    facts = lasting(with_temperature(facts, measured, text, turn), reading.led)
    facts = _of_their_age(_once_each(facts), patient.subject, age)
    if asked is not None:
        facts = _answering(facts, asked, reading, matches)
    elif story is not None:
        facts += [] if facts else told_before(text, words, times, story.told, turn)
        facts += resemblances(text, words, turn, story.messages)
    return Understanding(
        facts=tuple(facts),
        subject=patient.subject,
        age=age,
        age_below=patient.age_below(facts),
        measured=tuple(measured),
        obstetric=obstetric(words),
        folk_terms=tuple(folk_terms(text, words)),
    )


def _answering(
    facts: Sequence[Fact], asked: str, reading: "_Reading", matches: Sequence[Match[Sense]]
) -> list[Fact]:
    """The facts of an answer, with that of a bare "no" or "sí"."""
    told = answering(facts, asked)
    if asked in {fact.concept for fact in told}:
        return told
    taken = frozenset(position for match in matches for position in match.used)
    return told + bare_answer(reading.text, reading.words, taken, turn=reading.turn, asked=asked)


def _measured_now(words: Sequence[Word], assertions: Assertions) -> list[Measurement]:
    """The measured values, without those of the past and those only thought of."""
    place = {word.start: at for at, word in enumerate(words)}
    return [value for value in measurements(words) if not assertions.is_unreal_at(place[value.start])]


def extract(text: str, *, turn: int, asked: str | None = None, today: date) -> list[Fact]:
    """The facts of one turn, in reading order; `understand` without the rest."""
    return list(understand(text, turn=turn, asked=asked, today=today).facts)


def _of_birth(words: Sequence[Word], matches: Sequence[Match[Sense]], times: Sequence[Onset]) -> list[Onset]:
    """The times that say since when somebody has been pregnant or delivered."""
    told = [words[at] for match in matches if match.phrase.meaning.code in BIRTHS for at in match.used]
    return [time for time in times if any(time.start <= word.start < time.end for word in told)]


def _first_mentions(matches: Iterable[Match[Sense]]) -> Iterator[Match[Sense]]:
    """Every match up to the bound of its own sense."""
    mentions: Counter[Sense] = Counter()
    for match in matches:
        mentions[match.phrase.meaning] += 1
        if mentions[match.phrase.meaning] <= MENTIONS_MAX:
            yield match


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text, with what is read of it as a whole and once."""

    text: str
    words: Sequence[Word]
    assertions: Assertions
    onsets: Sequence[Onset]
    of_birth: Sequence[Onset]
    turn: int
    matches: Sequence[Match[Sense]] = ()

    @property
    def led(self) -> Sequence[Onset]:
        """The times that are not those of a birth."""
        return [onset for onset in self.onsets if onset not in self.of_birth]

    def fact(self, match: Match[Sense]) -> Fact:
        """What one match says."""
        first, last = _clause(self.words, match)
        start, end = self.words[first].start, self.words[last].end
        sense, assertion = match.phrase.meaning, self.assertions.about(match)
        onset = next((each for each in self.onsets if start < each.end and each.start < end), None)
        if onset in self.of_birth and sense.code not in BIRTHS:
            onset = None  # "dio a luz hace tres días y convulsiona": the three days are the birth's
        if assertion.status is Status.ABSENT or (onset and self._is_of_another(onset, match, start)):
            onset = None  # what is not there has no beginning
        return Fact(
            concept=sense.code,
            status=assertion.status,
            is_likely=assertion.is_likely,
            quote=self.text[start:end],
            turn=self.turn,
            start=start,
            end=end,
            since=onset.since if onset else None,
            duration=onset.duration if onset and assertion.status is not Status.PAST else None,
            site=site_near(self.text, self.words, match.first, match.last),
            severity=sense.severity or severity_near(self.words, match.first, match.last),
        )

    def _is_of_another(self, onset: Onset, match: Match[Sense], start: int) -> bool:
        """ "Me quemé el brazo hace dos horas me salieron ampollas": the time is that of what came before."""
        following = next((word.text for word in self.words if word.start >= onset.end), "")
        is_after = self.words[match.first].start >= onset.end and following in CLITICS | ANEW
        return is_after and any(start <= self.words[other.last].start < onset.start for other in self.matches)


def _clause(words: Sequence[Word], match: Match[Sense]) -> tuple[int, int]:
    """The clause around a match, so that the reader of the quote sees how it was said."""
    first, last = match.first, match.last
    while first > 0 and words[first - 1].text not in CLAUSE_ENDS:
        first -= 1
    while last + 1 < len(words) and words[last + 1].text not in CLAUSE_ENDS:
        last += 1
    return first, last


def _once_each(facts: Sequence[Fact]) -> list[Fact]:
    """One fact per concept and status: the citizen's first words for it, and the gravest of what they add.

    What is affirmed and denied in one breath is affirmed.
    """
    once: dict[tuple[str, Status], Fact] = {}
    for fact in facts:
        first = once.setdefault((fact.concept, fact.status), fact)
        if first.since is None and fact.since is not None:
            first = replace(first, since=fact.since, duration=fact.duration)
        if fact.severity is Severity.SEVERE:
            first = replace(first, severity=Severity.SEVERE)
        once[fact.concept, fact.status] = first
    return [
        fact
        for key, fact in once.items()
        if key[1] is not Status.ABSENT or (key[0], Status.PRESENT) not in once
    ]


def _of_their_age(facts: Sequence[Fact], subject: str, age: Age | None) -> list[Fact]:
    """ "No come" is feeding in a small child and appetite in anybody else, whose crying is no symptom."""
    if age is None and subject == UNKNOWN:
        return list(facts)
    is_small = age.months < SMALL_CHILD_MONTHS if age else subject == "child"
    unfit, fit = FEEDING[::-1] if is_small else FEEDING
    told = {fact.concept for fact in facts}
    if not is_small and "dysphagia" in told:
        facts = [fact for fact in facts if fact.concept != unfit]
    renamed = [replace(fact, concept=fit) if fact.concept == unfit else fact for fact in facts]
    return [fact for fact in _once_each(renamed) if is_small or fact.concept != CRYING]
