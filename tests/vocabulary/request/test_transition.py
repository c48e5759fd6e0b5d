import pytest

from ayni.vocabulary.request import Role, State, TransitionNotAllowed, check, choices, is_allowed

# from: to (who), as the project's note on states says it. Q citizen, S record, A admission, N nurse,
# C clinician, O referral office, D destination, H head of the facility, K clock.
TABLE = """
draft: submitted Q
submitted: received S
received: identity-pending SA, in-review ANC, accepted ANC, cancelled Q, arrived AN
identity-pending: in-review A, information-requested A, rejected AH, cancelled Q, arrived AN
in-review: accepted ANC, rejected NCH, information-requested ANC, identity-pending A, cancelled Q, arrived AN
information-requested: in-review SA, rejected A, cancelled Q, arrived AN
accepted: booked ANC, waitlisted A, arrived AN, referred C, cancelled QAH
waitlisted: booked AS, arrived AN, referred C, cancelled QAH
booked: rescheduled QA, waitlisted AH, arrived AN, no-show AK, cancelled QAH
rescheduled: rescheduled QA, waitlisted AH, arrived AN, no-show AK, cancelled QAH
no-show: booked A, waitlisted A, arrived A, referral-booked D, cancelled Q, closed KA
arrived: triaged NC, in-progress CN, left-before-care AN
triaged: in-progress C, referred C, left-before-care AN
in-progress: finished C, referred C, triaged CN
left-before-care: arrived A, booked A, closed KA
finished: booked CA, referred C, closed KA
referred: referral-observed D, referral-accepted D, referral-rejected D, referral-arrived D,\
 referral-cancelled OC
referral-observed: referred O, referral-rejected D, referral-cancelled OC
referral-accepted: referral-booked D, referral-arrived D, referral-cancelled OCD
referral-booked: referral-booked D, referral-arrived D, no-show D, referral-cancelled OCD
referral-rejected: referred C, booked AC, closed A
referral-cancelled: referred C, booked AC, closed A
referral-arrived: counter-referred D, closed O
counter-referred: booked AC, closed KA
rejected:
cancelled:
closed:
entered-in-error:
"""
NEVER_IN_ERROR = {State.DRAFT, State.SUBMITTED, State.ENTERED_IN_ERROR}


def _steps(line: str) -> dict[State, set[Role]]:
    steps = [step.split() for step in line.split(",") if step.strip()]
    return {State(name): set(map(Role, roles)) for name, roles in steps}


ROWS = {
    State(before): _steps(after)
    for before, _, after in (row.partition(":") for row in TABLE.split("\n") if row)
}


def test_the_table_has_a_row_for_every_state() -> None:
    assert set(ROWS) == set(State)


@pytest.mark.parametrize("before", State)
def test_only_the_steps_of_the_table_are_allowed_and_only_to_their_roles(before: State) -> None:
    others = [after for after in State if after is not State.ENTERED_IN_ERROR]
    allowed = {after: {role for role in Role if is_allowed(before, after, role)} for after in others}
    assert {after: roles for after, roles in allowed.items() if roles} == ROWS[before]
    assert {after for after in others if is_allowed(before, after)} == set(ROWS[before])


@pytest.mark.parametrize("before", State)
def test_whatever_the_record_has_told_can_turn_out_to_be_an_error(before: State) -> None:
    assert is_allowed(before, State.ENTERED_IN_ERROR) is (before not in NEVER_IN_ERROR)


@pytest.mark.parametrize("before", [s for s in State if State.REJECTED in ROWS[s]])
@pytest.mark.parametrize("role", Role)
def test_level_one_or_an_unknown_level_is_never_rejected_and_level_two_only_by_a_clinician(
    before: State, role: Role
) -> None:
    allowed = role in ROWS[before][State.REJECTED]
    for level, expected in {
        "I": False,
        "II": allowed and role is Role.CLINICIAN,
        "III": allowed,
        "IV": allowed,
        "": False,
        "C": False,
        "i": False,
    }.items():
        assert (State.REJECTED in choices(before, role, orientation=level)) is expected, level
        if expected:
            check(before, State.REJECTED, role, orientation=level)
        else:
            with pytest.raises(TransitionNotAllowed):
                check(before, State.REJECTED, role, orientation=level)


@pytest.mark.parametrize("level", ["I", "", "V"])
def test_level_one_is_not_rejected_even_where_no_role_is_named(level: str) -> None:
    with pytest.raises(TransitionNotAllowed):
        check(State.IN_REVIEW, State.REJECTED, None, orientation=level)


def test_the_urgency_of_a_request_stops_no_other_step() -> None:
    check(State.IN_REVIEW, State.ACCEPTED, Role.NURSE, orientation="I")


def test_a_refused_step_says_from_where_to_where_and_for_whom() -> None:
    with pytest.raises(TransitionNotAllowed, match="booked -> closed is not allowed to role ADMISSION"):
        check(State.BOOKED, State.CLOSED, Role.ADMISSION)
    assert TransitionNotAllowed.code == "state-not-allowed"


def test_choices_keep_the_order_of_the_table() -> None:
    assert choices(State.IN_REVIEW, Role.NURSE, orientation="III")[:2] == [State.ACCEPTED, State.REJECTED]
