"""Raw bytes over the systems' listeners: what a partner does that sends again because an answer was lost."""

import http.client
import socket

from ayni.wire.mllp import READ_BYTES, FrameReader, frame

ANSWER_SECONDS_MAX = 30.0

Address = tuple[str, int]


def send_hl7(address: Address, message: bytes) -> bytes:
    """Sends one HL7 v2 message over MLLP and returns the acknowledgement, as it came."""
    reader = FrameReader()
    with socket.create_connection(address, timeout=ANSWER_SECONDS_MAX) as connection:
        connection.sendall(frame(message))
        while data := connection.recv(READ_BYTES):
            if answers := reader.feed(data):
                return answers[0]
    raise ConnectionResetError("the listener closed without an answer")


def send_fhir(address: Address, path: str, bundle: bytes, *, token: str) -> tuple[int, bytes]:
    """Posts one message Bundle with the token of the direction; returns HTTP status and body."""
    connection = http.client.HTTPConnection(*address, timeout=ANSWER_SECONDS_MAX)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    try:
        connection.request("POST", path, body=bundle, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
