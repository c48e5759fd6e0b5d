"""What is wrong with a FHIR resource, said once for programs and once for people."""

from typing import Any


class FhirError(ValueError):
    """A resource or message cannot be accepted.

    `issue` is a code of FHIR's issue-type value set, `expression` the FHIRPath of the place (may be empty),
    `text` a Spanish sentence without patient data, `http_status` the answer it deserves.
    """

    def __init__(self, issue: str, text: str, *, expression: str = "", http_status: int = 422) -> None:
        super().__init__(f"{issue} at {expression or '(whole)'}: {text}")
        self.issue = issue
        self.text = text
        self.expression = expression
        self.http_status = http_status

    def outcome(self) -> dict[str, Any]:
        """The OperationOutcome that says the same."""
        return operation_outcome(self.issue, self.text, expression=self.expression)


def operation_outcome(
    issue: str, text: str, *, expression: str = "", severity: str = "error"
) -> dict[str, Any]:
    """A FHIR OperationOutcome with one issue; severity is fatal, error, warning or information."""
    entry: dict[str, Any] = {"severity": severity, "code": issue, "diagnostics": text}
    if expression:
        entry["expression"] = [expression]
    return {"resourceType": "OperationOutcome", "issue": [entry]}
