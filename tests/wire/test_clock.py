import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ayni.wire.clock import ClockNotAllowed, ClockUnreadable, ahead, open_clock, real_now, steady

CLOSE = timedelta(seconds=5)


def test_the_real_clock_is_aware_and_peruvian() -> None:
    assert real_now().utcoffset() == timedelta(hours=-5)
    assert open_clock(None, processing_id="P") is real_now


def test_a_steady_clock_begins_with_another_and_follows_none_of_its_jumps() -> None:
    set_to = [datetime(2026, 11, 23, 9, 30, 15, tzinfo=real_now().tzinfo)]
    now = steady(lambda: set_to[0])
    first = now()
    assert timedelta() <= first - set_to[0] < CLOSE
    set_to[0] += timedelta(days=3)
    time.sleep(0.01)
    assert timedelta(seconds=0.01) <= now() - first < CLOSE


def test_a_clock_file_moves_the_time_at_once_and_back(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    now = open_clock(file, processing_id="T")
    assert abs(now() - real_now()) < CLOSE
    for text, days in (("86400", 1), ("172800.5", 2), ("", 0)):
        file.write_text(text)
        assert abs(now() - real_now() - timedelta(days=days)) < CLOSE, text


def test_no_file_means_no_move(tmp_path: Path) -> None:
    assert ahead(tmp_path / "absent") == timedelta()


@pytest.mark.parametrize("processing_id", ["P", "D", ""])
def test_real_traffic_keeps_real_time(tmp_path: Path, processing_id: str) -> None:
    with pytest.raises(ClockNotAllowed, match="AYNI_CLOCK"):
        open_clock(tmp_path / "clock", processing_id=processing_id)


@pytest.mark.parametrize("text", ["tomorrow", "nan", "inf", "1e30", "\N{ARABIC-INDIC DIGIT THREE}"])
def test_a_clock_file_that_holds_no_seconds_is_found_out_at_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "clock").write_text(text, "utf-8")
    with pytest.raises(ClockUnreadable, match="AYNI_CLOCK"):
        open_clock(tmp_path / "clock", processing_id="T")
