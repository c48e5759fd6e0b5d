import pytest

from ayni.wire.failure import Backoff


@pytest.mark.parametrize(("attempt_count", "longest"), [(1, 5), (2, 10), (3, 20), (7, 300), (10_000, 300)])
def test_pauses_double_up_to_their_bound_with_jitter(attempt_count: int, longest: float) -> None:
    backoff = Backoff(first_seconds=5, seconds_max=300)
    pauses = {backoff.pause(attempt_count) for _ in range(100)}
    assert all(longest / 2 <= pause <= longest for pause in pauses)
    assert len(pauses) > 50
