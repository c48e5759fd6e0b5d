"""The rules of a type, from its StructureDefinition.

A type is compiled when the first value of it comes by, and kept: R4 has some 200 types, a system meets a few
dozen. Source: FHIR R4, section 5.3 (StructureDefinition).
"""

from functools import cache
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import FHIR_ROOT, definition, resource_types, type_name
from ayni.vocabulary.fhir.finding import Phrase, Problem
from ayni.vocabulary.fhir.kinds import AN_OBJECT, kind_of
from ayni.vocabulary.fhir.membership import codes_of
from ayni.vocabulary.fhir.primitives import PRIMITIVES
from ayni.vocabulary.fhir.structure.references import reference
from ayni.vocabulary.fhir.structure.rules import (
    Choice,
    Json,
    ObjectRule,
    Problems,
    Rule,
    code,
    coding,
    concept,
    many,
    many_primitives,
    primitive,
    resolved,
    siblings,
    single,
    value_or_extensions,
)

_BACKBONES: Final = frozenset({"BackboneElement", "Element"})
_ANY_RESOURCE: Final = frozenset({"Resource", "DomainResource"})
_CODED: Final = {"Coding": coding, "CodeableConcept": concept}


def resource_rule(value: Any, parent: Json, depth: int) -> Problems:
    """A resource on its own: its local references are answered by what it contains."""
    problems = contained_rule(value, parent, depth)
    return resolved(problems, value) if problems and isinstance(value, dict) else problems


def contained_rule(value: Any, parent: Json, depth: int) -> Problems:
    """A resource inside another: its local references are the other's to answer."""
    if not isinstance(value, dict):
        return [Problem("structure", AN_OBJECT, kind_of(value))]
    name = value.get("resourceType")
    if not isinstance(name, str) or name not in resource_types():
        expected = Phrase("the name of a resource of R4", "el nombre de un recurso de R4")
        return [Problem("structure", expected, kind_of(name), ".resourceType")]
    return _object(FHIR_ROOT + name, name)(value, parent, depth)


@cache
def _object(url: str, path: str) -> ObjectRule:
    """The rule of a type, or of the part of it that stands at `path`."""

    def compile_elements(rule: ObjectRule) -> None:
        _Compiler(url, path).fill(rule)

    return ObjectRule(compile_elements)


class _Compiler:
    """Fills one rule from the elements one level below `path`."""

    def __init__(self, url: str, path: str) -> None:
        structure = definition("types", url) or definition("profiles", url)
        if structure is None:
            raise LookupError(f"expected a definition of R4, found none of {url}")
        self.url = url
        self.path = path
        self.elements: list[Json] = structure["snapshot"]["element"]
        self.is_resource = structure["kind"] == "resource" and path == structure["type"]
        self.rules: dict[str, Rule] = {}
        self.places: dict[str, str] = {}
        self.required: list[tuple[str, str]] = []
        self.choices: list[Choice] = []

    def fill(self, rule: ObjectRule) -> None:
        for element in self._children():
            self._add(element)
        if self.is_resource:
            self._put("resourceType", primitive(*PRIMITIVES["string"]), ".resourceType")
            rule.whole = _whole_resource
        if self.path == "Extension":
            rule.whole = value_or_extensions
        rule.elements, rule.places = self.rules, self.places
        rule.required, rule.choices = tuple(self.required), tuple(self.choices)

    def _children(self) -> list[Json]:
        level = self.path.count(".") + 1
        return [
            each
            for each in self.elements
            if each["path"].startswith(f"{self.path}.") and each["path"].count(".") == level
        ]

    def _add(self, element: Json) -> None:
        name = element["path"].rpartition(".")[2]
        if element["max"] == "0":
            return
        if name.endswith("[x]"):
            self._add_choice(element, name.removesuffix("[x]"))
            return
        if element["min"]:
            self.required.append((name, f"_{name}"))
        kind = (element.get("type") or [{"code": ""}])[0]
        self._add_key(element, name, f".{name}", kind)

    def _add_choice(self, element: Json, name: str) -> None:
        keys = set()
        for kind in element["type"]:
            key = name + kind["code"][0].upper() + kind["code"][1:]
            keys |= {key, f"_{key}"}
            self._add_key(element, key, f".{name}.ofType({kind['code']})", kind)
        self.choices.append(Choice(name, frozenset(keys), required=bool(element["min"])))

    def _add_key(self, element: Json, key: str, place: str, kind: Json) -> None:
        name = _primitive_name(element, kind)
        repeats = element["max"] != "1"
        most = None if element["max"] in ("1", "*") else int(element["max"])
        rule = self._bound(element, name or kind["code"], self._rule_of(element, name, kind))
        if name is None:
            self._put(key, many(rule, most) if repeats else single(rule), place)
            return
        self._put(key, many_primitives(rule, f"_{key}", most) if repeats else single(rule), place)
        beside = _object(FHIR_ROOT + "Element", "Element")
        self._put(f"_{key}", siblings(beside) if repeats else single(beside), place)

    def _put(self, key: str, rule: Rule, place: str) -> None:
        self.rules[key] = rule
        self.places[key] = place

    def _rule_of(self, element: Json, name: str | None, kind: Json) -> Rule:
        if name is not None:
            return primitive(*PRIMITIVES[name])
        if "contentReference" in element:
            return _object(self.url, element["contentReference"].removeprefix("#"))
        code_name = kind["code"]
        if code_name in _ANY_RESOURCE:
            return contained_rule if element["path"].endswith(".contained") else resource_rule
        if code_name in _BACKBONES:
            return _object(self.url, element["path"])
        profile = next(iter(kind.get("profile", ())), FHIR_ROOT + code_name)
        rule = _object(profile, code_name)
        return reference(rule, kind.get("targetProfile", [])) if code_name == "Reference" else rule

    def _bound(self, element: Json, type_name: str, rule: Rule) -> Rule:
        """The rule with the element's required binding, when its codes are all known."""
        binding = element.get("binding", {})
        if binding.get("strength") != "required":
            return rule
        value_set = binding.get("valueSet", "").partition("|")[0]
        codes = codes_of(value_set)
        if codes is None or (codes.open_systems and type_name == "code"):
            return rule
        name = value_set.rpartition("/")[2]
        expected = Phrase(f"a code of {name}", f"un código de {name}")
        if type_name == "code":
            return code(frozenset(each for _, each in codes.pairs), rule, expected)
        return _CODED[type_name](codes, rule, expected) if type_name in _CODED else rule


def _whole_resource(value: Json) -> Problems:
    """A resource may be empty of all but its type."""
    return None


def _primitive_name(element: Json, kind: Json) -> str | None:
    """The primitive type of an element, None for a complex one."""
    name = type_name(element, kind["code"])
    return name if name in PRIMITIVES else None
