"""The steps of a request: who moved it where or answered what, when and why (FHIR R4, Provenance)."""

from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.fhir.systems import REQUEST_STATE, STATE_REASON
from ayni.vocabulary.request import Reason, State


def state_concept(state: State) -> Resource:
    """A state of table 99STA as a CodeableConcept."""
    return {"coding": [{"system": REQUEST_STATE, "code": state.value, "display": state.display}]}


def reason_concept(reason: Reason) -> Resource:
    """A reason of table 99RSN as a CodeableConcept."""
    return {"coding": [{"system": STATE_REASON, "code": reason.value, "display": reason.display}]}


def note_step(
    chart: Chart, task_id: str, activity: Resource, *, who: Resource, role: str, reason: Reason | None = None
) -> None:
    """Keeps one step; `activity` is a CodeableConcept, `who` a reference with a display."""
    chart.repository.create(
        {
            "resourceType": "Provenance",
            "target": [{"reference": f"Task/{task_id}"}],
            "recorded": chart.at.isoformat(),
            "activity": activity,
            "agent": [{"who": who, "role": [{"text": role}]}],
        }
        | ({"reason": [reason_concept(reason)]} if reason else {})
    )


def steps(chart: Chart, task_id: str) -> list[Resource]:
    """Every step of a request, first to last."""
    return chart.repository.search("Provenance", target=f"Task/{task_id}")
