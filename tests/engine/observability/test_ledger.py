"""From judgements to notices: one when it begins, one when it is over, none in between, no storm."""

from ayni.engine.observability.ledger import CALM, NOTICES_PER_MINUTE_MAX, Ledger, Notice

from .sights import MINUTE, NOW, SECOND, judgement

KINDS = ("queue-age", "queue-depth", "connection-down", "held", "passed", "not-kept", "silence", "error-rate")


def step(ledger, at, *judgements):
    """The ledger after a look and its notices, and what they say."""
    ledger = ledger.judged(judgements, at)
    notices = ledger.due(at)
    return ledger.told(notices, at), notices


def said(notices: list[Notice]):
    return [(each.change, each.kind, len(each.alerts)) for each in notices]


def test_one_notice_when_it_begins_and_one_when_it_is_over():
    ledger, told = Ledger(), []
    for second in range(0, 600, 5):
        standing = "broken" if second < 300 else "kept"
        ledger, notices = step(ledger, NOW + second * SECOND, judgement(standing))
        told += [(second, *each) for each in said(notices)]
    assert told == [(0, "began", "queue-age", 1), (300 + CALM.seconds, "over", "queue-age", 1)]
    assert ledger.alerts == {}


def test_a_figure_that_trembles_at_its_limit_rings_once():
    ledger, told = Ledger(), []
    for second in range(0, 600, 5):
        standing = ("broken", "unknown", "kept")[second // 5 % 3]
        ledger, notices = step(ledger, NOW + second * SECOND, judgement(standing))
        told += said(notices)
    assert told == [("began", "queue-age", 1)]


def test_patience_forgives_what_ends_in_time():
    down = judgement("broken", "connection-down", patience=MINUTE)
    ledger, notices = step(Ledger(), NOW, down)
    assert (notices, ledger.active) == ([], [])
    ledger, notices = step(ledger, NOW + 59 * SECOND, down)
    assert notices == []
    ledger, notices = step(ledger, NOW + 60 * SECOND, judgement("kept", "connection-down"))
    assert (notices, ledger.alerts) == ([], {})


def test_patience_ends_and_the_alert_says_since_when():
    down = judgement("broken", "connection-down", patience=MINUTE)
    ledger, _ = step(Ledger(), NOW, down)
    ledger, notices = step(ledger, NOW + MINUTE, down)
    assert said(notices) == [("began", "connection-down", 1)]
    assert ledger.active[0].since == NOW


def test_what_is_not_known_neither_begins_nor_ends():
    ledger, notices = step(Ledger(), NOW, judgement("unknown"))
    assert (notices, ledger.alerts) == ([], {})
    ledger, _ = step(ledger, NOW, judgement("broken"))
    ledger, notices = step(ledger, NOW + 60 * MINUTE, judgement("unknown"))
    assert (notices, len(ledger.active)) == ([], 1)


def test_a_place_that_is_gone_ends_its_alert():
    ledger, _ = step(Ledger(), NOW, judgement("broken"))
    ledger, _ = step(ledger, NOW + MINUTE)
    ledger, notices = step(ledger, NOW + MINUTE + CALM)
    assert said(notices) == [("over", "queue-age", 1)]


def test_fifty_destinations_that_fall_together_are_one_notice():
    fallen = [judgement("broken", destination=f"post-{number}") for number in range(50)]
    assert said(step(Ledger(), NOW, *fallen)[1]) == [("began", "queue-age", 50)]


def test_no_minute_has_more_notices_than_a_person_reads():
    ledger, times = Ledger(), []
    for second in range(0, 300, 5):
        at = NOW + second * SECOND
        fallen = [judgement("broken", KINDS[second // 5 % len(KINDS)], destination=f"d{second}")]
        ledger, notices = step(ledger, at, *fallen, *_still(ledger))
        times += [at] * len(notices)
    worst = max(sum(0 <= (other - at) / SECOND < 60 for other in times) for at in times)
    assert worst == NOTICES_PER_MINUTE_MAX


def test_a_storm_comes_as_one_notice_and_forgets_nobody():
    storm = [judgement("broken", kind, destination="a") for kind in KINDS]
    _, notices = step(Ledger(), NOW, *storm)
    assert len(notices) == NOTICES_PER_MINUTE_MAX
    assert notices[-1].kind == "several"
    assert sum(len(each.alerts) for each in notices) == len(KINDS)


def test_the_gravest_comes_first():
    mild, grave = judgement("broken", "queue-age"), judgement("broken", "held", severity="critical")
    assert [each.kind for each in step(Ledger(), NOW, mild, grave)[1]] == ["held", "queue-age"]


def test_what_begins_and_ends_before_anybody_was_told_makes_no_noise():
    ledger = Ledger(told_at=(NOW,) * NOTICES_PER_MINUTE_MAX)
    ledger, notices = step(ledger, NOW, judgement("broken"))
    assert (notices, len(ledger.active)) == ([], 1)
    ledger = ledger.judged([judgement("kept")], NOW + SECOND)
    ledger, notices = step(ledger, NOW + SECOND + CALM, judgement("kept"))
    assert (notices, ledger.alerts) == ([], {})


def test_broken_again_before_anybody_heard_that_it_was_over_is_still_the_same_alert():
    ledger, _ = step(Ledger(), NOW, judgement("broken"))
    ledger, _ = step(ledger, NOW + SECOND, judgement("kept"))
    full = (NOW + SECOND + CALM,) * NOTICES_PER_MINUTE_MAX
    ledger = Ledger(alerts=ledger.alerts, told_at=full)
    ledger, notices = step(ledger, NOW + SECOND + CALM, judgement("kept"))
    assert (notices, ledger.active) == ([], [])
    ledger, notices = step(ledger, NOW + 3 * MINUTE, judgement("broken"))
    assert (notices, ledger.active[0].since) == ([], NOW)


def _still(ledger):
    return [
        judgement("broken", each.place.kind, destination=each.place.destination) for each in ledger.active
    ]
