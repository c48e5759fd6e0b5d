"""The definitions a validation may use: R4's own, and those that somebody supplies."""

from collections.abc import Iterable
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import FHIR_ROOT, Table, definition, later_codes
from ayni.vocabulary.fhir.finding import Finding
from ayni.vocabulary.fhir.json import Resource
from ayni.vocabulary.fhir.kinds import AN_OBJECT, kind_of
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.membership import Codes, codes_of, concepts_of, expand, without_systems
from ayni.vocabulary.fhir.structure import check
from ayni.vocabulary.fhir.validation.errors import ProfileError
from ayni.vocabulary.fhir.validation.foreign_systems import COUNTRIES, FOREIGN, countries
from ayni.vocabulary.fhir.validation.snapshot import snapshot
from ayni.vocabulary.fhir.validation.tree import Element, share_children, tree

Json = dict[str, Any]

BASES_MAX: Final = 16
"""Profiles on profiles; a chain that leads back to itself must end."""

_UNREADABLE: Final = frozenset({"structure", "value", "too-costly"})
"""Issues of what is not even of the right kind; what lacks something or has another code can be read."""
_TABLES: Final[dict[str, Table]] = {
    "CodeSystem": "code_systems",
    "ValueSet": "value_sets",
    "SearchParameter": "search_parameters",
}


def unreadable(resource: Resource) -> Finding | None:
    """What makes a definition impossible to read, None when nothing does."""
    return next((each for each in check(resource) if each.issue in _UNREADABLE), None)


class Registry:
    """Finds definitions by canonical URL. What is supplied goes before what R4 has under the same URL.

    It remembers what it built, so one registry serves many validations; it is not changed after it is made.
    Raises ProfileError for what is no resource at all.
    """

    def __init__(self, supplied: Iterable[Resource] = ()) -> None:
        self._supplied: dict[tuple[str, str], Json] = {}
        self._structures: dict[str, Json | None] = {}
        self._trees: dict[str, Element | None] = {}
        self._broken: dict[str, ProfileError] = {}
        for index, resource in enumerate(supplied):
            if not isinstance(resource, dict):
                raise ProfileError(f"supplied[{index}]", AN_OBJECT, kind_of(resource))
            self._add(resource)
        self._expansions: dict[str, Codes | None] = {}
        self._systems: dict[str, dict[str, Json] | None] = {}
        self._building: list[str] = []

    def _add(self, resource: Resource) -> None:
        """Keeps a definition that can be read; of one that cannot, what is wrong with it."""
        kind, url = resource.get("resourceType"), resource.get("url")
        if not isinstance(kind, str) or not isinstance(url, str):
            return
        wrong = unreadable(resource)
        if wrong is not None:
            self._broken.setdefault(url, ProfileError(wrong.place, wrong.expected, wrong.found))
        else:
            self._supplied.setdefault((kind, url), resource)

    def find(self, table: Table, url: str) -> Json | None:
        """A code system, value set or search parameter, None when nobody has it."""
        kind = next((kind for kind, name in _TABLES.items() if name == table), "StructureDefinition")
        return self._supplied.get((kind, url)) or definition(table, url)

    def kinds_of(self, url: str) -> set[str]:
        """The resource types known under a canonical URL."""
        known = {kind for kind, name in _TABLES.items() if definition(name, url)}
        if definition("types", url) or definition("profiles", url):
            known.add("StructureDefinition")
        return known | {kind for kind, supplied in self._supplied if supplied == url}

    def structure(self, url: str) -> Json | None:
        """A StructureDefinition with its snapshot; None when nobody has it, or when it is `broken`."""
        if url not in self._structures:
            try:
                self._structures[url] = self._whole(url)
            except ProfileError as error:
                self._broken[url], self._structures[url] = error, None
        return self._structures[url]

    def broken(self, url: str) -> ProfileError | None:
        """Why a definition that somebody supplied cannot be used; None when it can, or when nobody has it."""
        self.tree(url)
        return self._broken.get(url)

    def _whole(self, url: str) -> Json | None:
        found = self._supplied.get(("StructureDefinition", url))
        if found is None:
            return definition("types", url) or definition("profiles", url)
        if isinstance(found.get("snapshot"), dict) and found["snapshot"].get("element"):
            return found
        if url in self._building or len(self._building) > BASES_MAX:
            return None
        self._building.append(url)
        try:
            return {**found, "snapshot": {"element": snapshot(found, self.structure)}}
        finally:
            self._building.pop()

    def tree(self, url: str) -> Element | None:
        """The elements of a type or profile; None when nobody has it, or when it is `broken`."""
        if url not in self._trees:
            found = self.structure(url)
            try:
                self._trees[url] = self._planted(found) if found is not None else None
            except ProfileError as error:
                self._broken[url], self._trees[url] = error, None
        return self._trees[url]

    def _planted(self, structure: Json) -> Element:
        root = tree(structure["snapshot"]["element"])
        if structure.get("derivation") != "constraint":
            share_children(root)
        return root

    def type_tree(self, name: str) -> Element | None:
        return self.tree(FHIR_ROOT + name)

    def codes(self, value_set: str) -> Codes | None:
        """What a value set may have, None when that is not known."""
        url = value_set.partition("|")[0]
        if url not in self._expansions:
            is_r4_s = not self._supplied
            self._expansions[url] = codes_of(url) if is_r4_s else expand(url, self.find)
        return self._expansions[url]

    def codes_in(self, value_set: Json) -> Codes | None:
        """The same of a value set that another resource contains."""
        return expand(value_set, self.find)

    def questionnaire(self, canonical: str) -> Json | None:
        """A questionnaire that was supplied, of this version when the canonical names one."""
        url, _, version = canonical.partition("|")
        found = self._supplied.get(("Questionnaire", url))
        return found if found and version in ("", found.get("version", "")) else None

    def may_have(self, codes: Codes, code: str) -> bool:
        """Whether a code that does not say its system may be among codes."""
        is_open = any(self.has_code(system, code) is not False for system in codes.open_systems)
        return is_open or code in without_systems(codes)

    def concepts(self, system: str) -> dict[str, Json] | None:
        """The concepts of a code system by code; None when nobody has all of them.

        Where the system ignores case, the codes here are in lower case.
        """
        if system not in self._systems:
            found = self.find("code_systems", system)
            if found is None or found.get("content") != "complete" or not found.get("concept"):
                self._systems[system] = None
            else:
                keeps_case = found.get("caseSensitive") is not False
                self._systems[system] = {
                    str(each.get("code")) if keeps_case else str(each.get("code")).lower(): each
                    for each, _ in concepts_of(found)
                }
        return self._systems[system]

    def has_code(self, system: str, code: str) -> bool | None:
        """Whether a code system has a code; None when that is not known."""
        concepts = self.concepts(system)
        if concepts is None:
            return False if system in FOREIGN and not FOREIGN[system](code) else None
        return self._concept(concepts, system, code) is not None or self.is_later(system, code)

    def is_later(self, system: str, code: str) -> bool:
        """Whether HL7 added a code to one of R4's systems after R4."""
        return ("CodeSystem", system) not in self._supplied and code in later_codes().get(system, {})

    def displays(self, system: str, code: str) -> list[str]:
        """What a code is called, by R4 and since; [] for what is not known or has no name."""
        if system == COUNTRIES:
            return [countries()[code]] if code in countries() else []
        concept = self._concept(self.concepts(system) or {}, system, code) or {}
        found = [concept.get("display"), *(each.get("value") for each in objects(concept, "designation"))]
        if self.is_later(system, code):
            found.append(later_codes()[system][code])
        return [each for each in found if isinstance(each, str) and each]

    def _concept(self, concepts: dict[str, Json], system: str, code: str) -> Json | None:
        return concepts.get(code) or (None if self._keeps_case(system) else concepts.get(code.lower()))

    def _keeps_case(self, system: str) -> bool:
        found = self.find("code_systems", system)
        return found is None or found.get("caseSensitive") is not False


__all__ = ["BASES_MAX", "ProfileError", "Registry"]
