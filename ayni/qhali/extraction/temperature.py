"""What a thermometer says beside what was felt."""

from collections.abc import Sequence
from dataclasses import replace

from ayni.qhali.extraction.facts import Fact, Status
from ayni.qhali.extraction.measurements import Measurement

FEVER_C = 37.5
COLD_C = 36.0
"""Axillary: from 37.5 °C a fever, below 36 °C too cold (IMCI; sepsis screens)."""


def with_temperature(
    facts: Sequence[Fact], measured: Sequence[Measurement], text: str, turn: int
) -> list[Fact]:
    """The facts with what the first temperature says of fever; a figure outweighs a word for it."""
    value = next((each for each in measured if each.kind == "temperature"), None)
    if value is None:
        return list(facts)
    has_fever = value.value >= FEVER_C
    status = Status.PRESENT if has_fever else Status.ABSENT
    told = [fact for fact in facts if fact.concept == "fever"]
    kept = [replace(fact, temperature_c=value.value) if fact in told else fact for fact in facts]
    if not any(fact.status is status for fact in told):
        kept = [fact for fact in kept if fact.concept != "fever" or fact.status is not Status.PRESENT]
        kept.append(_said("fever", status, value, text, turn))
    if value.value < COLD_C:
        kept.append(_said("cold-body", Status.PRESENT, value, text, turn))
    return kept


def _said(concept: str, status: Status, value: Measurement, text: str, turn: int) -> Fact:
    quote = text[value.start : value.end]
    return Fact(
        concept=concept,
        status=status,
        quote=quote,
        turn=turn,
        start=value.start,
        end=value.end,
        temperature_c=value.value,
    )
