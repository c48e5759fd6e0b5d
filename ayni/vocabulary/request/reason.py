"""Why a request was rejected, cancelled or held: the closed list of table 99RSN."""

from enum import StrEnum


class Reason(StrEnum):
    """A reason; `other` needs words of its own beside it."""

    NO_CAPACITY = "no-capacity"
    OTHER_TERRITORY = "other-territory"
    OTHER_SERVICE = "other-service"
    DUPLICATE_REQUEST = "duplicate-request"
    IDENTITY_NOT_CONFIRMED = "identity-not-confirmed"
    NO_ANSWER = "no-answer"
    CITIZEN_REQUEST = "citizen-request"
    FACILITY_CLOSED = "facility-closed"
    PROFESSIONAL_ABSENT = "professional-absent"
    ROAD_OR_WEATHER = "road-or-weather"
    SLOT_WITHDRAWN = "slot-withdrawn"
    MISSING_DATA = "missing-data"
    NOT_PERTINENT = "not-pertinent"
    DECEASED = "deceased"
    OTHER = "other"

    @property
    def display(self) -> str:
        """The words on Spanish screens and in the citizen's notice, after "motivo"."""
        return DISPLAY[self]


DISPLAY: dict[Reason, str] = {
    Reason.NO_CAPACITY: "no hay cupo",
    Reason.OTHER_TERRITORY: "vive en el ámbito de otro establecimiento",
    Reason.OTHER_SERVICE: "necesita otro servicio",
    Reason.DUPLICATE_REQUEST: "ya tenía un pedido igual",
    Reason.IDENTITY_NOT_CONFIRMED: "no se confirmó su identidad",
    Reason.NO_ANSWER: "no se recibió respuesta",
    Reason.CITIZEN_REQUEST: "usted lo pidió",
    Reason.FACILITY_CLOSED: "el establecimiento estará cerrado",
    Reason.PROFESSIONAL_ABSENT: "el profesional no estará",
    Reason.ROAD_OR_WEATHER: "el camino o el clima no lo permiten",
    Reason.SLOT_WITHDRAWN: "se retiró ese horario",
    Reason.MISSING_DATA: "faltan datos",
    Reason.NOT_PERTINENT: "no corresponde a este servicio",
    Reason.DECEASED: "fallecimiento",
    Reason.OTHER: "otro motivo",
}
