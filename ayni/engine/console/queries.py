"""What the console reads from the message store."""

from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from ayni.vocabulary.fhir import FhirError, bundle, loads
from ayni.vocabulary.hl7 import Hl7Error, parse

Row = dict[str, Any]

MESSAGES_MAX = 200
"""A page a person can read; older messages are found by request or state."""

_MESSAGE = (
    "select id, channel, revision, source, parent_id, control_id, correlation_id, kind, received_at, ms,"
    " state, error_code, error_place, error_text"
)
_NEWEST = f"{_MESSAGE} from message order by id desc limit :limit"
_OF_REQUEST = (
    f"{_MESSAGE} from message where correlation_id = :correlation"  # noqa: S608 - every part is written here
    "  and (:state = '' or state = :state"
    "       or exists (select 1 from delivery where message_id = message.id and delivery.state = :state))"
    " order by id limit :limit"
)
_IN_STATE = (
    f"{_MESSAGE} from message where id in"  # noqa: S608 - every part is written here
    " (select id from message where state = :state"
    "   union select message_id from delivery where state = :state order by 1 desc limit :limit)"
    " order by id desc"
)


def messages(
    tx: apsw.Connection, *, correlation_id: str = "", state: str = "", limit: int = MESSAGES_MAX
) -> list[Row]:
    """Messages oldest first when one request is asked for, newest first otherwise; with their deliveries.

    `state` is a message's (`refused`) or a delivery's (`pending`, `unknown`, `refused` …).
    """
    # each has its own statement, because one for all would read the whole history
    sql = _OF_REQUEST if correlation_id else _IN_STATE if state else _NEWEST
    asked = {"correlation": correlation_id, "state": state, "limit": min(limit, MESSAGES_MAX)}
    found = _rows(tx, sql, asked)
    return [message | _arrival(message) | {"deliveries": _deliveries(tx, message)} for message in found]


def message(tx: apsw.Connection, message_id: int) -> Row | None:
    """One message with its bytes, deliveries, attempts and the messages it was handed over as."""
    found = _rows(tx, f"{_MESSAGE}, raw from message where id = ?", (message_id,))
    if not found:
        return None
    children = _rows(tx, "select id, channel from message where parent_id = ?", (message_id,))
    arrived = found[0] | _arrival(found[0])
    return arrived | {"deliveries": _deliveries(tx, found[0]), "children": children}


def _arrival(message: Row) -> Row:
    """The message's own hop of the request's way, and the word it was answered with."""
    accepted = "ok" if message["source"] == "fhir" else "AA"
    return {
        "hop": f"{message['source']} → {message['channel']}",
        "at": message["received_at"],
        "ack": accepted if message["state"] == "accepted" else message["error_code"],
    }


def _deliveries(tx: apsw.Connection, of: Row) -> list[Row]:
    deliveries = _rows(
        tx,
        "select id, destination, lane, control_id, content, state, attempt_count, due_at, settled_at"
        " from delivery where message_id = ? order by id",
        (of["id"],),
    )
    return [each | {"attempts": _attempts(tx, of, each)} for each in deliveries]


def _attempts(tx: apsw.Connection, of: Row, delivery: Row) -> list[Row]:
    """Each try as one hop of the request's way: where, when, by which name, what was said, how long."""
    rows = _rows(
        tx,
        "select started_at as at, ms, outcome, reason, answer from attempt where delivery_id = ? order by id",
        (delivery["id"],),
    )
    hop = f"{of['channel']} → {delivery['destination']}"
    return [
        row | {"hop": hop, "control_id": delivery["control_id"], "ack": acknowledgement_in(row["answer"])}
        for row in rows
    ]


def channels(tx: apsw.Connection) -> dict[str, Row]:
    """Per channel: how many messages came, how many were refused, and what still has to be delivered."""
    counted = _rows(
        tx,
        "select channel, count(*) as received, sum(state = 'refused') as refused, max(received_at) as last"
        " from message group by channel",
    )
    waiting = _rows(
        tx,
        "select channel, destination, sum(delivery.state <> 'refused') as waiting,"
        " sum(delivery.state = 'refused') as held, min(received_at) as oldest"
        " from delivery join message on message.id = message_id"
        " where delivery.state not in ('delivered', 'set-aside') group by channel, destination",
    )
    return {
        row["channel"]: row | {"waiting": [each for each in waiting if each["channel"] == row["channel"]]}
        for row in counted
    }


def acknowledgement_in(answer: bytes) -> str:
    """The one word of an answer: MSA-1, a FHIR response code or issue code, "" for no answer."""
    if not answer:
        return ""
    try:
        return parse(answer)["MSA-1"] if answer.startswith(b"MSH") else _fhir_word(loads(answer))
    except (Hl7Error, FhirError):
        return "?"


def _fhir_word(resource: Mapping[str, Any]) -> str:
    if resource["resourceType"] == "OperationOutcome":
        issues = resource.get("issue")
        found = [issue for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
        return ", ".join(str(issue.get("code")) for issue in found)
    response = bundle.header(dict(resource)).get("response")
    return str(response.get("code", "?")) if isinstance(response, dict) else "?"


def _rows(tx: apsw.Connection, sql: str, bindings: Mapping[str, Any] | Sequence[Any] = ()) -> list[Row]:
    cursor = tx.execute(sql, bindings)
    return [
        {name: value for (name, _), value in zip(cursor.get_description(), row, strict=True)}
        for row in cursor
    ]
