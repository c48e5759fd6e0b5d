"""QHALI's orientation levels and the urgency each one asks for (never a triage priority)."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Urgency:
    """One level: what the citizen is told, FHIR's priority, HL7 table 0485, and the promised answer."""

    level: str
    display: str
    fhir_priority: str
    v2_priority: str
    wished_within: timedelta
    answer_within: timedelta


URGENCY: dict[str, Urgency] = {
    urgency.level: urgency
    for urgency in (
        Urgency("I", "Emergencia: vaya o llame ahora", "stat", "S", timedelta(hours=1), timedelta(minutes=5)),
        Urgency("II", "Vaya ahora a emergencia", "asap", "A", timedelta(hours=4), timedelta(minutes=15)),
        Urgency(
            "III",
            "Atención hoy, dentro de 24 horas",
            "urgent",
            "TH24",
            timedelta(hours=24),
            timedelta(hours=4),
        ),
        Urgency("IV", "Cita programada", "routine", "R", timedelta(days=7), timedelta(hours=48)),
    )
}
"""The four levels that become a request, most urgent first (level C, an answer, sends none)."""

LEVEL_BY_V2_PRIORITY = {urgency.v2_priority: level for level, urgency in URGENCY.items()}
