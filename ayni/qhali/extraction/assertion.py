"""Whether a thing that was named is affirmed, denied, past, doubtful or only thought of.

Cues with a scope, in the manner of NegEx and ConText (Chapman 2001, Harkema 2009), with the care citizens'
language asks for: a phrase that itself holds a negation ("no puedo respirar") is never denied, a new
statement ("me duele…", "pero") ends a denial even without a comma, and "ya no" is past, not absent.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from ayni.qhali.extraction.facts import Status
from ayni.qhali.extraction.imagined import imagined, impersonal_before
from ayni.qhali.extraction.jest import jesting
from ayni.qhali.extraction.lexicon import SIGNS, Sense
from ayni.qhali.extraction.long_ago import told_of_long_ago, told_of_years_ago
from ayni.qhali.extraction.persons import mentions
from ayni.qhali.extraction.phrasebook import HARD_STOPS, Phrasebook
from ayni.qhali.extraction.phrases import Match, phrases
from ayni.qhali.extraction.reach import (
    CLOSERS,
    JOINTS,
    NOW,
    after_denial,
    after_never,
    begins_now,
    doubted_after,
    ends_at,
    reach_of,
    sentence_of,
)
from ayni.qhali.extraction.tables import data, families, headed_lines
from ayni.qhali.extraction.verbs import of_the_past
from ayni.qhali.extraction.wondered import wondered
from ayni.qhali.extraction.words import Word

RECENT = frozenset(
    [
        "hoy",
        "ayer",
        "anoche",
        "rato",
        "ratito",
        "ahorita",
        "recien",
        "madrugada",
        "minuto",
        "minutos",
        "hora",
        "horas",
        "mañana",
        "tempranito",
        "temprano",
        "horita",
        "horitas",
        "ratitos",
        "minutito",
        "minutitos",
        "denante",
        "denantes",
        "endenantes",
    ]
)
PASSING = frozenset(
    [
        "facial-droop",
        "limb-weakness",
        "speech-difficulty",
        "seizure",
        "fainting",
        "vision-loss",
        "numbness",
        "confusion",
        "choking",
        "chest-pain",
        "suicide-attempt",
        "dyspnea",
        "unconscious",
    ]
)
"""What may be over and yet must be seen when it happened within the last day."""

EXPOSURES = frozenset(
    {"warm-zone", "malaria-valley", "travel", "recent-ascent", "long-trip", "animal-bite"}
    | {"immunosuppressed", "cancer", "recent-surgery", "immobility", "worse-after-fever"}
    | {"sexual-violence", "child-beaten"}
)
"""What is over and yet may be behind the trouble of today: "estuve en Jaén la semana pasada"."""

HARM_LATER = frozenset(
    {"medication-overdose", "poison-ingestion", "fuel-ingestion", "swallowed-battery", "suicide-attempt"}
    | {"snake-bite", "spider-bite", "suicide-plan", "suicide-wish", "sexual-violence"}
)
"""What does its harm after hours, however well somebody feels now."""

SWALLOWED = frozenset(
    {"medication-overdose", "poison-ingestion", "fuel-ingestion", "swallowed-battery", "swallowed-object"}
)
SWALLOWING = ("tom", "trag", "beb", "ingi", "chup", "pas")

BIRTHS = frozenset({"postpartum"})
"""Whose time is not the time of what follows: "di a luz la semana pasada y tengo fiebre"."""

DENYING = ("absent", "past")
""""No", "ya no": what they reach and says "no" itself is told anew ("ya no llora, no recibe nada")."""

NEGATIONS = frozenset({"no", "ni", "sin", "nunca", "jamas", "tampoco"})
DENIALS_WITHIN = (NEGATIONS | {"nadie"}) - {"sin"}
""""Llora sin parar" is no denial of crying."""

NOBODY = frozenset({"nadie", "ninguno", "ninguna"})
"""Who is none of them may be named before the verb: "ninguno de la casa anda mareado"."""

INFINITIVES = ("ar", "er", "ir", "arse", "erse", "irse")
ASKING = frozenset({"si", "que", "como", "cuanto", "cuanta", "es", "sera", "seria"})
"""Words that begin a question of how it would be."""

EFFORTS = ("dificultad", "problema", "esfuerzo", "molestia", "novedad")
"""Whoever does a thing without them does it well."""

DENIED_WITHIN_WORDS = 8
"""So near after it, a word of the phrase is what is denied."""

YET = frozenset({"pero", "aunque", "solo", "solamente", "sino", "todavia", "aun", "sigue", "sigo"})
""""Ya se me pasó la tos, pero me ahogo": what follows one of these is not over."""

UNREAL = frozenset({Status.PAST.value, Status.HYPOTHETICAL.value})

IS_OLD = frozenset({"tiene", "cumplio", "cumple", "va", "tienen"})

LOST = ("quito", "fue")
"""What is said of an appetite or a voice that went away, and is no end of the trouble."""

PRECEDENCE = (Status.HYPOTHETICAL, Status.PAST, Status.ABSENT, Status.UNCERTAIN)
"""The first that is found wins: whether it is real at all matters before when it was."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What a cue says (`likely` is a doubt that still warns), and how far it reaches."""

    status: str
    scope: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """The status of one match; `is_likely` for a doubt that warns."""

    status: Status
    is_likely: bool = False


@cache
def _cues() -> Phrasebook[Cue]:
    told = {**families(), "told": [f"={form}" for form in of_the_past()]}
    return Phrasebook(
        each
        for heading, line in headed_lines(data("cues.txt"))
        for each in phrases(line, Cue(*heading.split()), told)
    )


class Assertions:
    """The cues of one text. `matches` are its phrases of the lexicon: a "no" inside an idiom is no cue."""

    def __init__(self, words: Sequence[Word], matches: Sequence[Match[Sense]]) -> None:
        self._words, self._texts = words, [word.text for word in words]
        self._is_recent = not RECENT.isdisjoint(self._texts)
        senses = ((match, match.phrase.meaning) for match in matches)
        idioms = [match for match, sense in senses if sense.layer != SIGNS and not sense.is_denial]
        self._taken = frozenset(at for match in idioms for at in match.used if self._texts[at] in NEGATIONS)
        births = frozenset(
            at for match in matches if match.phrase.meaning.code in BIRTHS for at in match.used
        )
        cues = [cue for cue in _cues().find(words) if _is_whole(cue, self._taken)]
        is_grown = _is_years_old(self._texts)
        cues = [cue for cue in cues if is_grown or cue.phrase.meaning.scope != "born"]
        cues = [
            cue for cue in cues if is_grown or births.isdisjoint(cue.used) or not self._is_of_a_birth(cue)
        ]
        lost = frozenset(at for match in idioms for at in match.used if self._texts[at] in LOST)
        cues = [cue for cue in cues if cue.last not in lost or cue.phrase.meaning.scope != "resolved"]
        cues = [cue for cue in cues if cue.phrase.meaning.scope != "ended" or ends_at(words, cue.last + 1)]
        self._dates = [cue for cue in cues if cue.phrase.meaning.scope == "past"]
        self._people = mentions(words)
        self._said = [(cue, self._range(cue)) for cue in cues]
        self._is_told_of_now = any(cue.phrase.meaning.scope == "text" for cue in cues)
        self._jest = jesting(words) or range(0)
        self._imagined = [*imagined(words), *wondered(words)]

    def _is_of_a_birth(self, cue: Match[Cue]) -> bool:
        """ "Di a luz la semana pasada y tengo fiebre"; but a birth years ago is a story of the past."""
        is_long_ago = any(self._texts[at] in ("año", "años", "meses") for at in cue.used)
        return cue.phrase.meaning.status == "past" and not is_long_ago

    def _range(self, cue: Match[Cue]) -> range:
        scope = cue.phrase.meaning.scope
        if scope in ("forward", "double"):
            is_doubt = cue.phrase.meaning.status in ("uncertain", "likely")
            names_subject = is_doubt or self._texts[cue.last] in NOBODY
            end = reach_of(self._words, cue.last, names_subject=names_subject)
            return range(cue.last + 1, self._denied_anew(cue, end))
        first, end = sentence_of(self._words, cue.first, cue.last)
        if scope in ("ended", "before", "swallowed", "untaken"):
            return range(first, cue.first)
        if scope == "purpose":
            return range(impersonal_before(self._words, first), end)
        if scope in ("sentence", "later"):
            return range(cue.first, end)
        return self._past_range(cue, first, end)

    def _denied_anew(self, cue: Match[Cue], end: int) -> int:
        """ "Ya no sale sangre ni he tenido escalofríos": what follows never was."""
        if cue.phrase.meaning.status != Status.PAST.value:
            return end
        return next((at for at in range(cue.last + 1, end) if after_never(self._texts, at)), end)

    def _past_range(self, cue: Match[Cue], first: int, end: int) -> range:
        """The sentence around a cue of the past, between what the citizen says of now.

        "Me rompí el brazo hace tres meses y me operaron. Ya está bien": what is over ends the whole story.
        """
        if cue.phrase.meaning.scope == "resolved" and not self._is_recent:
            first = self._story_begins(first)
        if cue.phrase.meaning.scope == "resolved":
            first = self._begins_of_another(first, cue.first)
        before = [at for at in range(first, cue.first) if self._is_of_now(at) and at not in cue.used]
        is_over = cue.phrase.meaning.scope == "resolved"
        closers = CLOSERS | YET if is_over else CLOSERS
        rest = range(cue.last + 1, end)
        after = [at for at in rest if self._texts[at] in closers or begins_now(self._texts, at)]
        return range(before[-1] if before else first, after[0] if after else end)

    def _begins_of_another(self, first: int, at: int) -> int:
        """Where the clause begins that says of somebody else that all is well: "…, mi mamá está sana"."""
        joints = (place for place in range(at - 1, first, -1) if self._texts[place] in JOINTS)
        clause = next(joints, first - 1) + 1
        named = {self._words[each.at].stem for each in self._people if first <= each.at < clause}
        here = [self._words[each.at].stem for each in self._people if clause <= each.at < at]
        return clause if named and here and named.isdisjoint(here) else first

    def _story_begins(self, first: int) -> int:
        """Where the sentences before `first` begin that tell of the past themselves, one after the other."""
        while first > 0:
            begins, _ = sentence_of(self._words, first - 1, first - 1)
            if not self._tells_of_the_past(begins, first):
                return first
            first = begins
        return first

    def _tells_of_the_past(self, first: int, end: int) -> bool:
        """Whether a sentence says itself that it was long ago, and nothing of now."""
        told = self._texts[first:end]
        dates = {cue.phrase.meaning.status for cue in self._dates if first <= cue.first < end}
        is_dated = "past" in dates or ("hace" in told and "desde" not in told and told_of_long_ago(told))
        return is_dated and "present" not in dates and NOW.isdisjoint(told)

    def _is_of_now(self, at: int) -> bool:
        """Whether a position ends what is told of now: "no puedo respirar, el mes pasado tuve fiebre"."""
        if self._texts[at] != ",":
            return self._texts[at] in CLOSERS
        clause = list(takewhile(lambda text: text not in HARD_STOPS | {","}, self._texts[:at][::-1]))
        return not NOW.isdisjoint(clause)

    def is_unreal_at(self, position: int) -> bool:
        """Whether the word at a position is told of the past, for fun, or only thought of."""
        return any(position in part for part in (self._jest, *self._imagined)) or any(
            cue.phrase.meaning.status in UNREAL and position in reached for cue, reached in self._said
        )

    def about(self, match: Match[Sense]) -> Assertion:
        """The status of one recognised phrase."""
        said = set(self._said_about(match))
        if "not-past" in said or (match.phrase.meaning.code in EXPOSURES and not self._tells_of_years(match)):
            said -= {"past"}
        if self._is_told_of_now:
            said -= {Status.HYPOTHETICAL.value}
        status = next((status for status in PRECEDENCE if status.value in said), None)
        if status is None and "likely" in said:
            return Assertion(Status.UNCERTAIN, is_likely=True)
        return Assertion(status or Status.PRESENT)

    def _said_about(self, match: Match[Sense]) -> Iterator[str]:
        if match.phrase.meaning.is_denial and not self._is_denied_at_once(match):
            yield Status.ABSENT.value
        if doubted_after(self._words, match.last + 1):
            yield Status.UNCERTAIN.value
        if match.first in self._jest or any(match.first in part for part in self._imagined):
            yield Status.HYPOTHETICAL.value
        for cue, reached in self._said:
            is_about = match.first in reached or (_is_of_a_sentence(cue) and match.last in reached)
            if is_about and (self._is_of_a_whole(cue) or set(cue.used).isdisjoint(match.used)):
                yield from self._of(cue.phrase.meaning, match)
        if not self._says_no_itself(match) and (self._denied_within(match) or self._denied_after(match)):
            yield Status.ABSENT.value

    def _is_of_a_whole(self, cue: Match[Cue]) -> bool:
        """Whether a cue may hold a word of it: "si me pica una víbora", "¿qué significa ver luces?"."""
        is_asked = cue.phrase.meaning.status == "hypothetical" and self._texts[cue.first] in ASKING
        return _is_of_a_sentence(cue) or is_asked

    def _is_denied_at_once(self, match: Match[Sense]) -> bool:
        """ "No respira bien": who denies that it is well affirms the symptom."""
        before = self._texts[max(0, match.first - 2) : match.first]
        return not NEGATIONS.isdisjoint(takewhile(lambda text: text not in HARD_STOPS | JOINTS, before[::-1]))

    def _says_no_itself(self, match: Match[Sense]) -> bool:
        """A phrase that itself holds a negation, or says that all is well, is never denied.

        But "no se atoró, no tosió": what is denied before it begins is not affirmed by a second "no".
        """
        if match.phrase.meaning.is_denial or self._texts[match.first] in NEGATIONS:
            return True
        holds_one = any(self._texts[at] in NEGATIONS for at in match.used)
        return holds_one and not self._is_denied_at_once(match)

    def _of(self, cue: Cue, match: Match[Sense]) -> Iterator[str]:
        if cue.scope in ("resolved", "ended") and self._may_yet_harm(match):
            return
        if cue.scope == "swallowed" and not self._is_unswallowed(match):
            return
        if cue.scope == "untaken" and match.phrase.meaning.code not in SWALLOWED:
            return
        if cue.status == "present":
            if cue.scope in ("past", "later"):
                yield "not-past"
        elif (cue.status in DENYING and cue.scope == "forward" and self._says_no_itself(match)) or (
            cue.scope in ("resolved", "ended") and self._is_recent and match.phrase.meaning.code in PASSING
        ):
            return
        else:
            yield cue.status

    def _may_yet_harm(self, match: Match[Sense]) -> bool:
        """ "Me tomé veinte pastillas, pero ya estoy bien": whoever feels well is not yet safe."""
        return match.phrase.meaning.code in HARM_LATER and not self._is_of_long_ago(match)

    def _is_unswallowed(self, match: Match[Sense]) -> bool:
        """Whether "no tomó nada" may speak of it: of a poison at hand, not of one that was drunk."""
        is_drunk = any(self._texts[at].startswith(SWALLOWING) for at in match.used)
        return match.phrase.meaning.code in SWALLOWED and not is_drunk

    def _tells_of_years(self, match: Match[Sense]) -> bool:
        """Whether the sentence of a phrase tells of what is years ago."""
        return told_of_years_ago(self._texts[slice(*sentence_of(self._words, match.first, match.last))])

    def _is_of_long_ago(self, match: Match[Sense]) -> bool:
        """Whether the sentence of a phrase, or the story it stands in, tells of a time long ago."""
        first, end = sentence_of(self._words, match.first, match.last)
        told = self._texts[self._story_begins(first) : end]
        return told_of_long_ago(told)

    def _denied_within(self, match: Match[Sense]) -> bool:
        """ "La cara no se le tuerce", "camino sin problema": the negation stands between the words."""
        if any(
            self._texts[at - 1] == "sin" and self._texts[at].startswith(EFFORTS)
            for at in range(match.first + 1, min(match.last + 3, len(self._texts)))
        ):
            return True
        inside = (
            at for at in range(match.first + 1, match.last) if at not in match.used and at not in self._taken
        )
        return any(
            (self._texts[at] in DENIALS_WITHIN or self._is_nothing_of(at) or self._is_without(at, match))
            and not set(range(at, at + DENIED_WITHIN_WORDS)).isdisjoint(match.used)
            for at in inside
        )

    def _is_nothing_of(self, at: int) -> bool:
        """ "Respira tranquilito, nada de quejidos"."""
        return self._texts[at : at + 2] == ["nada", "de"]

    def _is_without(self, at: int, match: Match[Sense]) -> bool:
        """ "La sangrecita es poquita, sin mal olor"; but "sin parar" goes on."""
        following = (place for place in match.used if place > at)
        thing = next(following, at)
        return self._texts[at] == "sin" and thing <= at + 2 and not self._texts[thing].endswith(INFINITIVES)

    def _denied_after(self, match: Match[Sense]) -> bool:
        """ "Fiebre no tengo", "sangre no": the negation follows the thing, and nothing else follows it."""
        return match.last + 1 not in self._taken and after_denial(self._words, match.first, match.last + 1)


def _is_years_old(texts: Sequence[str]) -> bool:
    """ "Nació amarillo. Ahora tiene tres añitos": whose birth is told was born long ago."""
    return any(
        text in ("años", "añitos", "añito") and not IS_OLD.isdisjoint(texts[max(0, at - 3) : at])
        for at, text in enumerate(texts)
    )


def _is_whole(cue: Match[Cue], taken: Set[int]) -> bool:
    """A "no" inside an idiom is no cue; "no es que…" is one whatever idiom its "no" may belong to."""
    return cue.phrase.meaning.scope == "double" or taken.isdisjoint(cue.used)


def _is_of_a_sentence(cue: Match[Cue]) -> bool:
    return cue.phrase.meaning.scope in ("past", "resolved", "ended")
