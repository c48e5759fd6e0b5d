"""Whoever moves a request: a member of staff on a page, or the citizen through QHALI."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.request import Role


class Actor(Protocol):
    """Who acts, in which role, and how the steps of a request name them."""

    @property
    def role(self) -> Role:
        """The role that the table of transitions asks for."""
        ...

    @property
    def role_name(self) -> str:
        """The role's word on the screen."""
        ...

    @property
    def reference(self) -> Resource:
        """A FHIR reference with a display."""
        ...


@dataclass(frozen=True, slots=True)
class Citizen:
    """The person a request is about."""

    patient: Resource

    role: ClassVar[Role] = Role.CITIZEN
    role_name: ClassVar[str] = "por QHALI"

    @property
    def reference(self) -> Resource:
        """The record's own Patient; their name stands at the head of every page about them."""
        return {"reference": f"Patient/{self.patient['id']}", "display": "Ciudadano"}
