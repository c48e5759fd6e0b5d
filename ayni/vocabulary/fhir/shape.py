"""The door: a stranger's resource has R4's structure, so that what follows may read without fear."""

from ayni.vocabulary.fhir.errors import FhirError
from ayni.vocabulary.fhir.json import Resource
from ayni.vocabulary.fhir.structure import check


def check_shapes(resource: Resource) -> None:
    """Raises FhirError (400) with the issue, the place and the Spanish text of the first finding, if any."""
    for finding in check(resource):
        raise FhirError(finding.issue, finding.text, expression=finding.place, http_status=400)
