"""`CodeSystem/$validate-code` and `ValueSet/$validate-code` (FHIR R4, operations of both).

A code is valid on a day: one that was retired in 2024 is valid for a visit of 2023. A display that is not the
code's does not make it invalid (published lists hold misprints); the message says so.
"""

from datetime import date

from ayni.vocabulary.terminology.code_system import Concept
from ayni.vocabulary.terminology.composition import Composition
from ayni.vocabulary.terminology.effective import Standing
from ayni.vocabulary.terminology.parameters import Json, parameters, value
from ayni.vocabulary.terminology.terminology import Terminology
from ayni.vocabulary.terminology.value_set import ValueSet


def validate_code(
    terminology: Terminology, *, system: str, code: str, on: date, version: str = "", display: str = ""
) -> Json:
    """Whether a code system has a code on a day, as Parameters; raises `NotHere` for system or version."""
    held = terminology.code_system(system, on=on, version=version)
    concept = held.find(code)
    if concept is None:
        part = "" if held.is_complete else " que se tiene en parte"
        return _answer(False, f"El código {code} no está en {held.url}{part}.", version=held.version)
    return _judged(concept, on=on, display=display, shown=concept.display, version=held.version)


def validate_member(
    terminology: Terminology,
    *,
    value_set: str | ValueSet,
    system: str,
    code: str,
    on: date,
    version: str = "",
    system_version: str = "",
    display: str = "",
) -> Json:
    """Whether a value set (its address, or one that somebody sent) has a code on a day, as Parameters.

    `version` is the value set's, `system_version` the code system's. Raises what `Composition.member` raises.
    """
    asked = (
        value_set
        if isinstance(value_set, ValueSet)
        else terminology.value_set(value_set, on=on, version=version)
    )
    versions = {system: system_version} if system_version else {}
    member = Composition(terminology, on, versions).member(asked, system, code)
    if member is None:
        why = _why_not(terminology, system, code, on, system_version)
        return _answer(False, f"El código {code} no está en el conjunto de valores {asked.url}{why}.")
    if display and not (member.concept.is_called(display) or display == member.display):
        return _answer(True, _other_name(member.display), display=member.display, version=member.version)
    return _answer(True, display=member.display, version=member.version)


def _judged(concept: Concept, *, on: date, display: str, shown: str, version: str) -> Json:
    standing = concept.standing(on)
    if standing is not Standing.CURRENT:
        return _answer(False, _out_of_time(concept, standing), display=shown, version=version)
    if display and not concept.is_called(display):
        return _answer(True, _other_name(shown), display=shown, version=version)
    return _answer(True, display=shown, version=version)


def _why_not(terminology: Terminology, system: str, code: str, on: date, version: str) -> str:
    """What the code system adds to a no: the code does not exist, or not on that day."""
    if not terminology.has_code_system(system):
        return ""
    concept = terminology.code_system(system, on=on, version=version).find(code)
    if concept is None:
        return " ni en su sistema de códigos"
    standing = concept.standing(on)
    return "" if standing is Standing.CURRENT else f": {_out_of_time(concept, standing)[:-1].lower()}"


def _out_of_time(concept: Concept, standing: Standing) -> str:
    if standing is Standing.FUTURE:
        return f"Vale desde el {concept.effective.since}."
    return f"Dejó de valer el {concept.effective.until}." if concept.effective.until else "Ya no vale."


def _other_name(display: str) -> str:
    return f"El nombre es otro: {display}."


def _answer(result: bool, message: str = "", *, display: str = "", version: str = "") -> Json:
    return parameters(
        [
            {"name": "result", "valueBoolean": result},
            *value("message", "valueString", message),
            *value("display", "valueString", display),
            *value("version", "valueString", version),
        ]
    )
