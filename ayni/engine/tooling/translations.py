"""What the transform of a new channel does: finds the names of a message and makes what goes out.

A beginning that works and is to be changed, not a map: NAME and PARTNER are filled in.
"""

from dataclasses import dataclass

from ayni.engine.tooling.starters import Family, Payload

Imports = tuple[tuple[str, str], ...]
"""(module, name) of each; an empty name imports the module itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How a transform finds the names of a message: its control id, and the lane it goes in."""

    imports: Imports
    parameter: str
    lines: tuple[str, ...]
    key: str
    samples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """How a transform makes what goes out, from those names or from the whole document."""

    imports: Imports = ()
    lines: tuple[str, ...] = ()
    value: str


_REFUSAL = 'raise ContentRefused("patient-missing", "Falta el paciente.", place="PLACE")'
_HL7_SAMPLE = """MSH|^~\\&|SENDER|CLINIC|AYNI|AYNI|20261123093000-0500||ADT^A08^ADT_A01|CONTROL_ID|T|2.5.1
PID|1||PATIENT||PRUEBA^ANA
"""
_JSON_SAMPLE = """{
 "id": "CONTROL_ID",
 "at": "2026-11-23T09:30:00-05:00"PATIENT
}
"""
_FHIR_SAMPLE = """{
 "resourceType": "Bundle",
 "meta": {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]},
 "identifier": {"system": "urn:ayni:example", "value": "CONTROL_ID"},
 "type": "message",
 "timestamp": "2026-11-23T09:30:00-05:00",
 "entry": [
  {
   "resource": {
    "resourceType": "MessageHeader",
    "id": "5f0c7a52-9d1b-4c5e-8a3e-1b9d6a4f2c10",
    "eventUri": "urn:ayni:example",
    "source": {"name": "example", "endpoint": "urn:ayni:example"}
   }
  },
  {"resource": {"resourceType": "Patient"PATIENT}}
 ]
}
"""


def _pair(sample: str, patient: str) -> tuple[tuple[str, str], ...]:
    """A message that goes through, and the same without its patient."""
    return (
        ("01-example", sample.replace("CONTROL_ID", "EXAMPLE-1").replace("PATIENT", patient)),
        ("02-without-patient", sample.replace("CONTROL_ID", "EXAMPLE-2").replace("PATIENT", "")),
    )


def _refusing(condition: str, place: str) -> tuple[str, ...]:
    return (f"if {condition}:", f"    {_REFUSAL.replace('PLACE', place)}")


FACTS: dict[Family, Facts] = {
    "hl7": Facts(
        imports=(("ayni.engine", "ContentRefused"), ("ayni.vocabulary.hl7", "Message")),
        parameter="message: Message",
        lines=(
            'control_id, patient = message.control_id, message["PID-3.1"]',
            *_refusing("not patient", "PID-3"),
        ),
        key="patient",
        samples=_pair(_HL7_SAMPLE, "99000017^^^RENIEC^NI"),
    ),
    "fhir": Facts(
        imports=(
            ("ayni.engine", "ContentRefused"),
            ("typing", "Any"),
            ("ayni.vocabulary.fhir", "bundle"),
            ("ayni.vocabulary.fhir", "identifier_in"),
            ("ayni.vocabulary.fhir", "systems"),
        ),
        parameter="document: dict[str, Any]",
        lines=(
            "_, control_id = bundle.identifier(document)",
            'patient = identifier_in(bundle.only(document, "Patient"), systems.DNI_ID)',
            *_refusing("not patient", "Patient.identifier"),
        ),
        key="patient",
        samples=_pair(
            _FHIR_SAMPLE,
            ', "identifier": [{"system": "https://ayni.example/fhir/id/dni", "value": "99000017"}]',
        ),
    ),
    "json": Facts(
        imports=(("ayni.engine", "ContentRefused"), ("typing", "Any")),
        parameter="document: dict[str, Any]",
        lines=(
            'control_id, patient = (str(document.get(name) or "") for name in ("id", "patient"))',
            *_refusing("not (control_id and patient)", "id, patient"),
        ),
        key="patient",
        samples=_pair(_JSON_SAMPLE, ',\n "patient": "99000017"'),
    ),
    "tick": Facts(
        imports=(("datetime", "time"),),
        parameter="document: dict[str, str]",
        lines=('control_id = document["tick"]',),
        key='"NAME"',
        samples=(
            ("01-one-day", '{\n "tick": "2026-11-23T07:00:00-05:00"\n}\n'),
            ("02-next-day", '{\n "tick": "2026-11-24T07:00:00-05:00"\n}\n'),
        ),
    ),
}

_NEW_MESSAGE = (
    "message = new_message(",
    '    type="ADT^A08",',
    "    control_id=control_id,",
    "    at=TIME,",
    '    sender=("AYNI", "AYNI"),',
    '    receiver=("PARTNER", "PARTNER"),',
    ")",
    'message.add("PID", {"3.1": patient})',
)
_NEW_BUNDLE = Content(
    imports=(
        ("uuid", "NAMESPACE_URL"),
        ("uuid", "uuid5"),
        ("ayni.vocabulary.fhir", "bundle"),
        ("ayni.vocabulary.fhir", "dumps"),
        ("ayni.vocabulary.fhir", "systems"),
    ),
    lines=(
        'ids = [str(uuid5(NAMESPACE_URL, f"NAME/{control_id}/{number}")) for number in (1, 2)]',
        "header = {",
        '    "resourceType": "MessageHeader",',
        '    "id": ids[0],',
        '    "eventUri": "urn:ayni:NAME",',
        '    "source": {"name": "NAME", "endpoint": "urn:ayni:NAME"},',
        "}",
        "person = {",
        '    "resourceType": "Patient",',
        '    "id": ids[1],',
        '    "identifier": [{"system": systems.DNI_ID, "value": patient}],',
        "}",
        "made = {",
        '    "resourceType": "Bundle",',
        '    "meta": {"tag": [systems.TEST_TAG]},  # only while the people in it are invented',
        '    "identifier": {"system": "urn:ayni:NAME", "value": control_id},',
        '    "type": "message",',
        '    "entry": [bundle.entry(header), bundle.entry(person)],',
        "}",
    ),
    value="dumps(made)",
)
_WHOLE_RESOURCE = Content(imports=(("ayni.vocabulary.fhir", "dumps"),), value="dumps(document)")
_WHOLE_JSON = Content(imports=(("json", ""),), value="json.dumps(document, ensure_ascii=False).encode()")
_ROW = Content(imports=(("json", ""),), value='json.dumps({"id": control_id}).encode()')
_SENTENCE = Content(value='f"Message {control_id} was taken.".encode()')

CONTENTS: dict[tuple[Family, Payload], Content] = {
    ("hl7", "hl7"): Content(lines=('message["MSH-5.1"] = "PARTNER"',), value="message.encode()"),
    ("hl7", "fhir"): _NEW_BUNDLE,
    ("hl7", "json"): Content(
        imports=(("json", ""),),
        value='json.dumps({"id": control_id, "type": message.type, "patient": patient}).encode()',
    ),
    ("fhir", "hl7"): Content(
        imports=(("ayni.vocabulary.fhir", "bundle"), ("ayni.vocabulary.hl7", "new_message")),
        lines=tuple(line.replace("TIME", "bundle.timestamp(document)") for line in _NEW_MESSAGE),
        value="message.encode()",
    ),
    ("fhir", "fhir"): _WHOLE_RESOURCE,
    ("fhir", "json"): _WHOLE_RESOURCE,
    ("json", "hl7"): Content(
        imports=(("datetime", "datetime"), ("ayni.vocabulary.hl7", "new_message")),
        lines=tuple(line.replace("TIME", 'datetime.fromisoformat(document["at"])') for line in _NEW_MESSAGE),
        value="message.encode()",
    ),
    ("json", "fhir"): _NEW_BUNDLE,
    ("json", "json"): _WHOLE_JSON,
    ("tick", "json"): _WHOLE_JSON,
    ("hl7", "row"): _ROW,
    ("fhir", "row"): _ROW,
    ("json", "row"): _ROW,
    ("tick", "row"): _ROW,
    ("hl7", "text"): _SENTENCE,
    ("fhir", "text"): _SENTENCE,
    ("json", "text"): _SENTENCE,
    ("tick", "text"): _SENTENCE,
}
"""What is made of what; a tick says nothing that a message about a patient could be made of."""
