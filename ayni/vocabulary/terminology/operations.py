"""The operations as a FHIR server is asked: a name and a Parameters resource in, the answer out (FHIR R4).

A parameter that is not named here is refused by its name. To ignore it would answer another question: an
expansion without the filter that somebody set is a wrong list.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ayni.vocabulary.terminology.errors import InvalidDefinition, NotSupported, TerminologyError
from ayni.vocabulary.terminology.expand import expand
from ayni.vocabulary.terminology.lookup import lookup, subsumes
from ayni.vocabulary.terminology.parameters import Json, parameters
from ayni.vocabulary.terminology.reading import read_value_set
from ayni.vocabulary.terminology.resources import day
from ayni.vocabulary.terminology.terminology import Terminology
from ayni.vocabulary.terminology.translate import Question, translate
from ayni.vocabulary.terminology.validate_code import validate_code, validate_member
from ayni.vocabulary.terminology.value_set import ValueSet


def answer(terminology: Terminology, operation: str, asked: Json, *, today: date) -> Json:
    """What an operation (`CodeSystem/$lookup` …) answers to a Parameters resource.

    `today` is the day where `date` is not given. Raises `NotSupported` for an operation or a parameter that
    is not known, `InvalidDefinition` for one that is missing or of another form, and what the operation
    itself raises.
    """
    known = OPERATIONS.get(operation)
    if known is None:
        raise NotSupported(
            place=operation,
            expected="one of " + ", ".join(OPERATIONS),
            found="another operation",
            text=f"No se ofrece la operación {operation}.",
        )
    names, ask = known
    given = _Given(dict(_read(asked, operation, names.split())))
    return ask(terminology, given, given.day("date", today))


@dataclass(frozen=True, slots=True)
class _Given:
    """The parameters by name, each with its values in their order."""

    values: Mapping[str, list[Any]]

    def has(self, name: str) -> bool:
        return name in self.values

    def all(self, name: str) -> list[str]:
        return [str(each) for each in self.values.get(name, [])]

    def text(self, name: str) -> str:
        """One text, "" when it is not given."""
        return self.one(name, str) or ""

    def required(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise _wrong(name, "it", "nothing")
        return text

    def one(self, name: str, kind: type[Any]) -> Any:
        """One value of a kind; None when it is not given."""
        several = self.values.get(name, [])
        if len(several) > 1:
            raise _wrong(name, "one", str(len(several)))
        if several and (
            not isinstance(several[0], kind) or isinstance(several[0], bool) is not (kind is bool)
        ):
            raise _wrong(name, f"a {kind.__name__}", type(several[0]).__name__)
        return several[0] if several else None

    def day(self, name: str, today: date) -> date:
        text = self.text(name)
        if not text:
            return today
        return day(text) or _refuse(name, "a date", "another text")

    def coding(
        self, name: str = "coding", code: str = "code", system: str = "system"
    ) -> tuple[str, str, str, str]:
        """System, version, code and display: of a Coding, or of plain parameters."""
        coding = self.one(name, dict)
        if coding is not None:
            return _of_coding(coding, name)
        return self.required(system), self.text("version"), self.required(code), self.text("display")

    def codings(self, system: str = "system") -> list[tuple[str, str, str, str]]:
        """Each coding of a CodeableConcept, or the one that is given otherwise."""
        concept = self.one("codeableConcept", dict)
        if concept is None:
            return [self.coding(system=system)]
        several = concept.get("coding")
        if not isinstance(several, list) or not several:
            raise _wrong("codeableConcept", "a coding", "none")
        return [_of_coding(each, "codeableConcept") for each in several]


def _of_coding(coding: Any, name: str) -> tuple[str, str, str, str]:
    said = coding if isinstance(coding, dict) else {}
    system, version, code, display = (
        said.get(element, "") for element in ("system", "version", "code", "display")
    )
    if not all(isinstance(each, str) for each in (system, version, code, display)) or not (system and code):
        raise _wrong(name, "a coding with system and code", "another")
    return system, version, code, display


def _read(asked: Json, operation: str, names: list[str]) -> Iterator[tuple[str, list[Any]]]:
    if not isinstance(asked, dict) or asked.get("resourceType") != "Parameters":
        raise _wrong(operation, "a Parameters resource", "another")
    several = asked.get("parameter", [])
    if not isinstance(several, list):
        raise _wrong(operation, "a Parameters resource", "another")
    values: dict[str, list[Any]] = {}
    for each in several:
        name = each.get("name") if isinstance(each, dict) else None
        if name not in names:
            raise NotSupported(
                place=operation,
                expected="one of " + ", ".join(names),
                found=f"parameter {str(name)[:60]}",
                text=f"La operación {operation} no entiende el parámetro {str(name)[:60]}.",
            )
        kinds = [key for key in each if key.startswith("value") or key == "resource"]
        if len(kinds) != 1:
            raise _wrong(str(name), "one value", str(len(kinds)))
        values.setdefault(str(name), []).append(each[kinds[0]])
    yield from values.items()


def _lookup(terminology: Terminology, given: _Given, on: date) -> Json:
    system, version, code, _ = given.coding()
    return lookup(
        terminology,
        system=system,
        code=code,
        version=version,
        on=on,
        properties=given.all("property"),
        language=given.text("displayLanguage"),
    )


def _subsumes(terminology: Terminology, given: _Given, on: date) -> Json:
    system, version, code_a, _ = given.coding("codingA", "codeA")
    other, _, code_b, _ = given.coding("codingB", "codeB")
    if other != system:
        raise _wrong("codingB", "a code of the same system", "another system")
    outcome = subsumes(terminology, system=system, code_a=code_a, code_b=code_b, version=version, on=on)
    return parameters([{"name": "outcome", "valueCode": outcome}])


def _validate_code(terminology: Terminology, given: _Given, on: date) -> Json:
    url = given.text("url")
    return _first_valid(
        validate_code(terminology, system=url or system, code=code, version=version, display=display, on=on)
        for system, version, code, display in given.codings(system="url")
        if url in ("", system)
    )


def _validate_member(terminology: Terminology, given: _Given, on: date) -> Json:
    return _first_valid(
        validate_member(
            terminology,
            value_set=_value_set(given),
            version=given.text("valueSetVersion"),
            system=system,
            system_version=given.text("systemVersion") or version,
            code=code,
            display=display,
            on=on,
        )
        for system, version, code, display in given.codings()
    )


def _first_valid(answers: Iterator[Json]) -> Json:
    """Of the codings of a concept one that is valid, else the last."""
    last: Json | None = None
    for last in answers:
        if last["parameter"][0]["valueBoolean"]:
            return last
    return last or _refuse("codeableConcept", "a coding of the system", "none")


def _value_set(given: _Given) -> str | ValueSet:
    sent = given.one("valueSet", dict)
    return read_value_set(sent) if sent is not None else given.required("url")


def _expand(terminology: Terminology, given: _Given, on: date) -> Json:
    versions = [canonical.partition("|") for canonical in given.all("system-version")]
    return expand(
        terminology,
        _value_set(given),
        version=given.text("valueSetVersion"),
        on=on,
        system_versions={url: version for url, _, version in versions},
        text_filter=given.text("filter"),
        offset=given.one("offset", int) or 0,
        count=given.one("count", int),
        active_only=bool(given.one("activeOnly", bool)),
        language=given.text("displayLanguage"),
        with_designations=bool(given.one("includeDesignations", bool)),
    )


def _translate(terminology: Terminology, given: _Given, on: date) -> Json:
    last: Json = {}
    for system, _, code, _ in given.codings():
        question = Question(
            system=system,
            code=code,
            on=on,
            concept_map=given.text("url"),
            version=given.text("conceptMapVersion"),
            to_system=given.text("targetsystem"),
            reverse=bool(given.one("reverse", bool)),
        )
        last = translate(terminology, question)
        if last["parameter"][0]["valueBoolean"]:
            break
    return last


Ask = Callable[[Terminology, _Given, date], Json]

_OF_EXPAND: Final = """
url valueSet valueSetVersion filter date offset count activeOnly system-version excludeNested
displayLanguage includeDesignations
"""

OPERATIONS: Final[Mapping[str, tuple[str, Ask]]] = {
    "CodeSystem/$lookup": ("code system version coding date property displayLanguage", _lookup),
    "CodeSystem/$subsumes": ("codeA codeB system version codingA codingB", _subsumes),
    "CodeSystem/$validate-code": (
        "url code version display coding codeableConcept date",
        _validate_code,
    ),
    "ValueSet/$expand": (
        _OF_EXPAND,
        _expand,
    ),
    "ValueSet/$validate-code": (
        "url valueSet valueSetVersion code system systemVersion display coding codeableConcept date",
        _validate_member,
    ),
    "ConceptMap/$translate": (
        "url conceptMapVersion code system version coding codeableConcept targetsystem reverse date",
        _translate,
    ),
}
"""The parameters that each operation understands, and what it asks. Expansions are flat with or without
`excludeNested`; `date` of `$translate` is ours, from R5's habit, so that an old message can be translated
again."""


def _wrong(name: str, expected: str, found: str) -> TerminologyError:
    return InvalidDefinition(
        place=name, expected=expected, found=found, text=f"El parámetro {name} falta o tiene otra forma."
    )


def _refuse(name: str, expected: str, found: str) -> Any:
    raise _wrong(name, expected, found)
