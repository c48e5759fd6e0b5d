"""One answer against its question: type, options, value set and limits."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import resource_types
from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.membership import Codes
from ayni.vocabulary.fhir.structure.references import type_of
from ayni.vocabulary.fhir.validation.questionnaires.content import (
    HL7,
    SDC,
    Json,
    first_said,
    key_of,
    order,
    said,
    value_of,
)
from ayni.vocabulary.fhir.validation.registry import Registry
from ayni.vocabulary.terminology.errors import TerminologyError
from ayni.vocabulary.terminology.pattern import Pattern

_OPTIONS: Final = frozenset({"Coding", "Date", "Integer", "Reference", "String", "Time"})
_KINDS: Final = {
    "attachment": frozenset({"Attachment"}),
    "boolean": frozenset({"Boolean"}),
    "choice": _OPTIONS,
    "date": frozenset({"Date"}),
    "dateTime": frozenset({"DateTime"}),
    "decimal": frozenset({"Decimal"}),
    "integer": frozenset({"Integer"}),
    "open-choice": _OPTIONS,
    "quantity": frozenset({"Quantity"}),
    "reference": frozenset({"Reference"}),
    "string": frozenset({"String"}),
    "text": frozenset({"String"}),
    "time": frozenset({"Time"}),
    "url": frozenset({"Uri"}),
}
"""By type of question: the kinds of answers it may have."""
_FORMS: Final[dict[str, type]] = {
    "Attachment": dict,
    "Coding": dict,
    "Quantity": dict,
    "Reference": dict,
    "String": str,
    "Uri": str,
}
_ANOTHER: Final = Phrase("another one", "otra")


class Options:
    """What may be chosen for one question: the keys of its options, the codes of its value set."""

    def __init__(self, question: Json, registry: Registry, contained: dict[str, Json]) -> None:
        self._registry = registry
        self._is_open = question.get("type") == "open-choice"
        self._keys = {key_of(value_of(each)[1]) for each in objects(question, "answerOption")}
        url = question.get("answerValueSet")
        own = contained.get(url.removeprefix("#")) if isinstance(url, str) else None
        self._codes = registry.codes_in(own) if own else registry.codes(url) if isinstance(url, str) else None
        self.exclusive = {
            key_of(value_of(each)[1])
            for each in objects(question, "answerOption")
            if said(each, HL7 + "questionnaire-optionExclusive") == [True]
        }

    def findings(self, kind: str, value: Any, place: str) -> Iterator[Finding]:
        """A free text may be given to an open choice."""
        if kind == "String" and self._is_open:
            return
        if self._keys and key_of(value) not in self._keys:
            expected = Phrase("one of the options of the question", "una de las opciones de la pregunta")
            yield Finding("code-invalid", place, expected, _ANOTHER)
        if self._codes is not None and not self._may_have(self._codes, kind, value):
            expected = Phrase("a code of the question's value set", "un código del conjunto de la pregunta")
            yield Finding("code-invalid", place, expected, _ANOTHER)

    def _may_have(self, codes: Codes, kind: str, value: Any) -> bool:
        """A Coding without a system means nothing that could be wrong; a text is a code."""
        if kind == "Coding":
            system, code = value.get("system"), value.get("code")
            return not (isinstance(system, str) and isinstance(code, str)) or codes.may_have(system, code)
        return kind != "String" or self._registry.may_have(codes, value)


def answer_findings(
    question: Json, answer: Json, place: str, options: Options, registry: Registry
) -> Iterator[Finding]:
    """What is wrong with an answer; a value that is not of its own type is the structure check's."""
    kind, value = value_of(answer)
    if not kind or not isinstance(value, _FORMS.get(kind, object)):
        return
    allowed = _KINDS.get(str(question.get("type")), frozenset())
    if kind not in allowed:
        named = ", ".join(sorted(allowed))
        expected = Phrase(f"an answer of type {named}", f"una respuesta de tipo {named}")
        yield Finding("structure", place, expected, Phrase(kind, kind))
        return
    yield from options.findings(kind, value, place)
    yield from _bound_findings(question, kind, value, place)
    if kind in _LIMITS:
        yield from _LIMITS[kind](question, value, place)
    if kind == "Quantity":
        yield from _unit_findings(question, value, place, registry)


def _bound_findings(question: Json, kind: str, value: Any, place: str) -> Iterator[Finding]:
    """`minValue` and `maxValue`. A quantity that cannot be compared with its bound is outside of it."""
    for name, outside in (("min", -1), ("max", 1)):
        bound = first_said(question, f"{HL7}{name}Value", f"{SDC}sdc-questionnaire-{name}Quantity")
        if bound is None:
            continue
        found = order(kind, value, bound)
        if found == outside or (found is None and kind == "Quantity"):
            expected = Phrase(f"within the {name}Value of the question", f"dentro de {name}Value")
            yield Finding("value", place, expected, _ANOTHER)


def _text_findings(question: Json, value: Any, place: str) -> Iterator[Finding]:
    most, least = question.get("maxLength"), first_said(question, HL7 + "minLength")
    if isinstance(most, int) and len(value) > most:
        expected = Phrase(f"at most {most} characters", f"un máximo de {most} caracteres")
        yield Finding("too-long", place, expected, Phrase("more", "más"))
    if isinstance(least, int) and len(value) < least:
        expected = Phrase(f"at least {least} characters", f"un mínimo de {least} caracteres")
        yield Finding("value", place, expected, Phrase("fewer", "menos"))
    pattern = first_said(question, HL7 + "regex")
    if isinstance(pattern, str) and not _matches(pattern, value):
        yield Finding("value", place, Phrase("the pattern of the question", "el patrón"), _ANOTHER)


def _matches(pattern: str, text: str) -> bool:
    """Whether a text has a stranger's pattern; true for a pattern that cannot be asked in linear time."""
    try:
        return Pattern(pattern).matches(text)
    except TerminologyError:
        return True


def _decimal_findings(question: Json, value: Any, place: str) -> Iterator[Finding]:
    most = first_said(question, HL7 + "maxDecimalPlaces")
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    if isinstance(most, int) and isinstance(exponent, int) and -exponent > most:
        expected = Phrase(f"at most {most} decimal places", f"un máximo de {most} decimales")
        yield Finding("value", place, expected, Phrase("more", "más"))


def _attachment_findings(question: Json, value: Any, place: str) -> Iterator[Finding]:
    types = said(question, HL7 + "mimeType")
    if types and value.get("contentType") not in types:
        yield Finding("value", place, Phrase("a type of the question", "un tipo de la pregunta"), _ANOTHER)
    most, data = first_said(question, HL7 + "maxSize"), value.get("data")
    if isinstance(most, int | Decimal) and isinstance(data, str):
        plain = re.sub(r"[\s=]", "", data)
        if len(plain) * 3 // 4 > most:
            expected = Phrase(f"at most {most} bytes", f"un máximo de {most} bytes")
            yield Finding("too-long", place, expected, Phrase("more", "más"))


def _reference_findings(question: Json, value: Any, place: str) -> Iterator[Finding]:
    to = value.get("reference")
    if not isinstance(to, str) or to.startswith(("#", "urn:")):
        return
    name, allowed = type_of(to), said(question, HL7 + "questionnaire-referenceResource")
    if name not in resource_types() or (allowed and name not in allowed):
        named = ", ".join(map(str, allowed)) or "R4"
        expected = Phrase(f"a reference to a type of {named}", f"una referencia a un tipo de {named}")
        yield Finding("value", place, expected, _ANOTHER)


def _unit_findings(question: Json, value: Any, place: str, registry: Registry) -> Iterator[Finding]:
    """The unit is one of the options, and of the value set of units, whether it has a code or not."""
    unit = _unit(value)
    options = said(question, HL7 + "questionnaire-unitOption")
    pairs = [_unit(each) for each in options if isinstance(each, dict)]
    url = first_said(question, HL7 + "questionnaire-unitValueSet")
    codes = registry.codes(url) if isinstance(url, str) else None
    if (pairs and unit not in pairs) or (codes is not None and not codes.may_have(*unit)):
        yield Finding("value", place, Phrase("a unit of the question", "una unidad de la pregunta"), _ANOTHER)


def _unit(value: Json) -> tuple[str, str]:
    return str(value.get("system", "")), str(value.get("code", ""))


_LIMITS: Final = {
    "Attachment": _attachment_findings,
    "Decimal": _decimal_findings,
    "Reference": _reference_findings,
    "String": _text_findings,
    "Uri": _text_findings,
}
