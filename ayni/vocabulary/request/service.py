"""What a request can ask for: the closed list of table 99SVC."""

from enum import StrEnum


class Service(StrEnum):
    """A service; for now every facility offers one."""

    OUTPATIENT = "consulta-externa"

    @property
    def display(self) -> str:
        """The words on Spanish screens."""
        return DISPLAY[self]


DISPLAY: dict[Service, str] = {Service.OUTPATIENT: "Consulta externa"}
