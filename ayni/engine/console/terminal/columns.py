"""Answers of the interface as lines for a terminal."""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Answer = dict[str, Any]
Lines = Iterable[str]

GAP = "  "
OWED = ("owed", "delivered", "set_aside", "stopped", "queued")


def columns(head: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> Lines:
    """A table; the columns numbered in `right` hold figures."""
    texts = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *texts, strict=True)]
    for row in (list(head), *texts):
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield GAP.join(cells).rstrip()


def channels(answer: Answer) -> Lines:
    """Channels, each with its destinations below; before them what keeps new messages out."""
    yield from _hindrance(answer["channels"])
    rows: list[Sequence[object]] = []
    for each in answer["channels"]:
        figures = (each["last_minute"], each["received"], each["refused"], each["queued"])
        rows.append((each["name"], each["state"], *figures, age(each["oldest_seconds"]), each["stopped"]))
        rows += map(_destination, each["destinations"])
    head = ("CHANNEL", "STATE", "LAST MIN", "RECEIVED", "REFUSED", "QUEUED", "OLDEST", "STOPPED")
    yield from columns(head, rows, right=range(2, 8))


def _hindrance(channels: list[Answer]) -> Lines:
    """The same for every channel: the room is the engine's."""
    for word in sorted({each["hindrance"] for each in channels} - {""}):
        from ayni.engine.observability.wording import hindrance  # read only when it is needed

        sentence, advice = hindrance(word, "en")
        yield f"{word.upper()}  {sentence} {advice}"


def channel(answer: Answer) -> Lines:
    """One channel."""
    yield f"{answer['title']}, revision {answer['revision']}, last message {time(answer['last'])}"
    yield from channels({"channels": [answer]})


def _destination(to: Answer) -> Sequence[object]:
    stopped = to["refused"] + to["stalled"]
    return (
        f"  -> {to['partner']}",
        to["state"],
        "",
        "",
        "",
        to["queued"],
        age(to["oldest_seconds"]),
        stopped,
    )


def messages(answer: Answer) -> Lines:
    """Messages with where their deliveries stand, and how to see older ones."""
    if not answer["messages"]:
        yield "no message matches"
        return
    head = ("MESSAGE", "RECEIVED", "CHANNEL", "KIND", "CORRELATION ID", "STATE", "DELIVERIES")
    yield from columns(head, [_message(each) for each in answer["messages"]], right=(0,))
    if answer.get("next_before_id"):
        yield f"older ones: --before {answer['next_before_id']}"


def _message(each: Answer) -> Sequence[object]:
    deliveries = ", ".join(f"{to['destination']} {to['state']}" for to in each["deliveries"])
    said = deliveries or _finding(each)
    names = (each["channel"], each["kind"] or "unreadable", each["correlation_id"] or "-")
    return (each["id"], time(each["received_at"]), *names, each["state"], said)


def _finding(message: Answer) -> str:
    return " ".join(filter(None, (message["error_code"], message["error_place"], message["error_text"])))


def message(answer: Answer) -> Lines:
    """One message: its names, what happened, and its original."""
    kind = answer["kind"] or "unreadable"
    yield f"message {answer['id']}  {kind}  {answer['state']}  {_finding(answer)}".rstrip()
    yield f"  received {time(answer['received_at'])} by {answer['channel']}, revision {answer['revision']}"
    yield f"  control id {answer['control_id'] or '-'}, correlation id {answer['correlation_id'] or '-'}"
    if answer["parent_id"]:
        yield f"  made from message {answer['parent_id']} by {answer['link']}"
    for child in answer["children"]:
        yield f"  became message {child['id']} of {child['channel']} by {child['link']}"
    for delivery in answer["deliveries"]:
        yield f"  -> {delivery['destination']}: {delivery['state']}, attempts: {delivery['attempt_count']}"
    yield from ("", *timeline(answer["timeline"]), "", *_content(answer["raw"]))
    for delivery in answer["deliveries"]:
        yield from ("", *_sent(delivery))


def _sent(delivery: Answer) -> Lines:
    """What was made for one destination, and each attempt with what the partner answered."""
    yield f"sent to {delivery['destination']}, control id {delivery['control_id']}:"
    yield from _content(delivery["content"])
    for number, attempt in enumerate(delivery["attempts"], start=1):
        said = filter(None, (time(attempt["at"]), attempt["outcome"], attempt["ack"], attempt["reason"]))
        yield from ("", f"attempt {number}  {GAP.join(map(_plain, said))}  {attempt['ms']} ms")
        yield from _lines_of(attempt["answer"]) if attempt["answer"] else ["no answer"]


def _content(text: str) -> Lines:
    return _lines_of(text) if text else ["the content was deleted when its time was over"]


def exported(answer: Answer) -> Lines:
    """What was written where; without a file the messages themselves, in ASCII alone."""
    if "file" in answer:
        return [f"{answer['exported']} messages in {answer['file']}"]
    return map(json.dumps, answer["messages"])


def tree(answer: Answer) -> Lines:
    """The parsed tree of a message."""
    yield from _nodes(answer["tree"], 0)


def _nodes(nodes: list[Answer], depth: int) -> Iterator[str]:
    for node in nodes:
        yield f"{'  ' * depth}{node['label']:<4}  {_plain(node['text'])}".rstrip()
        yield from _nodes(node["children"], depth + 1)


def followed(answer: Answer) -> Lines:
    """One correlation id: its timeline over all channels."""
    if not answer["messages"]:
        return ["no message names it"]
    return timeline(answer["timeline"], with_message=True)


def timeline(events: list[Answer], *, with_message: bool = False) -> Lines:
    """What happened, oldest first."""
    for event in events:
        where = event["channel"] + (f" -> {event['destination']}" if event["destination"] else "")
        said = (event["state"], event["code"], event["text"], event["who"])
        took = f"{event['ms']} ms" if event["ms"] is not None else ""
        words = filter(None, (f"{event['what']:<11}", where, *said, took))
        number = f"{event['message_id']:>8}  " if with_message else ""
        yield f"{number}{time(event['at'])}  {GAP.join(map(_plain, words))}"


def stalled(answer: Answer) -> Lines:
    """Deliveries about which a person decides."""
    if not answer["deliveries"]:
        yield "nothing awaits a decision"
        return
    head = ("MESSAGE", "DELIVERY", "SINCE", "WAY", "STATE", "LANE", "CORRELATION ID", "SAID")
    yield from columns(head, [_stopped(each) for each in answer["deliveries"]], right=(0, 1))
    if answer["next_before_id"]:
        yield f"older ones: --before {answer['next_before_id']}"


def _stopped(each: Answer) -> Sequence[object]:
    way = f"{each['channel']} -> {each['destination']}"
    lane = "holds" if each["holds_lane"] else "passes"
    said = f"{each['ack']} {each['reason']}".strip()
    names = (each["message_id"], each["delivery_id"], time(each["settled_at"]))
    return (*names, way, each["state"], lane, each["correlation_id"] or "-", said)


def decided(answer: Answer) -> Lines:
    """What a decision changed."""
    yield f"decided about {answer['decided']}" + (
        f", {answer['skipped']} were no longer stopped" if answer["skipped"] else ""
    )


def resent(answer: Answer) -> Lines:
    """The new message."""
    made = f"message {answer['id']} ({answer['state']})"
    yield f"{made}, from message {answer['parent_id']} by {answer['link']}"


def deployed(answer: Answer) -> Lines:
    """What runs now."""
    before = answer["previous_revision"] or "nothing"
    yield f"{answer['channel']} runs revision {answer['revision']} (before: {before})"


def conservation(answer: Answer) -> Lines:
    """The sums of each channel and destination, and the verdict."""
    messages, deliveries = [], []
    for each in answer["channels"]:
        figures = (each["received"], each["accepted"], each["filtered"], each["refused"])
        messages.append((each["channel"], *figures))
        deliveries += [
            (f"{each['channel']} -> {to['destination']}", *(to[name] for name in OWED))
            for to in each["destinations"]
        ]
    yield from columns(
        ("CHANNEL", "RECEIVED", "ACCEPTED", "FILTERED", "REFUSED"), messages, right=range(1, 5)
    )
    yield ""
    head = ("WAY", "OWED", "DELIVERED", "SET ASIDE", "STOPPED", "QUEUED")
    yield from columns(head, deliveries, right=range(1, 6))
    yield ""
    yield from (f"DIFFERS  {each}" for each in answer["findings"])
    yield "the sums come out: nothing was lost" if answer["is_kept"] else "THE SUMS DO NOT COME OUT"


def alerts(answer: Answer) -> Lines:
    """What needs a person."""
    if not answer["alerts"]:
        return ["no alert"]
    rows = [
        (a["severity"], time(a["since"]), a["channel"], a["destination"], f"{a['text']} {a['advice']}")
        for a in answer["alerts"]
    ]
    return columns(("SEVERITY", "SINCE", "CHANNEL", "DESTINATION", "ALERT AND WHAT TO DO FIRST"), rows)


def audit(answer: Answer) -> Lines:
    """Entries, newest first."""
    if not answer["entries"]:
        yield "no entry matches"
        return
    yield from columns(
        ("NUMBER", "AT", "WHO", "FROM", "ACTION", "OUTCOME", "MESSAGES", "DETAILS"),
        [_entry(each) for each in answer["entries"]],
        right=(0,),
    )
    if answer["next_before"]:
        yield f"older ones: --before {answer['next_before']}"


def _entry(each: Answer) -> Sequence[object]:
    details = " ".join(f"{name}={value}" for name, value in each["details"].items())
    numbers = ",".join(map(str, each["messages"])) or "-"
    names = (each["number"], time(each["at"]), each["who"] or "-", each["address"])
    return (*names, each["action"], each["outcome"], numbers, details)


def verification(answer: Answer) -> Lines:
    """Whether the audit is whole."""
    if answer["first_bad"] is not None:
        yield f"BROKEN at entry {answer['first_bad']}: keep a copy of audit.sqlite and report it"
    elif answer["expected_found"] is False:
        yield "BROKEN: the expected entry is not in the chain; it was cut off or made anew"
    else:
        yield f"whole: {answer['count']} entries"
    yield f"head {answer['head']}"


def holds(answer: Answer) -> Lines:
    """Every legal hold."""
    if not answer["holds"]:
        return ["nothing is held"]
    rows = [(each["reason"], each["count"], time(each["at"]), each["who"]) for each in answer["holds"]]
    return columns(("REASON", "MESSAGES", "SINCE", "BY"), rows, right=(1,))


def held(answer: Answer) -> Lines:
    """The messages a reason keeps."""
    yield from messages(answer | {"next_before_id": None})
    if answer["next_before_id"]:
        yield f"more: --after {answer['next_before_id']}"


def hold_changed(answer: Answer) -> Lines:
    """What putting or lifting did."""
    yield f"{answer['reason']}: {answer['changed']} changed, {answer['held']} held"


def accounts(answer: Answer) -> Lines:
    """Every account."""
    rows = [(each["name"], each["role"], time(each["created_at"])) for each in answer["accounts"]]
    return columns(("NAME", "ROLE", "PASSWORD SINCE"), rows)


def secret(answer: Answer) -> Lines:
    """A password, this once."""
    return [f"user: {answer['name']}", f"password: {answer['password']}"]


def age(seconds: float | None) -> str:
    """How long, in its greatest unit."""
    if seconds is None:
        return "-"
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"


def time(text: str | None) -> str:
    """A time as it was told, to the second and without its offset."""
    return text[:19].replace("T", " ") if text else "-"


def _lines_of(raw: str) -> Iterator[str]:
    """Content on a terminal: one segment a line, and no sequence that would move its cursor."""
    for line in raw.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield _plain(line)


def _plain(cell: object) -> str:
    """Text without control characters: what a stranger sent must not speak to the terminal."""
    return "".join(sign if unicodedata.category(sign)[0] != "C" else "\ufffd" for sign in str(cell))
