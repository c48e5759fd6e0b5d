"""What is waited for is named when it does not happen."""

from collections.abc import Iterator

import pytest

from ayni.exercise.waiting import NotInTime, wait_for


def test_it_returns_what_was_seen_as_soon_as_it_is_there() -> None:
    seen: Iterator[str | None] = iter([None, "", "booked"])
    assert wait_for("the state", lambda: next(seen)) == "booked"


def test_it_gives_up_and_says_what_it_waited_for() -> None:
    with pytest.raises(NotInTime, match="waited 0 s for the citizen's page to show booked"):
        wait_for("the citizen's page to show booked", lambda: None, seconds=0)
