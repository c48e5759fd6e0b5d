"""What a round trip loses, by message type: the page that says so is made here and may not be stale.

`python tests/vocabulary/maps/test_loss.py` writes it anew.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ayni.vocabulary.hl7 import Message, Segment, parse
from ayni.vocabulary.hl7.definitions import Part, definitions
from ayni.vocabulary.maps import bundle_from, message_from
from ayni.vocabulary.maps.tables import field_table, message_table, message_tables, named
from ayni.vocabulary.maps.to_fhir.kinds import table_of

SAMPLES = Path(__file__).parent / "samples"
PAGE = Path(__file__).parents[3] / "docs/vocabulary/loss.md"
VERSION = "2.5.1"

HEAD = f"""# What a round trip loses

HL7 v2 to FHIR R4 and back, by the tables of [`ayni.vocabulary.maps`](maps.md). This page is written by
`python tests/vocabulary/maps/test_loss.py`, and a test fails when it is stale. "Lost" is relative to HL7
v{VERSION}, the version that `message_from` writes.

## Samples

Every sample of `tests/vocabulary/maps/samples` there and back: how many of its values (leaves: components and
subcomponents) come back in their place, which come back otherwise, which do not. What comes back in addition,
such as the name of a code table that a code implies, is not counted. Reasons that recur:

* a code with a table of its own comes back without the words beside it (`PV1-2`, `AL1-2`);
* a message says its language, types and roles in FHIR with codes alone (`MSH-19`, `NTE-4`);
* FHIR has no element for an action (`AIS-2`) or a duration beside its end (`AIS-7`);
* FHIR fills the seconds of a time with zeros.

| sample | values | back | otherwise | lost |
|---|---|---|---|---|
"""


class Trip(NamedTuple):
    values: int
    changed: tuple[str, ...]
    lost: tuple[str, ...]


def leaves(message: Message) -> dict[tuple[str, int, str], str]:
    """(segment, its number, place) to the plain text of each leaf, the set ids and separators apart."""
    counts: dict[str, int] = {}
    found = {}
    for segment in message.segments():
        counts[segment.name] = counts.get(segment.name, 0) + 1
        for place, text in leaves_of(segment):
            field = f"{segment.name}-{place.partition('.')[0].partition('[')[0]}"
            if field not in ("MSH-1", "MSH-2", *set_ids()):
                found[segment.name, counts[segment.name], place] = text
    return found


@cache
def set_ids() -> tuple[str, ...]:
    return tuple(field for field, why in named("silent").items() if why == "set id")


def leaves_of(segment: Segment) -> Iterator[tuple[str, str]]:
    written = segment.encoding
    for field, whole in enumerate(segment.fields_after(0), start=1):
        for number, repetition in enumerate(whole.split(written.repetition), start=1):
            for component, text in enumerate(repetition.split(written.component), start=1):
                for subcomponent, leaf in enumerate(text.split(written.subcomponent), start=1):
                    if leaf and leaf != '""':
                        at = f"{field}[{number}]" if number > 1 else f"{field}"
                        at += f".{component}" if component > 1 or subcomponent > 1 else ""
                        yield (f"{at}.{subcomponent}" if subcomponent > 1 else at), written.unescape(leaf)


def trip(message: Message) -> Trip:
    before, after = leaves(message), leaves(message_from(bundle_from(message).bundle))
    changed = [key for key, text in before.items() if after.get(key, text) != text]
    lost = [key for key in before if key not in after]
    return Trip(len(before), paths(changed), paths(lost))


def paths(keys: list[tuple[str, int, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{segment}-{place}" for segment, _, place in keys))


def samples() -> Iterator[str]:
    for path in sorted(SAMPLES.glob("*.hl7")):
        found = trip(parse(path.read_bytes()))
        back = found.values - len(found.changed) - len(found.lost)
        yield f"| `{path.stem}` | {found.values} | {back} | {said(found.changed)} | {said(found.lost)} |"


def said(each: tuple[str, ...]) -> str:
    return " ".join(f"`{path}`" for path in each) or "–"


def structures() -> Iterator[str]:
    yield from [
        "## Segments without a table",
        "",
        f"By message structure, of the segments that v{VERSION} gives it.",
        "",
        "| structure | segments |",
        "|---|---|",
    ]
    for structure in message_tables():
        mapped = {row.segment.split(".")[-1].strip("*?") for row in message_table(structure) or () if row.map}
        known = definitions(VERSION).structures.get(structure, ())
        absent = dict.fromkeys(name for name in segments_in(known) if name not in mapped)
        if absent:
            yield f"| `{structure}` | {said(tuple(absent))} |"


def fields() -> Iterator[str]:
    yield from [
        "## Fields without a row",
        "",
        f"Of the segments with tables, the fields of v{VERSION} that no row of any of them reads. They reach",
        "FHIR in no message; `bundle_from` names those that have content.",
        "",
        "| segment | fields |",
        "|---|---|",
    ]
    maps: dict[str, set[str]] = {}
    for structure in message_tables():
        for row in message_table(structure) or ():
            if row.map:
                maps.setdefault(row.segment.split(".")[-1].strip("*?"), set()).add(row.map)
    yield from (
        f"| `{name}` | {unread(name, maps[name])} |" for name in sorted(maps) if unread(name, maps[name])
    )


def segments_in(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if part.parts:
            yield from segments_in(part.parts)
        else:
            yield part.name


def unread(name: str, maps: set[str]) -> str:
    read = {
        int(number)
        for each in maps
        for row in field_table(each)
        for number in row.source.split(":")
        if number and row.target
    }
    defined = definitions(VERSION).segments.get(name)
    silent = named("silent")
    return ", ".join(
        f"{number} {field.name}"
        for number, field in enumerate(defined.fields if defined else (), start=1)
        if number not in read and f"{name}-{number}" not in silent and field.type != "WD"
    )


def page() -> str:
    return "\n".join([HEAD + "\n".join(samples()), "", *structures(), "", *fields()]) + "\n"


def test_the_page_of_losses_is_what_the_tables_do() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_most_of_what_is_sent_comes_back() -> None:
    trips = [trip(parse(path.read_bytes())) for path in sorted(SAMPLES.glob("*.hl7"))]
    values = sum(each.values for each in trips)
    gone = sum(len(each.lost) + len(each.changed) for each in trips)
    assert gone < values / 4


def test_every_table_is_on_the_page() -> None:
    used = {table_of(parse(path.read_bytes())) for path in SAMPLES.glob("*.hl7")}
    assert used == set(message_tables())


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
