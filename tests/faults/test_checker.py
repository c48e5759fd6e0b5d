"""A checker that cannot fail proves nothing: each property is shown histories that break it, and only it."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaos.checker import PROPERTIES, check
from chaos.history import Event, History, read

from .histories import ALTERED, GOOD, LANE, WARD, Story, good, looked_at, sent_in, sent_out

ONE, TWO = {"src_id": "G-1"}, {"src_id": "G-2"}
LEG_ONE = {"dest": WARD, "src_id": "G-1"}
LEG_TWO = {"dest": WARD, "src_id": "G-2"}


def received_again(number: int, token: str) -> Callable[[Story], Story]:
    leg = {"dest": WARD, "src_id": f"G-{number}"}

    def add(story: Story) -> Story:
        story.then("engine", "claimed", **leg, lane="#1", seq=number, token=token)
        return story.then("engine", "sent", **leg, sha256=f"out-{number}").then(
            "peer", "received", **leg, lane=LANE, sha256=f"out-{number}"
        )

    return add


def lost(story: Story) -> Story:
    for op in ("claimed", "sent", "received", "effect", "answered", "settled"):
        story.without(op, src_id="G-2")
    return story


def handed_over(story: Story) -> Story:
    """The answer of the ward is owed to the registry, and never comes there."""
    return story.then(
        "peer",
        "due",
        src="WARD",
        src_id="HG-1",
        dest="registry",
        lane=LANE,
        sha256="h",
        outcome=f"{WARD} G-1",
    )


def second_first(story: Story) -> Story:
    """The ward sees the second message of a source before the first."""
    made = sent_in(sent_in(Story(), 1), 2)
    return looked_at(sent_out(sent_out(made, 2, token=1), 1, token=2), 1, 2)


def numbers_reversed(story: Story) -> Story:
    """Two sources, one lane: the store numbered them one way and they came the other."""
    made = sent_in(sent_in(Story(), 1), 2)
    made.changed("invoke", TWO, src="H").changed("due", TWO, src="H").changed("accepted", TWO, src="H")
    made.changed("ok", TWO, src="H")
    looked_at(sent_out(sent_out(made, 2, token=1), 1, token=2), 1, 2)
    return made.changed("stored", TWO, src="H")


def zombie(story: Story) -> Story:
    """A paused node wakes up and sends the first message again, after the second has come."""
    return received_again(1, "9")(story).without("settled", src_id="G-1")


def chained(story: Story) -> Story:
    story.then("store", "audit", seq=1, token="0" * 64, sha256="a")
    return story.then("store", "audit", seq=2, token="a", sha256="b")


BAD: dict[str, tuple[str, Callable[[Story], Story]]] = {
    "acknowledged and never sent": ("P1 P7", lambda story: lost(story).without("delivery", src_id="G-2")),
    "acknowledged, sent, no effect": ("P1", lambda story: story.without("effect", **LEG_TWO)),
    "effect at another destination only": (
        "P1 P5",
        lambda story: story.changed("effect", LEG_TWO, dest="archive"),
    ),
    "acknowledged and still pending": (
        "P1",
        lambda story: story.without("effect", **LEG_TWO).changed("delivery", LEG_TWO, outcome="pending"),
    ),
    "answer handed over and lost": ("P1", handed_over),
    "second before first": ("P2", second_first),
    "lane numbers reversed": ("P2", numbers_reversed),
    "old message again under another lease": ("P3", zombie),
    "effect twice": ("P4", lambda story: story.then("peer", "effect", **LEG_ONE)),
    "stored twice": (
        "P4",
        lambda story: story.then("engine", "accepted", src="G", **ONE, seq=7, outcome="accepted"),
    ),
    "sent after it was settled": (
        "P4",
        lambda story: story.then("engine", "sent", **LEG_TWO, sha256="out-2"),
    ),
    "received and never sent": ("P5", lambda story: story.without("sent", **LEG_ONE)),
    "received before it was sent": (
        "P5",
        lambda story: story.moved("sent", LEG_ONE, after="effect", of="G-1"),
    ),
    "received with other bytes": ("P5", lambda story: story.changed("received", LEG_ONE, sha256=ALTERED)),
    "sent again with other bytes": (
        "P5",
        lambda story: story.then("peer", "received", **LEG_TWO, lane=LANE, sha256=ALTERED),
    ),
    "received by who is owed nothing": (
        "P5 P7",
        lambda story: story.without("due", **LEG_ONE).without("effect", **LEG_ONE),
    ),
    "effect out of nothing": (
        "P5",
        lambda story: story.then("peer", "effect", dest=WARD, src_id="G-9"),
    ),
    "stored and never sent in": ("P5 P7", lambda story: story.without("invoke", **ONE).without("due", **ONE)),
    "delivered without a yes": ("P5", lambda story: story.changed("answered", LEG_ONE, outcome="nonsense")),
    "delivered to who said no": ("P5", lambda story: story.changed("answered", LEG_ONE, outcome="no")),
    "something still waits": ("P6", lambda story: story.changed("backlog", {}, seq=3)),
    "nobody looked": ("P6", lambda story: story.without("backlog")),
    "drained far too late": ("P6", lambda story: story.changed("backlog", {}, mono_ns=200_000_000_000)),
    "mended again afterwards": ("P6", lambda story: story.then("nemesis", "heal")),
    "tally below the rows": ("P7", lambda story: story.changed("count", {"dest": WARD}, seq=1)),
    "tally above the rows": ("P7", lambda story: story.changed("count", {"lane": "accepted"}, seq=3)),
    "tally below zero": (
        "P7",
        lambda story: story.then("store", "count", src="lab", dest=WARD, lane="pending", seq=-1),
    ),
    "a row that no tally counts": (
        "P7",
        lambda story: story.then("store", "recount", src="lab", dest=WARD, lane="stalled", seq=1),
    ),
    "two tables contradict each other": ("P7", lambda story: story.then("store", "stray", outcome="row 7")),
    "acknowledged and not in the store": ("P7", lambda story: story.without("stored", **TWO)),
    "accepted without a delivery": ("P7", lambda story: story.without("delivery", **LEG_TWO)),
    "two deliveries of one message": (
        "P7",
        lambda story: story.then("store", "delivery", **LEG_TWO, seq=8, outcome="delivered"),
    ),
    "delivered without an attempt": ("P8", lambda story: story.without("attempt", **LEG_ONE)),
    "delivered, and the attempt failed": (
        "P8",
        lambda story: story.changed("attempt", LEG_ONE, outcome="unknown"),
    ),
    "an attempt that is not written": (
        "P8",
        lambda story: story.then("engine", "fenced", **LEG_ONE),
    ),
    "an audit entry taken out": ("P8", lambda story: chained(story).without("audit", seq=1)),
    "an audit entry altered": ("P8", lambda story: chained(story).changed("audit", {"seq": 1}, sha256="x")),
    "answer for another message": ("P9", lambda story: story.changed("ok", ONE, outcome="AA|G-2")),
    "answer for nobody": ("P9", lambda story: story.changed("ok", ONE, outcome="AA|")),
    "repeated and heard other bytes": (
        "P9",
        lambda story: again(story, outcome="AA|G-1", sha256="other"),
    ),
    "repeated and refused": ("P9", lambda story: again(story, op="nack", outcome="AE 205|G-1")),
}


def again(story: Story, *, op: str = "ok", **said: Any) -> Story:
    """The sender repeats its first message."""
    names = {"src": "G", "src_id": "G-1"}
    return story.then("load", "invoke", **names, sha256="bytes-sent-1").then("load", op, **names, **said)


def broken(story: Story) -> set[str]:
    return {finding.broken for finding in check(story.events)}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_history_is_clean(name: str) -> None:
    assert check(GOOD[name]().events) == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_breaks_what_it_breaks_and_nothing_else(name: str) -> None:
    properties, spoil = BAD[name]
    assert broken(spoil(good())) == set(properties.split())


def test_every_property_has_bad_histories() -> None:
    assert {each for properties, _ in BAD.values() for each in properties.split()} == set(PROPERTIES)


def test_the_same_message_again_with_the_same_answer_is_clean() -> None:
    assert broken(again(good(), outcome="AA|G-1", sha256="answer-1")) == set()


def test_told_to_try_later_it_may_hear_yes_the_next_time() -> None:
    story = good().without("ok", **ONE)
    story.then("load", "nack", src="G", **ONE, outcome="AE 207|G-1", sha256="later")
    assert broken(again(story, outcome="AA|G-1", sha256="answer-1")) == set()


def test_only_the_last_look_into_the_store_counts() -> None:
    story = looked_at(sent_in(Story(), 1))
    assert broken(looked_at(sent_out(story, 1), 1)) == set()


def test_what_is_written_is_read_in_the_order_of_time(tmp_path: Path) -> None:
    with History(tmp_path / "b.jsonl", "peer") as one, History(tmp_path / "a.jsonl", "load") as other:
        for number in range(3):
            one.tell("received", src_id=str(number))
            other.tell("invoke", src_id=str(number))
    events = read(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert [(event.op, event.src_id) for event in events] == [
        (op, str(number)) for number in range(3) for op in ("received", "invoke")
    ]


def test_half_a_line_of_a_killed_process_is_left_out_and_then_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    with History(path, "engine") as history:
        history.tell("sent", src_id="1")
    with path.open("ab") as file:
        file.write(b'{"mono_ns": 1, "actor": "eng')
    assert [event.src_id for event in read(path)] == ["1"]
    with History(path, "engine") as history:
        history.tell("sent", src_id="2")
    assert [event.src_id for event in read(path)] == ["1", "2"]


def test_the_work_of_checking_grows_with_the_history_and_not_faster() -> None:
    """Counted in calls, which no busy neighbour changes."""

    def calls(count: int) -> int:
        events = [event for number in range(count) for event in one_message(number)]
        seen = Counter[str]()
        sys.setprofile(lambda frame, event, argument: seen.update((event,)))
        try:
            assert check(events) == []
        finally:
            sys.setprofile(None)
        return seen["call"] + seen["c_call"]

    assert calls(800) < 1.5 * 8 * calls(100)


def one_message(number: int) -> list[Event]:
    story = sent_in(Story(), number)
    sent_out(story, number)
    looked_at(story, number)
    at = number * 1_000_000_000
    kept = [each for each in story.events if each.op not in ("look", "count", "recount")]
    return [
        Event(**({n: getattr(each, n) for n in Event.__struct_fields__} | {"mono_ns": at + each.mono_ns}))
        for each in kept
    ]
