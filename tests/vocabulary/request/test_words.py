"""The closed lists: states, reasons and urgencies, and how each is said in FHIR R4 and HL7 v2."""

from ayni.vocabulary.request import LEVEL_BY_V2_PRIORITY, SCHEDULING, URGENCY, Reason, Service, State

TASK_STATUSES = {
    "draft",
    "requested",
    "received",
    "accepted",
    "rejected",
    "ready",
    "cancelled",
    "in-progress",
    "on-hold",
    "failed",
    "completed",
    "entered-in-error",
}
APPOINTMENT_STATUSES = {
    "proposed",
    "pending",
    "booked",
    "arrived",
    "fulfilled",
    "cancelled",
    "noshow",
    "entered-in-error",
    "checked-in",
    "waitlist",
}
REQUEST_STATUSES = {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
TABLE_0278 = {"Pending", "Waitlist", "Booked", "Started", "Complete", "Cancelled", "Deleted", "Noshow"}


def test_every_state_and_reason_has_its_word() -> None:
    assert all(state.display for state in State)
    assert len({state.display for state in State}) == len(State) == 28
    assert all(reason.display for reason in Reason)
    assert len(Reason) == 15
    assert all(service.display for service in Service)


def test_scheduling_states_use_only_words_of_the_standards() -> None:
    for expression in SCHEDULING.values():
        assert expression.task_status in TASK_STATUSES
        assert expression.appointment_status in APPOINTMENT_STATUSES | {None}
        assert expression.service_request_status in REQUEST_STATUSES
        assert expression.filler_status in TABLE_0278


def test_received_travels_as_the_answer_and_every_other_scheduling_state_as_a_siu() -> None:
    assert [state for state, said in SCHEDULING.items() if not said.siu_event] == [State.RECEIVED]


def test_levels_keep_apart_in_both_standards_and_the_more_urgent_is_answered_sooner() -> None:
    levels = list(URGENCY.values())
    assert [level.level for level in levels] == ["I", "II", "III", "IV"]
    assert [level.fhir_priority for level in levels] == ["stat", "asap", "urgent", "routine"]
    assert LEVEL_BY_V2_PRIORITY == {"S": "I", "A": "II", "TH24": "III", "R": "IV"}
    assert sorted(levels, key=lambda level: level.answer_within) == levels
    assert sorted(levels, key=lambda level: level.wished_within) == levels
