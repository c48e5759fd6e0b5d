"""Whose body each fact is about: the speaker's, or that of a person who was named."""

from collections.abc import Sequence
from dataclasses import dataclass

from ayni.qhali.extraction.persons import SELF, UNKNOWN, Mention, mentions, of_somebody
from ayni.qhali.extraction.phrasebook import HARD_STOPS, SENTENCE_ENDS
from ayni.qhali.extraction.reach import JOINTS
from ayni.qhali.extraction.tables import family
from ayni.qhali.extraction.words import Word

FIRST_PERSON = frozenset(
    [
        "me",
        "mi",
        "mis",
        "tengo",
        "siento",
        "estoy",
        "ando",
        "yo",
        "conmigo",
        "nos",
        "tuve",
        "estuve",
        "fui",
        "he",
        "sufro",
        "padezco",
        "soy",
        "vengo",
        "subi",
        "vine",
        "amaneci",
        "desperte",
        "puedo",
        "veo",
        "oigo",
        "sigo",
        "quede",
        "duermo",
        "orino",
        "vomite",
        "toso",
        "respiro",
        "camino",
        "hago",
    ]
)
THIRD_PERSON = frozenset(
    [
        "le",
        "les",
        "su",
        "sus",
        "tiene",
        "esta",
        "anda",
        "lo",
        "la",
        "siente",
        "tuvo",
        "estaba",
        "andaba",
        "tienen",
    ]
)
DATIVE_VERBS = frozenset(
    [
        "come",
        "mama",
        "quiere",
        "recibe",
        "duerme",
        "toma",
        "agarra",
        "llora",
        "respira",
        "despierta",
        "habla",
        "responde",
        "reconoce",
    ]
)
NO_BODY = frozenset({"casa", "familia", "cuarto", "chacra", "pueblo", "barrio", "trabajo", "seguro", "cita"})
"""What is "mine" and no part of me."""

LENGTHS = ("dia", "seman", "mes", "año", "hora", "tiempo", "rato", "noche", "quincena")
PLACES = ("sites", "face", "skin")
LOOK_BACK_WORDS = 7
LOOK_AHEAD_WORDS = 4


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody facts are about: `self`, a relation, or `unknown`; `mention` when named."""

    relation: str
    mention: Mention | None = None


class Experiencers:
    """The people of one text, and the marks of the first and third person."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words, self._texts = words, [word.text for word in words]
        self._named = mentions(words)
        self._at = {mention.at: mention for mention in self._named}
        self._possible = list(of_somebody(self._named, words)) or self._named_in_third_person()

    def _named_in_third_person(self) -> list[Mention]:
        """Somebody quoted may be the sick one: "mi amiga dice que no tomó nada, pero quiere morirse"."""
        says_i = any(self._is_first(at) for at in range(len(self._texts)))
        return [] if says_i else list(self._named)

    def of(self, first: int, last: int) -> Person:
        """The person a phrase at these positions is about."""
        found = self._nearest_before(first, last)
        if found is not None:
            return found
        if self._is_followed_by_i(last):
            return Person(SELF)
        if self._possible and self._possible[0].at < first:
            return self._last_named_before(first)
        follows = range(last + 1, min(last + 1 + LOOK_AHEAD_WORDS, len(self._texts)))
        if any(self._is_first(at) for at in follows):
            return Person(SELF)
        return self._last_named_before(first) if self._possible else Person(UNKNOWN)

    def _nearest_before(self, first: int, last: int) -> Person | None:
        """Whom the words of a phrase, or those before it in its sentence, speak of; None: they do not say."""
        for at in range(last, max(first - LOOK_BACK_WORDS, -1), -1):
            if at < first and self._texts[at] in SENTENCE_ENDS:
                return None
            if self._is_first(at):
                return Person(SELF)
            mention = self._at.get(at)
            if mention in self._possible and mention is not None:
                return Person(mention.kin.relation, mention)
            if self._texts[at] in THIRD_PERSON and at < first and not self._is_article(at):
                return self._last_named_before(at)
        return None

    def _is_article(self, at: int) -> bool:
        """ "Con la cara y las manos hinchadas": the face is nobody's by that word."""
        following = self._words[at + 1 : at + 2]
        return self._texts[at] == "la" and any(
            family(place).fits(word) for word in following for place in PLACES
        )

    def _is_followed_by_i(self, last: int) -> bool:
        """ "Fiebre no tengo", "náuseas siento"."""
        after = [text for text in self._texts[last + 1 : last + 3] if text not in ("no", "si", "tampoco")]
        return after[:1] != [] and after[0] in FIRST_PERSON - {"me", "mi", "mis", "nos"}

    def _last_named_before(self, at: int) -> Person:
        """The last one named; before one of an earlier sentence whom the clause itself names after it."""
        before = [mention for mention in self._possible if mention.at < at]
        chosen = before[-1] if before else next(iter(self._possible), None)
        if before and not SENTENCE_ENDS.isdisjoint(self._texts[before[-1].at : at]):
            chosen = next((each for each in self._possible if self._is_of_one_clause(at, each.at)), chosen)
        return Person(chosen.kin.relation, chosen) if chosen else Person(UNKNOWN)

    def _is_of_one_clause(self, at: int, other: int) -> bool:
        """Whether a position follows another with neither a stop nor a joint between them."""
        return at < other and (HARD_STOPS | JOINTS).isdisjoint(self._texts[at:other])

    def _is_first(self, at: int) -> bool:
        text = self._texts[at]
        if text in ("mi", "mis"):
            following = self._texts[at + 1] if at + 1 < len(self._texts) else ""
            return following not in NO_BODY and self._at.keys().isdisjoint((at + 1, at + 2))
        if text == "llevo":
            return self._tells_how_long(at + 1)
        if text != "me":
            return text in FIRST_PERSON
        return not self._is_told_of_another(at)

    def _tells_how_long(self, at: int) -> bool:
        """ "Llevo un mes tosiendo"; but not "llevo a mi hijo", "lo llevo cargado"."""
        following = self._texts[at : at + 4]
        return any(text.startswith(LENGTHS) for text in following) and "mi" not in following

    def _is_told_of_another(self, at: int) -> bool:
        """ "Mi hijo se me desmayó", "mi bebé no me come": the speaker is not the sick one."""
        has_named = any(at - LOOK_BACK_WORDS <= mention.at < at for mention in self._named)
        following = self._texts[at + 1] if at + 1 < len(self._texts) else ""
        before = self._texts[at - 1] if at else ""
        is_said = following in ("dice", "dijo", "cuenta", "conto", "avisa", "llamo", "lo", "la")
        return is_said or (has_named and (before == "se" or following in DATIVE_VERBS))

    @property
    def speaks_of_self(self) -> bool:
        """Whether the speaker says "I" of anything."""
        return any(self._is_first(at) for at in range(len(self._texts)))

    @property
    def stresses_self(self) -> bool:
        """ "Yo tengo…", "a mí solo me…": the speaker is set against the others."""
        following = zip(self._texts, [*self._texts[1:], ""], strict=True)
        return any(
            pair[0] in ("yo",) and pair[1] not in ("tambien", "creo", "lo", "la") for pair in following
        )

    @property
    def possible(self) -> Sequence[Mention]:
        """The persons named who may be the sick one."""
        return self._possible
