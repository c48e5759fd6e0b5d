"""What the formats take for the names of a message."""

import pytest

from ayni.engine.connectors.contract import Arrived
from ayni.engine.formats import Hl7Format

HEADER = "MSH|^~\\&|LIS|LAB|AYNI|RED|20261123103015||{type}|{control_id}|T|2.5.1\r"


@pytest.mark.parametrize(
    ("kind", "control_id", "rest", "correlation_id"),
    [
        ("ACK^S12^ACK", "X1", "MSA|AA|QH-7M3K9XBT4D.R001\r", "QH-7M3K9XBT4D"),
        ("ACK", "X1", "MSA|AE|QH-7M3K9XBT4D\r", "QH-7M3K9XBT4D"),
        ("ACK", "X1", "MSA|AA|K1\r", ""),
        ("ACK", "X1", "", ""),
        ("ORR^O02", "X1", "MSA|AA|QH-7M3K9XBT4D\r", ""),
        ("ADT^A01", "X1", "PV1|1" + "|" * 49 + "QH-7M3K9XBT4D\r", "QH-7M3K9XBT4D"),
        ("ADT^A01", "QH-7M3K9XBT4D.R001", "", "QH-7M3K9XBT4D"),
    ],
)
def test_the_request_of_a_v2_message(kind: str, control_id: str, rest: str, correlation_id: str) -> None:
    raw = (HEADER.format(type=kind, control_id=control_id) + rest).encode()
    assert Hl7Format().read(Arrived(raw=raw), processing_id="T").correlation_id == correlation_id
