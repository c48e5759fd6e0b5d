"""HL7 v2: read, change, build, check and acknowledge messages.

Everything else in this folder is free to change.
"""

from ayni.vocabulary.hl7.acknowledgement import (
    ACCEPT_CODES,
    acknowledge,
    acknowledge_unreadable,
    acknowledgement_owed,
)
from ayni.vocabulary.hl7.batch import (
    BATCH_BYTES_MAX,
    BATCH_PIECES_MAX,
    Batch,
    BatchFile,
    new_batch,
    split_batch,
)
from ayni.vocabulary.hl7.dates import format_timestamp, parse_date, parse_timestamp
from ayni.vocabulary.hl7.encoding import Encoding, escape, unescape
from ayni.vocabulary.hl7.errors import AcceptCode, AnswerCode, Hl7Error, PathError, Severity
from ayni.vocabulary.hl7.finding import FINDINGS_MAX, Finding
from ayni.vocabulary.hl7.header import new_message
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.parser import MESSAGE_BYTES_MAX, SEGMENTS_MAX, parse
from ayni.vocabulary.hl7.path import location_of
from ayni.vocabulary.hl7.segment import Repetition, Segment
from ayni.vocabulary.hl7.tree import dump
from ayni.vocabulary.hl7.validation import validate

__all__ = [
    "ACCEPT_CODES",
    "BATCH_BYTES_MAX",
    "BATCH_PIECES_MAX",
    "FINDINGS_MAX",
    "MESSAGE_BYTES_MAX",
    "SEGMENTS_MAX",
    "AcceptCode",
    "AnswerCode",
    "Batch",
    "BatchFile",
    "Encoding",
    "Finding",
    "Hl7Error",
    "Message",
    "PathError",
    "Repetition",
    "Segment",
    "Severity",
    "acknowledge",
    "acknowledge_unreadable",
    "acknowledgement_owed",
    "dump",
    "escape",
    "format_timestamp",
    "location_of",
    "new_batch",
    "new_message",
    "parse",
    "parse_date",
    "parse_timestamp",
    "split_batch",
    "unescape",
    "validate",
]
