"""The one word of an answer, for lists and timelines."""

from collections.abc import Mapping
from typing import Any

from ayni.vocabulary.fhir import FhirError, bundle, loads
from ayni.vocabulary.hl7 import Hl7Error, parse


def acknowledgement_in(answer: bytes) -> str:
    """MSA-1, a FHIR response code or issue code, "" for no answer, "?" for one that says nothing."""
    if not answer:
        return ""
    try:
        return parse(answer)["MSA-1"] if answer.startswith(b"MSH") else _fhir_word(loads(answer))
    except (Hl7Error, FhirError):
        return "?"


def _fhir_word(resource: Mapping[str, Any]) -> str:
    if resource["resourceType"] == "OperationOutcome":
        issues = resource.get("issue")
        found = [issue for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
        return ", ".join(str(issue.get("code")) for issue in found)
    response = bundle.header(dict(resource)).get("response")
    return str(response.get("code", "?")) if isinstance(response, dict) else "?"
