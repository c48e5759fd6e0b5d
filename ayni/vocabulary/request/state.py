"""The closed list of states one citizen's request can be in, and how each is said in FHIR and HL7 v2.

`state` is ours (Task.businessStatus, SCH-6, table 99STA); `status` is always FHIR's own element.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where one request stands. The record is the only writer from `received` on."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    IDENTITY_PENDING = "identity-pending"
    IN_REVIEW = "in-review"
    INFORMATION_REQUESTED = "information-requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WAITLISTED = "waitlisted"
    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"
    ARRIVED = "arrived"
    TRIAGED = "triaged"
    IN_PROGRESS = "in-progress"
    LEFT_BEFORE_CARE = "left-before-care"
    FINISHED = "finished"
    REFERRED = "referred"
    REFERRAL_OBSERVED = "referral-observed"
    REFERRAL_ACCEPTED = "referral-accepted"
    REFERRAL_REJECTED = "referral-rejected"
    REFERRAL_BOOKED = "referral-booked"
    REFERRAL_ARRIVED = "referral-arrived"
    REFERRAL_CANCELLED = "referral-cancelled"
    COUNTER_REFERRED = "counter-referred"
    CLOSED = "closed"
    ENTERED_IN_ERROR = "entered-in-error"

    @property
    def display(self) -> str:
        """The word on Spanish screens."""
        return DISPLAY[self]


DISPLAY: dict[State, str] = {
    State.DRAFT: "En preparación",
    State.SUBMITTED: "Enviada",
    State.RECEIVED: "Recibida",
    State.IDENTITY_PENDING: "Identidad por confirmar",
    State.IN_REVIEW: "En revisión",
    State.INFORMATION_REQUESTED: "Falta un dato",
    State.ACCEPTED: "Aceptada",
    State.REJECTED: "Rechazada",
    State.WAITLISTED: "En lista de espera",
    State.BOOKED: "Citada",
    State.RESCHEDULED: "Reprogramada",
    State.CANCELLED: "Cancelada",
    State.NO_SHOW: "No asistió",
    State.ARRIVED: "Llegó",
    State.TRIAGED: "Triaje hecho",
    State.IN_PROGRESS: "En atención",
    State.LEFT_BEFORE_CARE: "Se retiró",
    State.FINISHED: "Atención finalizada",
    State.REFERRED: "Referida",
    State.REFERRAL_OBSERVED: "Referencia observada",
    State.REFERRAL_ACCEPTED: "Referencia aceptada",
    State.REFERRAL_REJECTED: "Referencia rechazada",
    State.REFERRAL_BOOKED: "Citada en destino",
    State.REFERRAL_ARRIVED: "Recibida en destino",
    State.REFERRAL_CANCELLED: "Referencia dada de baja",
    State.COUNTER_REFERRED: "Contrarreferida",
    State.CLOSED: "Cerrada",
    State.ENTERED_IN_ERROR: "Anulada por error",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """How a scheduling state is said: FHIR statuses, and in v2 the SIU event with its table 0278 value.

    `appointment_status` is None where the Appointment is not touched.
    """

    task_status: str
    appointment_status: str | None
    service_request_status: str
    siu_event: str
    filler_status: str


SCHEDULING: dict[State, Expression] = {
    State.RECEIVED: Expression("requested", "proposed", "active", "", "Pending"),
    State.IDENTITY_PENDING: Expression("received", "proposed", "active", "S14", "Pending"),
    State.IN_REVIEW: Expression("received", "proposed", "active", "S14", "Pending"),
    State.INFORMATION_REQUESTED: Expression("on-hold", "proposed", "active", "S14", "Pending"),
    State.ACCEPTED: Expression("accepted", "proposed", "active", "S14", "Pending"),
    State.REJECTED: Expression("rejected", "cancelled", "revoked", "S15", "Cancelled"),
    State.WAITLISTED: Expression("accepted", "waitlist", "active", "S14", "Waitlist"),
    State.BOOKED: Expression("in-progress", "booked", "active", "S12", "Booked"),
    State.RESCHEDULED: Expression("in-progress", "booked", "active", "S13", "Booked"),
    State.CANCELLED: Expression("cancelled", "cancelled", "revoked", "S15", "Cancelled"),
    State.NO_SHOW: Expression("on-hold", "noshow", "active", "S26", "Noshow"),
    State.CLOSED: Expression("completed", None, "completed", "S14", "Complete"),
    State.ENTERED_IN_ERROR: Expression(
        "entered-in-error", "entered-in-error", "entered-in-error", "S17", "Deleted"
    ),
}
"""The states that travel as SRR or SIU. `received` travels as the SRR, so it has no SIU event."""
