"""A member of staff, as the record sees them: a name and the role they act in."""

import uuid
from dataclasses import dataclass
from typing import Any

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.request import Role

GROUP_BY_ROLE = {
    Role.ADMISSION: "Admisión",
    Role.NURSE: "Enfermería",
    Role.CLINICIAN: "Medicina",
    Role.HEAD: "Jefatura",
}
"""Django's groups hold the roles, so an administrator changes them in one place."""

PRACTITIONERS = uuid.uuid5(uuid.NAMESPACE_URL, "https://ayni.example/onevision/staff")
"""An account's name gives its Practitioner's id."""

ROLE_BY_GROUP = {group: role for role, group in GROUP_BY_ROLE.items()}


@dataclass(frozen=True, slots=True)
class Staff:
    """Who acts, and in which role."""

    username: str
    name: str
    role: Role

    @property
    def practitioner_id(self) -> str:
        """The Practitioner of this account."""
        return practitioner_id(self.username)

    @property
    def reference(self) -> Resource:
        """The same as a FHIR reference with a display."""
        return {"reference": f"Practitioner/{self.practitioner_id}", "display": self.name}

    @property
    def role_name(self) -> str:
        """The role's word on the screen."""
        return GROUP_BY_ROLE[self.role]


class NoRole(Exception):
    """The account is in none of the staff groups; it may do nothing."""


def practitioner_id(username: str) -> str:
    """The Practitioner of an account's name."""
    return str(uuid.uuid5(PRACTITIONERS, username))


def staff_of(user: Any) -> Staff:
    """The staff member behind a signed-in account of Django's; raises NoRole."""
    group = user.groups.filter(name__in=ROLE_BY_GROUP).order_by("name").first()
    if group is None:
        raise NoRole
    return Staff(user.get_username(), user.get_full_name() or user.get_username(), ROLE_BY_GROUP[group.name])
