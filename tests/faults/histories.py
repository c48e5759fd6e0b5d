"""Histories written by hand: a good one, and what turns it into a bad one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from chaos.history import Event

RAW, ALTERED = "bytes-sent", "bytes-altered"
WARD, LANE = "ward", "99000001"


@dataclass
class Story:
    """Events one after the other, a millisecond apart."""

    events: list[Event] = field(default_factory=list)

    def then(self, actor: str, op: str, **fields: Any) -> Self:
        """One more event."""
        last = self.events[-1].mono_ns if self.events else 0
        self.events.append(Event(last + 1_000_000, actor, op, **fields))
        return self

    def without(self, op: str, **fields: Any) -> Self:
        """The same without the events that are so."""
        kept = [event for event in self.events if not _is(event, op, fields)]
        assert len(kept) < len(self.events), f"no {op} like that"
        self.events = kept
        return self

    def changed(self, op: str, where: dict[str, Any], **fields: Any) -> Self:
        """The same with other fields in the events that are so."""
        before = list(self.events)
        self.events = [_with(event, fields) if _is(event, op, where) else event for event in self.events]
        assert before != self.events, f"no {op} like that"
        return self

    def moved(self, op: str, where: dict[str, Any], *, after: str, of: str) -> Self:
        """The same with one event taking place right after another."""
        mover = next(event for event in self.events if _is(event, op, where))
        anchor = max(event.mono_ns for event in self.events if event.op == after and event.src_id == of)
        self.events.remove(mover)
        self.events.append(_with(mover, {"mono_ns": anchor + 1}))
        self.events.sort(key=lambda event: event.mono_ns)
        return self


def _is(event: Event, op: str, where: dict[str, Any]) -> bool:
    return event.op == op and all(getattr(event, name) == value for name, value in where.items())


def _with(event: Event, fields: dict[str, Any]) -> Event:
    names = {name: getattr(event, name) for name in Event.__struct_fields__}
    return Event(**(names | fields))


def sent_in(story: Story, number: int) -> Story:
    """A message comes and is acknowledged."""
    names = {"src": "G", "src_id": f"G-{number}"}
    return (
        story.then("load", "invoke", **names, sha256=f"{RAW}-{number}")
        .then("load", "due", **names, dest=WARD, lane=LANE, sha256=f"out-{number}")
        .then("engine", "accepted", **names, seq=number, outcome="accepted")
        .then("load", "ok", **names, sha256=f"answer-{number}", outcome=f"AA|G-{number}")
    )


def sent_out(story: Story, number: int, *, token: int = 0, answer: str = "yes") -> Story:
    """It is leased, sent, taken, answered and settled."""
    leg = {"dest": WARD, "src_id": f"G-{number}"}
    story.then("engine", "claimed", **leg, lane="#1", seq=number, token=str(token or number))
    story.then("engine", "sent", **leg, lane=LANE, sha256=f"out-{number}")
    story.then("peer", "received", **leg, lane=LANE, sha256=f"out-{number}")
    story.then("peer", "effect", **leg).then("peer", "answered", **leg, outcome=answer)
    return story.then("engine", "settled", **leg, outcome="delivered")


def looked_at(story: Story, *numbers: int) -> Story:
    """All is mended, nothing waits, and the rows are as they must be."""
    story.then("nemesis", "heal").then("store", "look")
    for number in numbers:
        leg = {"dest": WARD, "src_id": f"G-{number}"}
        story.then("store", "stored", src="G", src_id=f"G-{number}", seq=number, outcome="accepted")
        story.then("store", "delivery", **leg, seq=number, outcome="delivered")
        story.then("store", "attempt", **leg, outcome="delivered")
    for op in ("count", "recount"):
        story.then("store", op, src="lab", lane="accepted", seq=len(numbers))
        story.then("store", op, src="lab", dest=WARD, lane="delivered", seq=len(numbers))
    return story.then("store", "backlog", seq=0)


def good() -> Story:
    """Two messages of one source, in one lane, as it must be."""
    story = sent_in(sent_in(Story(), 1), 2)
    return looked_at(sent_out(sent_out(story, 1), 2), 1, 2)


def good_after_a_kill() -> Story:
    """The first is sent, the engine dies before settling, the sender is in doubt about the second."""
    story = sent_in(Story(), 1)
    leg = {"dest": WARD, "src_id": "G-1"}
    story.then("engine", "claimed", **leg, lane="#1", seq=1, token="1")
    story.then("engine", "sent", **leg, sha256="out-1").then("peer", "received", **leg, sha256="out-1")
    story.then("peer", "effect", **leg).then("peer", "answered", **leg, outcome="yes")
    story.then("load", "invoke", src="G", src_id="G-2", sha256=f"{RAW}-2")
    story.then("load", "due", src="G", src_id="G-2", dest=WARD, lane=LANE, sha256="out-2")
    story.then("nemesis", "kill").then("load", "unknown", src="G", src_id="G-2")
    sent_in(story, 3)
    story.then("engine", "claimed", **leg, lane="#1", seq=1, token="2")
    story.then("engine", "sent", **leg, sha256="out-1").then("peer", "received", **leg, sha256="out-1")
    story.then("peer", "answered", **leg, outcome="yes").then("engine", "settled", **leg, outcome="delivered")
    story.then("load", "invoke", src="G", src_id="G-2", sha256=f"{RAW}-2")
    story.then("engine", "accepted", src="G", src_id="G-2", seq=2, outcome="accepted")
    story.then("load", "ok", src="G", src_id="G-2", sha256="answer-2", outcome="AA|G-2")
    # the message in doubt was not stored the first time: sent again it may come behind the third
    for number, seq in ((3, 2), (2, 3)):
        sent_out(story, number, token=10 + seq)
        story.changed("claimed", {"src_id": f"G-{number}"}, seq=seq)
    return looked_at(story, 1, 2, 3)


def good_without_waiting() -> Story:
    """A message nobody acknowledged came all the same: that is allowed."""
    story = good()
    return story.without("ok", src_id="G-2").then("load", "unknown", src="G", src_id="G-2")


def good_and_refused() -> Story:
    """The ward says no: a person sees the message, and nothing is lost."""
    story = sent_in(Story(), 1)
    leg = {"dest": WARD, "src_id": "G-1"}
    story.then("engine", "claimed", **leg, lane="#1", seq=1, token="1")
    story.then("engine", "sent", **leg, sha256="out-1").then("peer", "received", **leg, sha256="out-1")
    story.then("peer", "answered", **leg, outcome="no").then("engine", "settled", **leg, outcome="refused")
    looked_at(story, 1)
    for op in ("count", "recount"):
        story.changed(op, {"lane": "delivered"}, lane="refused")
    return story.changed("delivery", {}, outcome="refused").changed("attempt", {}, outcome="refused")


GOOD: dict[str, Callable[[], Story]] = {
    "two in one lane": good,
    "sent again after a kill": good_after_a_kill,
    "in doubt and there": good_without_waiting,
    "refused in sight": good_and_refused,
    "nothing happened": lambda: looked_at(Story()),
}
