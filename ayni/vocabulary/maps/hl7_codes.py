"""Codes as HL7 publishes them, and as they were sent.

A sender adds codes to HL7's tables and calls HL7's codes by words of its own. FHIR wants neither: a code that
its system lacks, or a display that is not the system's, makes a resource invalid. So a code that a table of
HL7 lacks is of a system of ours that names the table; a code has the display of its system, and the sender's
words are the text of the concept and an extension of the display. The way back puts both where they were.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import definition, later_codes
from ayni.vocabulary.fhir.membership import concepts_of
from ayni.vocabulary.maps.tables import named
from ayni.vocabulary.maps.to_fhir.systems import CODING_SYSTEM, V2_TABLE

_OUR_TABLE: Final = f"{CODING_SYSTEM}HL7"
_QUANTITY: Final = frozenset({"value", "unit", "comparator"})
_INNER: Final = (dict, list)


def as_published(element: Any) -> None:
    """Changes the codings in an element, which the caller made and nobody else has."""
    waiting = [element]
    while waiting:  # each message comes through here: a loop takes half the time of a recursion
        node = waiting.pop()
        if node.__class__ is list:
            waiting += [each for each in node if each.__class__ is dict]
            continue
        waiting += [each for each in node.values() if each.__class__ in _INNER]
        if "coding" in node:
            for each in node["coding"]:
                _publish(each)
            if words := next(_sent_words(node["coding"]), None):
                node.setdefault("text", words)
        elif "code" in node:
            _publish(node)


def _publish(coding: dict[str, Any]) -> None:
    system, code, display = coding.get("system"), coding.get("code"), coding.get("display")
    if not isinstance(system, str) or not isinstance(code, str) or not _QUANTITY.isdisjoint(coding):
        return
    names = _names(system, code)
    if names is None and system.startswith(V2_TABLE):
        coding["system"] = _OUR_TABLE + system.removeprefix(V2_TABLE)
    elif display and names and display.casefold() not in (each.casefold() for each in names):
        coding["_display"] = {"extension": [{"url": _sent_display(), "valueString": display}]}
        coding["display"] = names[0]


def as_sent(node: Any) -> Any:
    """A copy of an element with its codings as they were sent."""
    if isinstance(node, list):
        return [as_sent(each) for each in node]
    if not isinstance(node, dict):
        return node
    copied = {name: as_sent(each) for name, each in node.items()}
    words = _words(node)
    if words:
        copied.pop("_display")
        copied["display"] = words
    system = copied.get("system")
    if isinstance(system, str) and system.startswith(_OUR_TABLE):
        copied["system"] = V2_TABLE + system.removeprefix(_OUR_TABLE)
    codings = node.get("coding")
    if "text" in copied and copied["text"] == next(_sent_words(codings), None):
        del copied["text"]
    return copied


def _sent_words(codings: Any) -> Iterator[str]:
    return (words for each in (codings if isinstance(codings, list) else ()) if (words := _words(each)))


def _words(coding: Any) -> str:
    """What the sender called a code, where that is not its display."""
    beside = coding.get("_display") if isinstance(coding, dict) else None
    for each in beside.get("extension", ()) if isinstance(beside, dict) else ():
        if each.get("url") == _sent_display():
            return str(each.get("valueString", ""))
    return ""


@cache
def _sent_display() -> str:
    return named("extensions")["sentDisplay"]


@cache
def _system(uri: str) -> tuple[dict[str, list[str]], bool] | None:
    """By code: what a system calls it, by R4 and since, and whether case matters in its codes.

    None when R4 does not have all its codes. Where case does not matter the codes are here in capitals.
    """
    found = definition("code_systems", uri)
    if found is None or found.get("content") != "complete" or not found.get("concept"):
        return None
    names = {str(each["code"]): [each.get("display")] for each, _ in concepts_of(found)}
    for code, display in later_codes().get(uri, {}).items():
        names.setdefault(code, []).append(display)
    keeps_case = found.get("caseSensitive") is not False
    named_ = {code: [each for each in several if each] for code, several in names.items()}
    return (named_ if keeps_case else {code.upper(): each for code, each in named_.items()}), keeps_case


def _names(system: str, code: str) -> list[str] | None:
    """What a system calls a code; None for a code that it lacks, [] where nothing is known of it."""
    known = _system(system)
    if known is None:
        return []
    names, keeps_case = known
    return names.get(code if keeps_case else code.upper())
