"""The stories that are played, in this order: those that move the clock last, because it does not go back."""

from collections.abc import Callable

from ayni.exercise.scenarios import (
    answered,
    booked,
    no_show,
    outage,
    qhali_away,
    rejected,
    rescheduled_cancelled,
    sent_twice,
)
from ayni.exercise.stage import Stage

Play = Callable[[Stage], None]

SCENARIOS: dict[str, Play] = {
    "booked": booked.play,
    "rejected": rejected.play,
    "rescheduled-then-cancelled": rescheduled_cancelled.play,
    "same-message-twice": sent_twice.play,
    "record-down-and-engine-killed": outage.play,
    "assistant-down": qhali_away.play,
    "reminder-confirmed": answered.confirm,
    "reminder-another-date": answered.ask_for_another_date,
    "reminder-declined": answered.decline,
    "no-show": no_show.play,
}
