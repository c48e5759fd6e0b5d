"""Which change of state may follow which, and who may make it.

Both sides of the exercise apply the same table: the record before it writes, QHALI before it believes.
"""

from enum import StrEnum

from ayni.vocabulary.request.state import State

S = State


class Role(StrEnum):
    """Who moves a request."""

    CITIZEN = "Q"
    RECORD = "S"
    ADMISSION = "A"
    NURSE = "N"
    CLINICIAN = "C"
    REFERRAL_OFFICE = "O"
    DESTINATION = "D"
    HEAD = "H"
    CLOCK = "K"


class TransitionNotAllowed(Exception):
    """The table has no such step, or not for this role (HTTP 409, issue `conflict`)."""

    code = "state-not-allowed"

    def __init__(self, before: S, after: S, role: Role | None) -> None:
        super().__init__(f"{before} -> {after} is not allowed" + (f" to role {role.name}" if role else ""))
        self.before, self.after, self.role = before, after, role


def _steps(**roles_by_state: str) -> dict[S, str]:
    return {S(name.replace("_", "-")): roles for name, roles in roles_by_state.items()}


_OUT_OF_REFERRAL = _steps(referred="C", booked="AC", closed="A")
_WITH_APPOINTMENT = _steps(rescheduled="QA", waitlisted="AH", arrived="AN", no_show="AK", cancelled="QAH")

TABLE: dict[S, dict[S, str]] = {
    S.DRAFT: _steps(submitted="Q"),
    S.SUBMITTED: _steps(received="S"),
    S.RECEIVED: _steps(identity_pending="SA", in_review="ANC", accepted="ANC", cancelled="Q", arrived="AN"),
    S.IDENTITY_PENDING: _steps(
        in_review="A", information_requested="A", rejected="AH", cancelled="Q", arrived="AN"
    ),
    S.IN_REVIEW: _steps(
        accepted="ANC",
        rejected="NCH",
        information_requested="ANC",
        identity_pending="A",
        cancelled="Q",
        arrived="AN",
    ),
    S.INFORMATION_REQUESTED: _steps(in_review="SA", rejected="A", cancelled="Q", arrived="AN"),
    S.ACCEPTED: _steps(booked="ANC", waitlisted="A", arrived="AN", referred="C", cancelled="QAH"),
    S.WAITLISTED: _steps(booked="AS", arrived="AN", referred="C", cancelled="QAH"),
    S.BOOKED: _WITH_APPOINTMENT,
    S.RESCHEDULED: _WITH_APPOINTMENT,
    S.NO_SHOW: _steps(
        booked="A", waitlisted="A", arrived="A", referral_booked="D", cancelled="Q", closed="KA"
    ),
    S.ARRIVED: _steps(triaged="NC", in_progress="CN", left_before_care="AN"),
    S.TRIAGED: _steps(in_progress="C", referred="C", left_before_care="AN"),
    S.IN_PROGRESS: _steps(finished="C", referred="C", triaged="CN"),
    S.LEFT_BEFORE_CARE: _steps(arrived="A", booked="A", closed="KA"),
    S.FINISHED: _steps(booked="CA", referred="C", closed="KA"),
    S.REFERRED: _steps(
        referral_observed="D",
        referral_accepted="D",
        referral_rejected="D",
        referral_arrived="D",
        referral_cancelled="OC",
    ),
    S.REFERRAL_OBSERVED: _steps(referred="O", referral_rejected="D", referral_cancelled="OC"),
    S.REFERRAL_ACCEPTED: _steps(referral_booked="D", referral_arrived="D", referral_cancelled="OCD"),
    S.REFERRAL_BOOKED: _steps(
        referral_booked="D", referral_arrived="D", no_show="D", referral_cancelled="OCD"
    ),
    S.REFERRAL_REJECTED: _OUT_OF_REFERRAL,
    S.REFERRAL_CANCELLED: _OUT_OF_REFERRAL,
    S.REFERRAL_ARRIVED: _steps(counter_referred="D", closed="O"),
    S.COUNTER_REFERRED: _steps(booked="AC", closed="KA"),
    S.REJECTED: {},
    S.CANCELLED: {},
    S.CLOSED: {},
    S.ENTERED_IN_ERROR: {},
}
for _state, _after in TABLE.items():
    if _state not in (S.DRAFT, S.SUBMITTED, S.ENTERED_IN_ERROR):
        # the author corrects the same day, the head later; who the author is, the record knows
        TABLE[_state] = {**_after, S.ENTERED_IN_ERROR: "ANCH"}


def is_allowed(before: S, after: S, role: Role | None = None) -> bool:
    """Whether the step is in the table and, when a role is given, that role may make it."""
    roles = TABLE[before].get(after)
    return roles is not None and (role is None or role.value in roles)


def check(before: S, after: S, role: Role | None = None, *, orientation: str = "") -> None:
    """Raises TransitionNotAllowed unless this step may be made.

    A level I request is never rejected and a level II only by a clinician: nobody at the desk
    turns an emergency away. A request whose level is not known might be one.
    """
    if not is_allowed(before, after, role) or not _rejection_allowed(after, role, orientation):
        raise TransitionNotAllowed(before, after, role)


def _rejection_allowed(after: S, role: Role | None, orientation: str) -> bool:
    if after is not S.REJECTED or orientation in ("III", "IV"):
        return True
    return orientation == "II" and role in (None, Role.CLINICIAN)


def choices(before: S, role: Role, *, orientation: str = "") -> list[S]:
    """The states this role may move a request to now, in the table's order."""
    return [
        after
        for after in TABLE[before]
        if is_allowed(before, after, role) and _rejection_allowed(after, role, orientation)
    ]
