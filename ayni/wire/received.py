"""Remembering what was received, so that the same message twice has one effect and one answer.

The key and the answer are written in the transaction of the effect. Same key and same content: the first
answer again. Same key, other content: KeyReused (HL7 table 0357 code 205, HTTP 409).
"""

import hashlib
from dataclasses import dataclass

import apsw

from ayni.vocabulary.fhir import Resource, dumps
from ayni.wire.clock import Now

SCHEMA = """
create table if not exists received (
    source text not null,
    sender text not null,
    control_id text not null,
    content_hash blob not null,
    answer blob not null,
    received_at text not null,
    primary key (source, sender, control_id)
) strict, without rowid;
"""

MSH_7_INDEX = 6


class KeyReused(Exception):
    """The same key came before with other content; a person has to look."""


@dataclass(frozen=True, slots=True)
class ReceivedKey:
    """Who sent what through which door. `sender` is MSH-3|MSH-4 in v2, the header's source in FHIR."""

    source: str
    sender: str
    control_id: str
    content_hash: bytes


def hash_v2(raw: bytes) -> bytes:
    """SHA-256 of a v2 message with MSH-7 blanked: a resend may carry a new time and be the same message."""
    separator = raw[3:4]
    ends = [end for end in (raw.find(b"\r"), raw.find(b"\n")) if end >= 0]
    end = min(ends) if ends and separator else len(raw)
    fields = raw[:end].split(separator) if separator else [raw]
    if len(fields) > MSH_7_INDEX:
        fields[MSH_7_INDEX] = b""
    return hashlib.sha256(separator.join(fields) + raw[end:]).digest()


def hash_fhir(message: Resource) -> bytes:
    """SHA-256 of a message Bundle without its own times: a resend may carry new ones and be the same message.

    These are Bundle.timestamp and Bundle.meta.lastUpdated. How the JSON is spaced and escaped says nothing.
    Raises FhirError for what cannot be written.
    """
    said = _without(message, "timestamp")
    if isinstance(meta := said.pop("meta", None), dict):
        meta = _without(meta, "lastUpdated")
    if meta:
        said["meta"] = meta
    return hashlib.sha256(dumps(said)).digest()


def _without(said: Resource, name: str) -> Resource:
    return {each: value for each, value in said.items() if each != name}


def hash_bytes(raw: bytes) -> bytes:
    """SHA-256 of the content as it came."""
    return hashlib.sha256(raw).digest()


def earlier_answer(tx: apsw.Connection, key: ReceivedKey) -> bytes | None:
    """The answer given the first time, None when this is the first; raises KeyReused."""
    found = tx.execute(
        "select content_hash, answer from received where source = ? and sender = ? and control_id = ?",
        (key.source, key.sender, key.control_id),
    ).fetchone()
    if found is None:
        return None
    content_hash, answer = found
    if content_hash != key.content_hash:
        raise KeyReused(key.control_id)
    return bytes(answer)


def remember(tx: apsw.Connection, key: ReceivedKey, answer: bytes, *, now: Now) -> None:
    """Keeps the answer, in the transaction of the effect it speaks of."""
    tx.execute(
        "insert into received (source, sender, control_id, content_hash, answer, received_at)"
        " values (?, ?, ?, ?, ?, ?)",
        (key.source, key.sender, key.control_id, key.content_hash, answer, now().isoformat()),
    )
