"""Whether a resource is valid: structure, invariants, codes, extensions, narrative, and its profiles.

For `$validate` and tests: some milliseconds for a Patient, off the path of messages, where `check` stands.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from ayni.vocabulary.fhir.finding import Finding
from ayni.vocabulary.fhir.json import Resource
from ayni.vocabulary.fhir.validation.errors import ProfileError
from ayni.vocabulary.fhir.validation.registry import Registry
from ayni.vocabulary.fhir.validation.validator import Validator

__all__ = ["ProfileError", "Registry", "validate"]


@cache
def _known() -> Registry:
    from ayni.vocabulary.fhir.pe_core import pe_core  # it is built on this package

    return pe_core()


def validate(
    resource: Resource,
    *,
    profiles: Iterable[str] = (),
    registry: Registry | None = None,
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Every finding, at most `FINDINGS_MAX`, errors first when there are more; valid is what has no `error`.

    It is held against its type, the profiles it claims in `meta.profile`, R4's own profiles of vital signs,
    and `profiles` (canonical URLs). `registry` holds supplied definitions; without it those of R4, of the
    ministry's guide and of this project's extensions are known.
    `now`, a moment with its zone, is the time for invariants that ask for it: an invariant that cannot be
    evaluated is a warning, `not-supported`.
    Raises nothing, whatever the resource holds; TypeError for a profile that is no text.
    """
    named = tuple(profiles)
    if not all(isinstance(each, str) for each in named):
        raise TypeError("expected profiles as canonical URLs")
    return Validator(registry or _known(), now=now).findings(resource, named)
