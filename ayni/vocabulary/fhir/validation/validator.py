"""A resource, and the resources inside it, against all that applies to them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import FHIR_ROOT
from ayni.vocabulary.fhir.fhirpath import Node, Scope, resource_node
from ayni.vocabulary.fhir.finding import FINDINGS_MAX, Finding, Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.structure import check
from ayni.vocabulary.fhir.validation.bindings import display_findings
from ayni.vocabulary.fhir.validation.bundles import bundle_findings, parameters_findings
from ayni.vocabulary.fhir.validation.contained import contained_findings
from ayni.vocabulary.fhir.validation.datatypes import datatype_findings, repeated_ids
from ayni.vocabulary.fhir.validation.definitions import definition_findings
from ayni.vocabulary.fhir.validation.extensions import extension_findings
from ayni.vocabulary.fhir.validation.questionnaires import response_findings
from ayni.vocabulary.fhir.validation.references import Entries, Surroundings
from ayni.vocabulary.fhir.validation.registry import Registry
from ayni.vocabulary.fhir.validation.tree import Element
from ayni.vocabulary.fhir.validation.walk import Walk

Json = dict[str, Any]

PROFILES_MAX: Final = 20
"""Profiles that one resource may claim; each costs a walk over it."""

REFERENCES_DEPTH_MAX: Final = 8
"""References followed one after another, from one profile's target to the next; each needs Python's stack."""

VITAL_SIGNS: Final = {
    "85353-1": "vitalspanel",
    "9279-1": "resprate",
    "8867-4": "heartrate",
    "2708-6": "oxygensat",
    "8310-5": "bodytemp",
    "8302-2": "bodyheight",
    "9843-4": "headcircum",
    "29463-7": "bodyweight",
    "39156-5": "bmi",
    "85354-9": "bp",
}
"""LOINC codes whose observations R4 wants in the form of its vital signs profiles (section 10.1.5.2)."""
_LOINC: Final = "http://loinc.org"


class Conformity:
    """What is known of resources and profiles, so that each pair is compared once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], bool] = {}
        self._depth = 0

    def of(self, pair: tuple[int, str], compare: Callable[[], bool]) -> bool:
        """Whether the resource keeps to the profile: as it is known, or as `compare` says."""
        if pair not in self._known and self._depth < REFERENCES_DEPTH_MAX:
            self._known[pair] = True
            self._depth += 1
            self._known[pair] = compare()
            self._depth -= 1
        return self._known.get(pair, True)


class _Enough(Exception):
    """More errors than anybody is told; what else is wrong does not change the answer."""


class Validator:
    """Collects the findings of one resource; each is told once."""

    def __init__(
        self,
        registry: Registry,
        conformity: "Conformity | None" = None,
        errors_max: int = FINDINGS_MAX,
        now: datetime | None = None,
    ) -> None:
        self.now = now
        self._registry = registry
        self.conformity = conformity or Conformity()
        self._errors_max = errors_max
        self._errors = 0
        self._found: dict[tuple[str, str, Phrase], Finding] = {}

    def findings(self, resource: Json, profiles: tuple[str, ...]) -> tuple[Finding, ...]:
        with suppress(_Enough):
            for finding in check(resource):
                self.report(finding)
        if not isinstance(resource, dict) or any(each.issue == "too-costly" for each in self._found.values()):
            return self._told()
        node = resource_node(resource)
        with suppress(_Enough):
            _Resource(self, self._registry, node, node, Surroundings(resource)).validate(node.kind, profiles)
        return self._told()

    def _told(self) -> tuple[Finding, ...]:
        """Errors go before what is dropped for them."""
        found = sorted(self._found.values(), key=lambda each: each.severity != "error")
        return tuple(found if len(found) > FINDINGS_MAX else self._found.values())[:FINDINGS_MAX]

    def report(self, finding: Finding) -> None:
        """Keeps it; raises _Enough once there are as many errors as anybody is told."""
        key = (finding.place, finding.issue, finding.expected)
        is_error = finding.severity == "error"
        if key in self._found or (not is_error and len(self._found) >= FINDINGS_MAX):
            return
        self._found[key] = finding
        self._errors += is_error
        if self._errors >= self._errors_max:
            raise _Enough

    def keeps(self, resource: "_Resource", url: str) -> bool:
        """Whether a resource keeps to a profile, told by its first error."""
        with suppress(_Enough):
            resource.profile(url, resource.kind, is_wanted=True)
        return not self._errors


class _Resource:
    """One resource with its surroundings: what it contains, or the Bundle it stands in."""

    def __init__(
        self, validator: Validator, registry: Registry, node: Node, root: Node, surroundings: Surroundings
    ) -> None:
        self._validator = validator
        self._registry = registry
        self._node = node
        self._root = root
        self._surroundings = surroundings
        self._scope = Scope([node], node, root, surroundings.resolve, validator.now)
        self._entries: Entries | None = None
        language = node.value.get("language") or root.value.get("language")
        self._language = language if isinstance(language, str) else "en"

    def validate(self, place: str, profiles: tuple[str, ...] = ()) -> None:
        resource, kind = self._node.value, self._node.kind
        base = self._registry.type_tree(kind)
        if base is None or self._node.key is None:
            return
        self._tell(self._of_resource(resource, place))
        self._walk(is_base=True).root(base, self._node, place)
        for url in dict.fromkeys([*profiles, *self._claimed(), *_vital_signs(resource)]):
            self.profile(url, place, is_wanted=url in profiles)

    def _tell(self, findings: Iterator[Finding]) -> None:
        for finding in findings:
            self._validator.report(finding)

    def _of_resource(self, resource: Json, place: str) -> Iterator[Finding]:
        yield from repeated_ids(resource, place)
        yield from definition_findings(resource, place, self._registry)
        if resource is self._root.value:
            yield from contained_findings(resource, place)
        if self._node.kind == "Bundle":
            self._entries = Entries(resource)
            yield from bundle_findings(resource, place)
        elif self._node.kind == "Parameters":
            yield from parameters_findings(resource, place)
        elif self._node.kind == "QuestionnaireResponse":
            yield from response_findings(resource, place, self._registry)

    def _claimed(self) -> list[str]:
        meta = self._node.value.get("meta")
        found = meta.get("profile") if isinstance(meta, dict) else None
        return [each for each in (found if isinstance(found, list) else ()) if isinstance(each, str)][
            :PROFILES_MAX
        ]

    @property
    def kind(self) -> str:
        return self._node.kind

    def profile(self, url: str, place: str, *, is_wanted: bool) -> None:
        """Against one profile. One that nobody knows is an error when it was asked for, else a warning."""
        plain = url.partition("|")[0]
        profile, structure = self._registry.tree(plain), self._registry.structure(plain)
        error = self._registry.broken(plain)
        if error is not None:
            found = Phrase("one that does not fit its base", "uno que no encaja con su base")
            self._unusable(place, found, error.place, is_wanted=is_wanted)
            return
        if profile is None or structure is None:
            self._unusable(place, NOTHING, "", is_wanted=is_wanted)
        elif structure.get("type") != self._node.kind:
            kind = structure.get("type")
            expected = Phrase(f"a {kind}, as the profile says", f"{kind}, como dice el perfil")
            found = Phrase(self._node.kind, self._node.kind)
            self._validator.report(Finding("structure", place, expected, found))
        elif plain != FHIR_ROOT + self._node.kind:
            self._walk(is_base=False).root(profile, self._node, place)

    def _unusable(self, place: str, found: Phrase, where: str, *, is_wanted: bool) -> None:
        expected = Phrase(f"a profile that is known {where}".strip(), "un perfil conocido")
        where = f"{place}.meta.profile"
        finding = Finding("not-found", where, expected, found, "error" if is_wanted else "warning")
        self._validator.report(finding)

    def _walk(self, *, is_base: bool) -> Walk:
        return Walk(
            self._registry,
            self._scope,
            self._validator.report,
            is_base=is_base,
            conforms=self._conforms,
            inner=self._inner if is_base else None,
            item_findings=self._of_item if is_base else None,
        )

    def _of_item(self, element: Element, node: Node, place: str) -> Iterator[Finding]:
        yield from datatype_findings(element, node, place, self._registry)
        if node.kind == "Coding":
            yield from display_findings(node, place, self._registry, self._language)
        yield from extension_findings(element, node, place, self._registry, self._scope)
        if node.kind == "Extension":
            self._extension(node, place)

    def _extension(self, node: Node, place: str) -> None:
        """What an extension holds is as its definition says."""
        url = node.value.get("url") if isinstance(node.value, dict) else None
        if not isinstance(url, str) or ":" not in url:
            return
        profile = self._registry.tree(url.partition("|")[0])
        if profile is not None:
            self._walk(is_base=False).root(profile, node, place)

    def _inner(self, node: Node, place: str) -> None:
        """A resource inside this one: contained it belongs to it, elsewhere it stands for itself."""
        if ".contained[" in place.rpartition(".")[2] or place.rpartition(".")[2].startswith("contained["):
            inner = _Resource(self._validator, self._registry, node, self._root, self._surroundings)
        else:
            around = Surroundings(node.value, self._entries)
            inner = _Resource(self._validator, self._registry, node, node, around)
        inner.validate(place)

    def _conforms(self, node: Node, url: str) -> bool:
        """Whether a resource keeps to a profile, without telling what it breaks.

        Resources refer to each other in circles and in long chains: one that is being looked at, or stands
        too far away, is taken to conform.
        """
        plain = url.partition("|")[0]
        return plain == FHIR_ROOT + node.kind or self._validator.conformity.of(
            (id(node.value), plain), lambda: self._keeps(node, plain)
        )

    def _keeps(self, node: Node, url: str) -> bool:
        structure = self._registry.structure(url)
        if structure is None or structure.get("type") != node.kind:
            return False
        silent = Validator(self._registry, self._validator.conformity, errors_max=1, now=self._validator.now)
        around = self._surroundings
        if self._entries is not None:
            around = Surroundings(node.value, self._entries)
        return silent.keeps(_Resource(silent, self._registry, node, node, around), url)


def _vital_signs(resource: Json) -> list[str]:
    code = resource.get("code") if resource.get("resourceType") == "Observation" else None
    codings = code.get("coding") if isinstance(code, dict) else None
    found = [each for each in (codings if isinstance(codings, list) else ()) if isinstance(each, dict)]
    names = [VITAL_SIGNS.get(str(each.get("code"))) for each in found if each.get("system") == _LOINC]
    return [FHIR_ROOT + name for name in names if name]
