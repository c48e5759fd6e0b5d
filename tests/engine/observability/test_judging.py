"""Each rule breaks at its limit, is kept well below it, and concludes nothing from what it cannot know."""

from datetime import UTC, time
from typing import get_args

import pytest

from ayni.engine.observability.judging import GIB, judge
from ayni.engine.observability.ledger import Alert
from ayni.engine.observability.rules import ChannelRules, DestinationRules, EngineRules, Rules, Silence
from ayni.engine.observability.wording import advice, words
from ayni.engine.room import Hindrance

from .sights import DAY, MINUTE, NOW, sight, standing_of, with_channel, with_destination

QUIET = Rules(every_channel=ChannelRules(silence=Silence(minutes=15, open_from=time(7), open_until=time(19))))
BEFORE = with_channel(NOW - 5 * MINUTE, received=100, refused=10)


@pytest.mark.parametrize(
    ("received", "refused", "expected"),
    [
        (200, 30, "broken"),  # 20 of 100
        (200, 29, "unknown"),  # 19 of 100: neither broken nor well
        (200, 19, "kept"),  # 9 of 100
        (104, 14, "unknown"),  # all refused, but too few to ring
        (100, 10, "kept"),  # nothing came
    ],
)
def test_error_rate_is_of_the_last_five_minutes(received, refused, expected):
    now = with_channel(received=received, refused=refused)
    assert standing_of("error-rate", now, BEFORE) == expected


def test_error_rate_ends_nothing_while_the_window_is_not_full():
    young = with_channel(NOW - MINUTE)
    assert standing_of("error-rate", with_channel(received=10), young) == "unknown"
    assert standing_of("error-rate", with_channel(received=10, refused=9), young) == "broken"


@pytest.mark.parametrize(
    ("at", "last", "expected"),
    [
        (NOW, NOW - 14 * MINUTE, "kept"),
        (NOW, NOW - 15 * MINUTE, "broken"),
        (NOW, None, "broken"),
        (NOW.replace(hour=7, minute=10), NOW - DAY, "unknown"),  # open for ten minutes only
        (NOW.replace(hour=7, minute=15), NOW - DAY, "broken"),
        (NOW.replace(hour=19, minute=1), NOW, "unknown"),  # closed: nobody has to send, nothing is well again
        (NOW.replace(day=22), None, "unknown"),  # Sunday
        (NOW.replace(hour=6, minute=59).astimezone(UTC), NOW - DAY, "unknown"),  # 11:59 UTC
        (NOW.replace(hour=18, minute=59).astimezone(UTC), NOW - DAY, "broken"),  # 23:59 UTC
    ],
)
def test_silence_counts_within_the_hours_only(at, last, expected):
    assert standing_of("silence", with_channel(at, last=last), rules=QUIET) == expected


def test_silence_after_a_start_waits_as_long_as_the_rule_says():
    quiet = with_channel(last=NOW - 40 * MINUTE)
    started = sight(channels=quiet.channels, started_at=NOW - 5 * MINUTE)
    assert standing_of("silence", started, rules=QUIET) == "unknown"


def test_a_channel_a_person_stopped_is_not_silent():
    assert standing_of("silence", with_channel(is_started=False), rules=QUIET) == "kept"


def test_silence_is_off_until_it_is_declared():
    assert not [each for each in judge(Rules(), with_channel(), ()) if each.place.kind == "silence"]


@pytest.mark.parametrize(
    ("kind", "field"),
    [("not-kept", "not_kept"), ("control-id-reused", "reused"), ("sender-not-bound", "not_bound")],
)
def test_what_should_never_happen_is_told_for_fifteen_minutes(kind, field):
    now = with_channel(**{field: 3})
    assert standing_of(kind, now, with_channel(NOW - 20 * MINUTE), with_channel(NOW - MINUTE)) == "broken"
    assert standing_of(kind, now, with_channel(NOW - 20 * MINUTE, **{field: 3})) == "kept"
    assert standing_of(kind, now, with_channel(NOW - MINUTE, **{field: 3})) == "unknown"


@pytest.mark.parametrize(("minutes", "expected"), [(16, "broken"), (10, "unknown"), (7, "kept")])
def test_queue_age(minutes, expected):
    assert standing_of("queue-age", with_destination(oldest=NOW - minutes * MINUTE)) == expected


def test_an_empty_queue_has_no_age():
    assert standing_of("queue-age", with_destination()) == "kept"


@pytest.mark.parametrize(("pending", "expected"), [(10_001, "broken"), (10_000, "unknown"), (4_999, "kept")])
def test_queue_depth(pending, expected):
    assert standing_of("queue-depth", with_destination(pending=pending)) == expected


def test_connection_down_is_patient_for_a_minute():
    (found,) = [
        each
        for each in judge(Rules(), with_destination(is_down=True), ())
        if each.place.kind == "connection-down"
    ]
    assert (found.standing, found.patience) == ("broken", MINUTE)


def test_held_and_passed_deliveries_are_told_apart():
    before = with_destination(NOW - 20 * MINUTE, passed=4)
    assert standing_of("held", with_destination(held=1), before) == "broken"
    assert standing_of("held", with_destination(passed=5), before) == "kept"
    assert standing_of("passed", with_destination(passed=5), before) == "broken"
    assert standing_of("passed", with_destination(passed=4), before) == "kept"


@pytest.mark.parametrize(("gib", "expected"), [(4.9, "broken"), (6, "unknown"), (7, "kept")])
def test_disk(gib, expected):
    assert standing_of("disk-low", sight(disk_free_bytes=int(gib * GIB))) == expected


@pytest.mark.parametrize(
    ("days", "broken"),
    [(31.0, []), (29.0, ["30"]), (6.0, ["30", "7"]), (-1.0, ["30", "7", "1"]), (None, ["30", "7", "1"])],
)
def test_a_certificate_rings_thirty_seven_and_one_day_before(days, broken):
    found = judge(Rules(), sight(certificates={"/etc/ayni/engine.pem": days}), ())
    limits = [each.place.subject.rpartition(":")[2] for each in found if each.standing == "broken"]
    assert limits == broken
    assert not any("/etc" in str(each.figures) for each in found)


@pytest.mark.parametrize(("count", "expected"), [(None, "unknown"), (0, "kept"), (2, "broken")])
def test_a_store_that_contradicts_itself(count, expected):
    assert standing_of("store-differs", sight(contradictions=count)) == expected


@pytest.mark.parametrize(
    ("days", "standing", "sentence"),
    [
        (6.9, "kept", "revocations"),
        (0.9, "broken", "revocations"),
        (-1.0, "broken", "revocations-ended"),
        (None, "broken", "revocations-unreadable"),
    ],
)
def test_a_list_of_revoked_certificates_rings_the_day_before_it_ends(days, standing, sentence):
    (found,) = [
        each
        for each in judge(Rules(), sight(revocations={"/etc/ayni/crl.pem": days}), ())
        if each.place.kind == "certificate"
    ]
    assert (found.standing, found.severity, found.sentence) == (standing, "critical", sentence)
    assert "crl.pem" in words("sentence", found.sentence, "es", **found.figures)


@pytest.mark.parametrize("hindrance", [each for each in get_args(Hindrance) if each])
def test_what_keeps_new_messages_out_is_said_with_its_reason(hindrance):
    (found,) = [
        each for each in judge(Rules(), sight(hindrance=hindrance), []) if "intake" in each.place.kind
    ]
    assert (found.standing, found.severity) == ("broken", "critical")
    assert words("sentence", found.sentence, "es") != words("sentence", "intake-stopped", "es")
    alert = Alert(place=found.place, severity=found.severity, since=NOW, sentence=found.sentence)
    assert advice(alert, "es") == words("advice", f"intake-{hindrance}", "es")
    assert standing_of("intake-stopped", sight()) == "kept"


def test_every_rule_can_be_turned_off():
    off = Rules(
        engine=EngineRules(disk_free_gib=0, certificate_days=(), store_differs=False, intake_stopped=False),
        every_channel=ChannelRules(
            refused_share=0, not_kept=False, control_id_reused=False, sender_not_bound=False
        ),
        every_destination=DestinationRules(
            queue_age_minutes=0, queue_depth=0, down_seconds=0, held=False, passed=False
        ),
    )
    seen = sight(
        channels=with_channel().channels,
        destinations=with_destination(is_down=True, held=1).destinations,
        certificates={"a.pem": None},
        revocations={"crl.pem": None},
        disk_free_bytes=0,
    )
    assert judge(off, seen, ()) == []
