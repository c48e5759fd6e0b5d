"""What one segment writes into a resource, by its table."""

from collections import defaultdict
from functools import cache

from ayni.vocabulary.hl7 import Segment
from ayni.vocabulary.maps.to_fhir.making import Making
from ayni.vocabulary.maps.to_fhir.reading import NULL
from ayni.vocabulary.maps.to_fhir.rule import Rule, rules
from ayni.vocabulary.maps.to_fhir.target import ItemKey

REPETITIONS_MAX = 200
"""Of one field: no person has so many names or numbers, and each one costs what it costs."""


@cache
def by_field(table: str) -> tuple[tuple[int, tuple[Rule, ...]], ...]:
    """The rules of a segment table by the field they read, in the order of their first row."""
    found: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules(table):
        found[rule.position].append(rule)
    return tuple((field, tuple(each)) for field, each in found.items())


def apply_segment(table: str, segment: Segment, number: int, making: Making) -> None:
    """Writes into the resource at hand; `number` is that of the segment among those with its name."""
    reading = making.reading
    reading.field_number = reading.repetition_number = 0
    for field, each in by_field(table):
        if not field:
            _apply(each, "", (segment.name, number, 0, 1), making)
            continue
        text = segment.field(field)
        if not text:
            continue
        reading.field_number = field
        repetitions = [text] if segment.holds_separators(field) else text.split(reading.repetition)
        for place, repetition in enumerate(repetitions, start=1):
            reading.repetition_number = place
            if place > REPETITIONS_MAX:
                reading.report(102, f"expected at most {REPETITIONS_MAX}", "El campo se repite demasiado.")
                break
            if repetition == NULL:
                reading.report(0, "emptied by the sender", "El emisor vació este campo.")
                making.told.add((field, place))
            elif repetition.strip(reading.blank):
                _apply(each, repetition, (segment.name, number, field, place), making)


def _apply(each: tuple[Rule, ...], text: str, key: ItemKey, making: Making) -> None:
    reading = making.reading
    parts: list[str] | None = None
    for _, holds, convert, to, alternative in each:
        if holds is not None:
            parts = reading.parts(text, 0) if parts is None else parts
            if not holds(parts, 1, reading):
                continue
        value = convert(text, 0, making)
        if value is None:
            continue
        item = (reading.segment.name, reading.segment.field(to.shared_by)) if to.shared_by else key
        if to.write(making.resource, making.items, item, value) or alternative:
            making.told.add((reading.field_number, reading.repetition_number))
        else:
            reading.report(
                0, "its element holds another value already", "El recurso FHIR ya tiene otro valor."
            )
