"""What everyday phrases mean: the phrasebook of symptoms and signs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ayni.qhali.extraction.facts import Severity, Status
from ayni.qhali.extraction.phrasebook import Phrasebook
from ayni.qhali.extraction.phrases import NO_VERBS, Phrase, phrases, turned_round
from ayni.qhali.extraction.tables import data, families, family, headed_lines
from ayni.qhali.extraction.verbs import forms

SYMPTOMS, SIGNS, IDIOMS = "symptoms", "signs", "idioms"


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase means; some say how strong it is, or that all is well ("respira bien").

    `layer` is the table: a symptom hides a vaguer symptom in its words, an idiom hides everything.
    """

    code: str
    severity: Severity | None = None
    is_denial: bool = False
    layer: str = SYMPTOMS


@cache
def lexicon() -> Phrasebook[Sense]:
    """Every phrase of the tables, read once."""
    return Phrasebook(_phrases(), family("sites"), hides=_hides, reads_typos_of=_is_symptom)


def _is_symptom(sense: Sense) -> bool:
    return sense.layer == SYMPTOMS


def _hides(one: Sense, other: Sense) -> bool:
    """Whether a longer phrase of one sense may hide a shorter one of another."""
    if one.layer == IDIOMS:
        return True
    return one.code == other.code or (one.layer == other.layer and one.layer not in (SIGNS, IDIOMS))


def _phrases() -> Iterator[Phrase[Sense]]:
    tables = sorted(data("lexicon").iterdir(), key=lambda table: table.name)
    for table in tables:
        layer = table.name.removesuffix(".txt")
        for code, line in headed_lines(table):
            yield from _line(code, line, layer if layer in (SIGNS, IDIOMS) else SYMPTOMS)


def _line(code: str, line: str, layer: str) -> Iterator[Phrase[Sense]]:
    """ "severe: no puedo respirar", or a phrase alone."""
    qualifier, colon, text = line.partition(": ")
    sense = Sense(code, layer=layer)
    if colon and qualifier == Status.ABSENT:
        sense = Sense(code, is_denial=True, layer=layer)
    elif colon:
        sense = Sense(code, Severity(qualifier), layer=layer)
    verbs = forms() if layer != IDIOMS else NO_VERBS
    for phrase in phrases(text if colon else line, sense, families(), verbs):
        yield phrase
        if layer != IDIOMS:
            yield from turned_round(phrase)
