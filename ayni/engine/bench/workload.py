"""The message of the benchmark: HL7 v2.5, 766 bytes with its frame, admissions and updates in turn.

It is the workload on which Mirth Connect 4.5.2 was measured, so that the two can be compared: closed loop,
each connection sends one message and waits for the AA with its control id before it sends the next.
"""

from ayni.wire.mllp import frame

FAMILIES = (
    "Schmidt",
    "Weber",
    "Fischer",
    "Wagner",
    "Becker",
    "Hoffmann",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
)
GIVEN = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hans", "Ida", "Jonas")
SEXES = ("F", "M", "U")
PATIENTS = 5_000
"""As many lanes as a hospital has people in it."""

_SEGMENTS = (
    (
        r"MSH|^~\&|HIS|STADTKLINIK|ENGINE|DEST|20240611103015||ADT^{event}^ADT_A01|{control_id}|P|2.5|||AL|NE"
        "||UNICODE UTF-8"
    ),
    "EVN|{event}|20240611103015|||U1234^Aufnahme^Ada",
    (
        "PID|1||{patient}^^^HIS^PI||{family}^{given}^M^^^^L||19670423|{sex}"
        "|||Hauptstrasse 12^^Berlin^^10115^DE^H||^PRN^PH^^49^30^1234567|^WPN^PH^^49^30^7654321|DE|M|CAT"
        "|7000001^^^HIS^AN"
    ),
    "NK1|1|{family}^Peter|SPO^Ehepartner|Hauptstrasse 12^^Berlin^^10115^DE|^PRN^PH^^49^30^1234567",
    (
        "PV1|1|O|INN^201^2^KLINIK||||1234^Doktor^Karl^^^Dr.|5678^Arzt^Eva^^^Dr."
        "|||||||||1234^Doktor^Karl|IN|9000001^^^HIS^VN|||||||||||||||||||||||||20240611103000"
    ),
    "PV2|||^Bauchschmerzen",
    "AL1|1|DA^Medikament|^Penicillin|MO|Ausschlag",
    "DG1|1|ICD10|R10.4^Sonstige Bauchschmerzen^I10||20240611|A",
    "IN1|1|AOK^Plan A|109519005|AOK Nordost|Postfach 1^^Berlin^^10957^DE",
)
_TEMPLATE = "\r".join(_SEGMENTS) + "\r"


def message(number: int, control_id: str) -> bytes:
    """The `number`-th message of a run, without its frame."""
    return _TEMPLATE.format(
        event="A01" if number % 2 else "A08",
        control_id=control_id,
        patient=4_000_000 + number % PATIENTS,
        family=FAMILIES[number % 10],
        given=GIVEN[number // 10 % 10],
        sex=SEXES[number % 3],
    ).encode()


def framed(number: int, control_id: str) -> bytes:
    """The same as it goes over the wire."""
    return frame(message(number, control_id))


def accepted(control_id: bytes) -> bytes:
    """A partner's AA to a control id, with its frame."""
    return frame(
        b"MSH|^~\\&|DEST|LAB|ENGINE|LAB|20240611103015||ACK|"
        + control_id
        + b"|P|2.5\rMSA|AA|"
        + control_id
        + b"\r"
    )
