"""Somebody beside the sick one who is in danger now: "tengo gripe. Mi papá no puede respirar"."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from ayni.qhali.extraction.assertion import RECENT
from ayni.qhali.extraction.facts import Fact, Severity, Status
from ayni.qhali.extraction.patient import HAD
from ayni.qhali.extraction.tables import data
from ayni.qhali.extraction.verbs import of_the_past
from ayni.qhali.extraction.words import Word

IN_DANGER = "other-in-danger"


@cache
def dangers() -> dict[str, bool]:
    """Each concept that is a threat to life by itself; True when only its severe form is."""
    lines = data("dangers.txt").read_text("utf-8").splitlines()
    rows = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
    return {code: bool(severe) for severe, _, code in rows}


def in_danger(told: Sequence[Fact], settled: Sequence[Fact], words: Sequence[Word]) -> Iterator[Fact]:
    """A sign for the first danger that is told of now and settled to be another person's."""
    others = (
        fact
        for fact, final in zip(told, settled, strict=True)
        if final.status is Status.OTHER_PERSON and _is_danger(fact) and not _is_not_of_now(fact, words)
    )
    for fact in others:
        yield replace(fact, concept=IN_DANGER)
        return


def _is_danger(fact: Fact) -> bool:
    only_severe = dangers().get(fact.concept)
    is_grave = only_severe is False or (only_severe is True and fact.severity is Severity.SEVERE)
    return is_grave and fact.status is Status.PRESENT


def _is_not_of_now(fact: Fact, words: Sequence[Word]) -> bool:
    """ "Si mi hijo no respira…"; "mi vecina convulsionó" is over, unless the text says that it was today."""
    told = [word.text for word in words if fact.start <= word.start < fact.end]
    is_over = RECENT.isdisjoint(word.text for word in words) and not {*of_the_past(), *HAD}.isdisjoint(told)
    return is_over or told[:1] == ["si"]
