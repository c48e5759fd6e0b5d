"""What is wrong with a terminology, a question to it, or a file it is read from.

TerminologyError
├── InvalidDefinition     a resource cannot be read as a code system, value set or concept map
│   └── CyclicDefinition  it contains itself
├── NotHere               the system, value set, map, version or code is not held
├── Unmapped              the policy of the map is to refuse what it does not translate
├── NotSupported          an operation or a parameter that is not offered
└── TooCostly             answering would pass a named limit
"""

from typing import Any, ClassVar

from ayni.vocabulary.fhir import operation_outcome


class TerminologyError(ValueError):
    """`str()` is English and for engineers, `text` a Spanish sentence for people.

    `place` says where (a FHIRPath or a canonical address), `expected` and `found` what. `issue` is a code of
    FHIR's issue-type value set, `http_status` the answer it deserves.
    """

    issue: ClassVar[str] = "invalid"
    http_status: ClassVar[int] = 422

    def __init__(self, *, place: str, expected: str, found: str, text: str) -> None:
        super().__init__(f"expected {expected}, found {found} (at {place})")
        self.place = place
        self.expected = expected
        self.found = found
        self.text = text

    def outcome(self) -> dict[str, Any]:
        """The OperationOutcome that says the same."""
        return operation_outcome(self.issue, self.text, expression=self.place)


class InvalidDefinition(TerminologyError):
    """A CodeSystem, ValueSet or ConceptMap that cannot be used."""

    issue = "invalid"


class CyclicDefinition(InvalidDefinition):
    """A hierarchy or a composition that leads back to itself; `found` names the way round."""

    issue = "business-rule"


class NotHere(TerminologyError):
    """Nothing of that name, version or date is held."""

    issue = "not-found"
    http_status = 404


class Unmapped(TerminologyError):
    """A code that a map does not translate and refuses to pass on."""

    issue = "code-invalid"


class NotSupported(TerminologyError):
    """An operation, or a parameter of one, that is not offered."""

    issue = "not-supported"
    http_status = 400


class TooCostly(TerminologyError):
    """A limit of this room is passed; ask for less."""

    issue = "too-costly"
