"""`ValueSet/$expand` (FHIR R4, operation of ValueSet): a page of what a value set holds on a day."""

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Final

from ayni.vocabulary.spelling import folded
from ayni.vocabulary.terminology.composition import Composition, Member
from ayni.vocabulary.terminology.errors import InvalidDefinition, TooCostly
from ayni.vocabulary.terminology.parameters import Json
from ayni.vocabulary.terminology.terminology import Terminology
from ayni.vocabulary.terminology.value_set import ValueSet
from ayni.vocabulary.terminology.writing import designation

PAGE_CODES_MAX: Final = 10_000
"""Codes in one answer: about 1.5 MB of JSON; a larger value set is asked for page by page with `count`."""

_NO_WORD: Final = re.compile(r"[\W_]+")


def expand(
    terminology: Terminology,
    value_set: str | ValueSet,
    *,
    on: date,
    version: str = "",
    system_versions: dict[str, str] | None = None,
    text_filter: str = "",
    offset: int = 0,
    count: int | None = None,
    active_only: bool = False,
    language: str = "",
    with_designations: bool = False,
) -> Json:
    """The value set with its expansion; the value set is an address or one that somebody sent.

    `text_filter` keeps codes in whose code or names a word begins with each of its words, accents apart.
    Without `count` everything comes; with 0 only the total. Raises what `Composition.members` raises, and
    `TooCostly` for more than `PAGE_CODES_MAX` codes in one answer.
    """
    asked = (
        value_set
        if isinstance(value_set, ValueSet)
        else terminology.value_set(value_set, on=on, version=version)
    )
    _check_page(offset, count)
    found = [
        member
        for member in Composition(terminology, on, system_versions or {}).members(asked).values()
        if not (active_only and member.is_retired)
    ]
    if text_filter:
        found = _with_words(terminology, found, text_filter, on)
    page = found[offset:] if count is None else found[offset : offset + count]
    if len(page) > PAGE_CODES_MAX:
        raise _too_many(asked, len(page))
    said = {"filter": text_filter, "activeOnly": active_only, "date": on.isoformat()}
    expansion = {
        "timestamp": on.isoformat(),
        "total": len(found),
        "offset": offset,
        "parameter": _parameters(said, page),
        "contains": [_contains(member, language, with_designations) for member in page],
    }
    return _resource(asked, said, expansion)


def _check_page(offset: int, count: int | None) -> None:
    for name, number in (("offset", offset), ("count", count or 0)):
        if number < 0:
            raise InvalidDefinition(
                place=name,
                expected="a count from 0",
                found=str(number),
                text=f"{name} no puede ser menor que cero.",
            )


def _with_words(terminology: Terminology, members: list[Member], text: str, on: date) -> list[Member]:
    """Those where each word of the text begins a word of code or names."""
    wanted = [" " + word for word in _NO_WORD.sub(" ", folded(text)).split()]
    texts: dict[tuple[str, str], Mapping[str, str]] = {}
    kept = []
    for member in members:
        key = (member.system, member.version)
        if key not in texts:
            texts[key] = _search_texts(terminology, *key, on)
        said = texts[key].get(member.concept.code, "")
        if member.display != member.concept.display or not said:
            said += " " + _NO_WORD.sub(" ", folded(f"{member.concept.code} {member.display}"))
        if all(word in said for word in wanted):
            kept.append(member)
    return kept


def _search_texts(terminology: Terminology, system: str, version: str, on: date) -> Mapping[str, str]:
    if not terminology.has_code_system(system):
        return {}
    return terminology.code_system(system, on=on, version=version).search_texts


def _resource(asked: ValueSet, said: dict[str, object], expansion: Json) -> Json:
    head = {"url": asked.url, "version": asked.version, "name": asked.name, "title": asked.title}
    name = f"{asked.canonical}#{sorted(said.items())}"
    return {
        "resourceType": "ValueSet",
        **{element: text for element, text in head.items() if text},
        "status": "active",
        "expansion": {"identifier": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}", **expansion},
    }


def _parameters(said: dict[str, object], page: list[Member]) -> list[Json]:
    kinds = {"filter": "valueString", "activeOnly": "valueBoolean", "date": "valueDateTime"}
    asked = [{"name": name, kinds[name]: content} for name, content in said.items() if content]
    used = {f"{member.system}|{member.version}": None for member in page if member.version}
    return [*asked, *({"name": "version", "valueUri": canonical} for canonical in used)]


def _contains(member: Member, language: str, with_designations: bool) -> Json:
    said: Json = {"system": member.system}
    if member.version:
        said["version"] = member.version
    if not member.concept.is_selectable:
        said["abstract"] = True
    if member.is_retired:
        said["inactive"] = True
    said["code"] = member.concept.code
    # What a value set calls a code goes before what the system calls it.
    is_own = member.display != member.concept.display
    display = member.display if is_own else member.concept.called(language)
    if display:
        said["display"] = display
    if with_designations and member.concept.designations:
        said["designation"] = [designation(each) for each in member.concept.designations]
    return said


def _too_many(asked: ValueSet, size: int) -> TooCostly:
    return TooCostly(
        place=asked.canonical,
        expected=f"at most {PAGE_CODES_MAX} codes in one answer",
        found=str(size),
        text=f"Son {size} códigos: pida una página con count y offset, o use un filtro.",
    )
