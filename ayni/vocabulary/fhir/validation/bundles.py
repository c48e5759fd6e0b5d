"""What holds between the entries of a Bundle.

Source: FHIR R4, sections 3.1.1 (Bundle), 3.3 (documents) and 2.4 (messages).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.validation.references import Entries, base_of, is_relative

Json = dict[str, Any]

_ONCE: Final = ("self", "first", "previous", "prev", "next", "last")
_INSIDE: Final = {
    "Composition": "subject encounter author attester.party custodian event.detail section.entry",
    "MessageHeader": "focus",
}
"""References that a document or a message must answer itself."""
_SECTIONS_DEPTH_MAX: Final = 32


def bundle_findings(bundle: Json, place: str) -> Iterator[Finding]:
    yield from _links(bundle, place)
    entries = objects(bundle, "entry")
    for index, entry in enumerate(entries):
        yield from _full_url(entry, f"{place}.entry[{index}]")
        if bundle.get("type") == "searchset":
            yield from _search_result(entry, f"{place}.entry[{index}]")
    if entries and bundle.get("type") in ("document", "message"):
        yield from _answered(entries[0], Entries(bundle), f"{place}.entry[0].resource")


def _links(bundle: Json, place: str) -> Iterator[Finding]:
    relations = Counter(str(each.get("relation")) for each in objects(bundle, "link"))
    for relation in _ONCE:
        if relations[relation] > 1:
            expected = Phrase(f"one link {relation}", f"un solo enlace {relation}")
            count = str(relations[relation])
            yield Finding("structure", f"{place}.link", expected, Phrase(count, count))


def _full_url(entry: Json, place: str) -> Iterator[Finding]:
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if not isinstance(url, str):
        return
    if ":" not in url.split("/")[0]:
        expected = Phrase("an absolute URL", "una URL absoluta")
        yield Finding("value", f"{place}.fullUrl", expected, Phrase("a relative one", "una relativa"))
    elif isinstance(resource, dict) and isinstance(resource.get("id"), str) and base_of(url) is not None:
        name = f"/{resource.get('resourceType')}/{resource['id']}"
        if not url.partition("/_history/")[0].endswith(name):
            expected = Phrase("a URL that ends with type and id", "una URL que termine con tipo e id")
            yield Finding("value", f"{place}.fullUrl", expected, Phrase("another end", "otro final"))


def _search_result(entry: Json, place: str) -> Iterator[Finding]:
    resource = entry.get("resource")
    is_outcome = isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome"
    if isinstance(resource, dict) and "id" not in resource and not is_outcome:
        yield Finding("required", f"{place}.resource.id", Phrase("an id", "un id"), NOTHING)


def _answered(first: Json, entries: Entries, place: str) -> Iterator[Finding]:
    """The references of the Composition or MessageHeader lead to exactly one entry."""
    resource, full_url = first.get("resource"), str(first.get("fullUrl", ""))
    if not isinstance(resource, dict):
        return
    for path in _INSIDE.get(str(resource.get("resourceType")), "").split():
        for to, where in _references(resource, path.split("."), place):
            count = len(entries.find(to, full_url))
            if count != 1 and _is_of_bundle(to, entries):
                expected = Phrase("one entry with this URL", "una sola entrada con esa URL")
                found = Phrase(str(count), str(count)) if count else NOTHING
                yield Finding("not-found", where, expected, found)


def _is_of_bundle(reference: str, entries: Entries) -> bool:
    """Whether it must be answered here: a relative reference, a URN, or one that nearly matches an entry."""
    return not reference.startswith("#") and (
        is_relative(reference) or reference.startswith("urn:") or entries.has_name(reference)
    )


def _references(holder: Any, names: list[str], place: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The literal references at a path, also those of sections inside sections, with their places."""
    if isinstance(holder, list):
        for index, each in enumerate(holder):
            yield from _references(each, names, f"{place}[{index}]", depth)
    elif isinstance(holder, dict) and names:
        yield from _references(holder.get(names[0]), names[1:], f"{place}.{names[0]}", depth)
        if names == ["entry"] and depth < _SECTIONS_DEPTH_MAX:
            yield from _references(holder.get("section"), names, f"{place}.section", depth + 1)
    elif isinstance(holder, dict) and isinstance(holder.get("reference"), str):
        yield holder["reference"], place


def parameters_findings(parameters: Json, place: str) -> Iterator[Finding]:
    """A relative reference between the resources of Parameters leads to one of them when they are several."""
    resources = [each.get("resource") for each in objects(parameters, "parameter")]
    names = {f"{each.get('resourceType')}/{each.get('id')}" for each in resources if isinstance(each, dict)}
    kinds = {name.partition("/")[0] for name in names}
    for index, resource in enumerate(resources):
        if not isinstance(resource, dict):
            continue
        for name, value in resource.items():
            where = f"{place}.parameter[{index}].resource.{name}"
            for to, at in _references(value, [], where):
                if is_relative(to) and to.partition("/")[0] in kinds and to not in names:
                    expected = Phrase("a resource of these parameters", "un recurso de estos parámetros")
                    yield Finding("not-found", at, expected, NOTHING)
