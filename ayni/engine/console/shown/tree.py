"""Content as a tree that can be folded: HL7 v2 by segment, field and component; JSON by name and number."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ayni.engine.console.shown.resources import Node
from ayni.vocabulary.hl7 import Hl7Error, dump, parse

NODES_MAX = 4000
"""More than a person reads; a megabyte of short results would be a page no browser opens."""
DEPTH_MAX = 40
INDENT = 2
CUT = Node(place="", label="…", text="")
"""Stands where the rest was left off."""

Flat = tuple[int, str, str, str]
"""Depth, place, label and text of one node."""


def tree_of(raw: bytes) -> list[Node]:
    """The tree of a message; empty when it cannot be read as one."""
    flat = _hl7(raw) if raw.startswith(b"MSH") else _json(raw)
    found = list(itertools.islice(flat, NODES_MAX + 1))
    nodes = _nested(found[:NODES_MAX])
    return [*nodes, CUT] if len(found) > NODES_MAX else nodes


def _nested(flat: list[Flat]) -> list[Node]:
    """Built from the end: when a node is reached, all that is inside it is there."""
    inside: list[list[Node]] = [[]]
    for depth, place, label, text in reversed(flat):
        inside += [[] for _ in range(depth + 2 - len(inside))]
        children = inside[depth + 1][::-1]
        inside[depth + 1 :] = []
        inside[depth].append(Node(place=place, label=label, text=text, children=children))
    return inside[0][::-1]


def _hl7(raw: bytes) -> Iterator[Flat]:
    """From the lines of `dump`, each indented by its depth; the places are paths of `Message`."""
    try:
        lines = dump(parse(raw)).splitlines()
    except Hl7Error:
        return
    places, seen = [""] * (DEPTH_MAX + 1), Counter[str]()
    for line in lines:
        depth = (len(line) - len(line.lstrip())) // INDENT
        label, _, text = line.strip().partition("  ")
        places[depth] = _place(places[depth - 1] if depth else "", label, depth, seen)
        yield depth, places[depth], label, text.strip()


def _place(above: str, label: str, depth: int, seen: Counter[str]) -> str:
    if depth > 1:
        return above + label
    if depth == 1:
        return f"{above}-{label}"
    seen[label] += 1
    return label if seen[label] == 1 else f"{label}[{seen[label]}]"


def _json(raw: bytes) -> Iterator[Flat]:
    try:
        document = json.loads(raw, parse_float=str)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict | list):
        yield from _members(document, "", 0)


def _members(holder: Any, above: str, depth: int) -> Iterator[Flat]:
    pairs = holder.items() if isinstance(holder, dict) else enumerate(holder)
    for name, value in pairs:
        place = f"{above}[{name}]" if isinstance(holder, list) else f"{above}.{name}".lstrip(".")
        label = f"[{name}]" if isinstance(holder, list) else str(name)
        if isinstance(value, dict | list) and value and depth < DEPTH_MAX:
            yield depth, place, label, _what(value)
            yield from _members(value, place, depth + 1)
        else:
            yield depth, place, label, _plain(value)


def _what(value: Any) -> str:
    """The kind of a resource beside its place, so that a folded entry says what it is."""
    return str(value.get("resourceType", "")) if isinstance(value, dict) else f"({len(value)})"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:1000]
