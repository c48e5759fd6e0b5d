"""A person in HL7 v2 (PID, XCN) and in FHIR (Patient, Practitioner).

Two surnames: PID-5.1 the paternal, PID-6.1 the maternal (ours, to be agreed with HL7 Perú), in FHIR
`name.family` and its `humanname-mothers-family` extension.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ayni.vocabulary.fhir import FhirError, Resource, identifier_in, systems
from ayni.vocabulary.hl7 import Hl7Error, Message, Segment, parse_date
from ayni.vocabulary.maps.coded import Fields, ce, put
from ayni.vocabulary.maps.conformance import require_segments
from ayni.vocabulary.peru import InvalidDocument, is_test_dni, parse_dni

IDENTIFIERS_MAX = 20
"""More identifiers than a person has; each one read is time that a sender of thousands takes from others."""

SEX = {"female": "F", "male": "M", "other": "O", "unknown": "U"}
GENDER = {letter: gender for gender, letter in SEX.items()}
SPANISH = ("es-PE", "español de Perú", "99LNG")


def add_pid(message: Message, patient: Resource) -> Segment:
    """Appends the PID of a Patient; raises FhirError with the place of what the record would not take.

    It asks for a DNI, a paternal surname and, where there is a birth date, a whole one.
    """
    name = official_name(patient)
    pid = message.add("PID", {1: "1"})
    put(pid, _dni(patient, message.processing_id))
    if not name.get("family"):
        raise FhirError("required", "Falta el apellido.", expression="Patient.name.family")
    put(pid, {"5.1": name["family"], **_given(5, name), "5.7": "L", 6: mothers_family(name)})
    pid[7] = day_digits(patient.get("birthDate", ""), "Patient.birthDate")
    pid[8] = SEX.get(patient.get("gender", "unknown"), "U")
    put(pid, _address(patient))
    put(pid, ce(15, SPANISH))
    return pid


def add_record_number(pid: Segment, patient: Resource) -> None:
    """The record's own number of the person beside the DNI; only the record says it."""
    if record_id := identifier_in(patient, systems.RECORD_PATIENT_ID):
        put(pid, {"3[2].1": record_id, "3[2].4": "ONEVISIONCAX", "3[2].5": "PI"})


def patient_from(message: Message) -> Resource:
    """The Patient of a message's PID, without id; raises Hl7Error with the place of what is unusable.

    Of the identifiers only the DNI is taken: the record's own number is not a sender's to give.
    """
    pid = _only_pid(message)
    if not pid["5.1"]:
        raise Hl7Error("expected a surname", code=101, location="PID^1^5^1^1", text="Falta el apellido.")
    patient: Resource = {
        "resourceType": "Patient",
        "meta": {"profile": [systems.PACIENTE_PE]},
        "identifier": [dni_identifier(dni_in(message))],
        "name": [_name(pid)],
        "gender": GENDER.get(pid[8], "unknown"),
    }
    if pid[7]:
        patient["birthDate"] = parse_date(pid[7], location="PID^1^7").isoformat()
    if pid["11.3"] or pid["11.9"]:
        patient["address"] = [_fhir_address(pid)]
    if message.processing_id == "T":
        patient["meta"]["tag"] = [systems.TEST_TAG]
    return patient


def dni_in(message: Message) -> str:
    """The one DNI in PID-3 of the one PID; raises Hl7Error with the place for none and for two."""
    pid = _only_pid(message)
    if pid.field(3).count(message.encoding.repetition) >= IDENTIFIERS_MAX:
        raise Hl7Error(
            f"expected at most {IDENTIFIERS_MAX} identifiers",
            code=102,
            location="PID^1^3",
            text="Demasiados identificadores del paciente.",
        )
    found = {
        identifier["1"]: f"PID^1^3^{number}^1"
        for number, identifier in enumerate(pid.repetitions(3), start=1)
        if (identifier["4"], identifier["5"]) == ("RENIEC", "NI") and identifier["1"]
    }
    if len(found) != 1:
        raise Hl7Error(
            "expected one DNI",
            code=101,
            location="PID^1^3",
            text="Se espera el DNI del paciente, y solo uno.",
        )
    ((dni, place),) = found.items()
    if fault := _fault_of_dni(dni, message.processing_id):
        raise Hl7Error("expected a DNI of this traffic", code=103, location=place, text=fault)
    return dni


def _only_pid(message: Message) -> Segment:
    require_segments(message, "PID")
    pid, *others = message.segments("PID")
    if others:
        raise Hl7Error("expected one PID", code=100, location="PID^2", text="Un pedido es de una persona.")
    return pid


def day_digits(text: str, expression: str) -> str:
    """A FHIR date, or the day of a dateTime, as v2 writes it; "" stays "".

    Raises FhirError with the place for a year or a month alone, and for a day no calendar has.
    """
    day = text[: len("YYYY-MM-DD")]
    try:
        if day:
            date.fromisoformat(day)
    except ValueError as error:
        raise FhirError(
            "value", "Se espera un día del calendario, con año y mes.", expression=expression
        ) from error
    return day.replace("-", "")


def official_name(person: Mapping[str, Any]) -> Resource:
    """The first HumanName, {} when there is none."""
    names = person.get("name") or [{}]
    return dict(names[0])


def mothers_family(name: Mapping[str, Any]) -> str:
    """The maternal surname of a HumanName, "" when not said."""
    for extension in name.get("_family", {}).get("extension", []):
        if extension.get("url") == systems.MOTHERS_FAMILY:
            return str(extension.get("valueString", ""))
    return ""


def xcn(field: int, person: Resource) -> Fields:
    """The components of an XCN for a Patient or Practitioner known by DNI."""
    name = official_name(person)
    prefix = " ".join(name.get("prefix", []))
    return {
        f"{field}.1": identifier_in(person, systems.DNI_ID),
        f"{field}.2": name.get("family", ""),
        **_given(field, name, first=3),
        f"{field}.6": prefix,
        f"{field}.9": "RENIEC",
        f"{field}.10": "L",
        f"{field}.13": "NI",
    }


def dni_identifier(dni: str) -> Resource:
    """The identifier of a DNI as the profile PacientePe wants it."""
    country = {"coding": [{"system": systems.MINSA_COUNTRY, "code": "PER"}]}
    return {
        "type": {
            "extension": [{"url": systems.PE_PAIS, "valueCodeableConcept": country}],
            "coding": [{"system": systems.MINSA_PERSON_ID, "code": "1", "display": "DNI"}],
        },
        "system": systems.DNI_ID,
        "value": dni,
    }


def _dni(patient: Resource, processing_id: str) -> Fields:
    dni = identifier_in(patient, systems.DNI_ID)
    if not dni:
        raise FhirError("required", "Falta el DNI.", expression="Patient.identifier")
    if fault := _fault_of_dni(dni, processing_id):
        raise FhirError("value", fault, expression="Patient.identifier.value")
    return {"3.1": dni, "3.4": "RENIEC", "3.5": "NI", "3.9.1": "PER", "3.9.2": "Perú", "3.9.3": "ISO3166_1"}


def _given(field: int, name: Mapping[str, Any], *, first: int = 2) -> Fields:
    given = name.get("given", [])
    return {f"{field}.{first}": " ".join(given[:1]), f"{field}.{first + 1}": " ".join(given[1:])}


def _address(patient: Resource) -> Fields:
    address = (patient.get("address") or [{}])[0]
    if not address:
        return {}
    ubigeo = next(
        (e.get("valueString", "") for e in address.get("extension", []) if e["url"] == systems.PE_UBIGEO), ""
    )
    return {
        "11.3": address.get("city", ""),
        "11.4": address.get("state", ""),
        "11.6": address.get("country", ""),
        "11.7": "H",
        "11.9": ubigeo,
    }


def _fhir_address(pid: Segment) -> Resource:
    address: Resource = {"use": "home"}
    if pid["11.9"]:
        address["extension"] = [{"url": systems.PE_UBIGEO, "valueString": pid["11.9"]}]
    parts = {"city": pid["11.3"], "state": pid["11.4"], "country": pid["11.6"]}
    return address | {element: text for element, text in parts.items() if text}


def is_dni(text: str) -> bool:
    """Whether a text is the eight digits of a DNI, without the check character that cards print."""
    try:
        return parse_dni(text) == text
    except InvalidDocument:
        return False


def _fault_of_dni(dni: str, processing_id: str) -> str:
    """What is wrong with a DNI, "" for nothing. Test traffic names invented people only."""
    if not is_dni(dni):
        return "El DNI tiene ocho números."
    if processing_id == "T" and not is_test_dni(dni):
        return "En pruebas use un DNI del 99000000 al 99000999."
    return ""


def _name(pid: Segment) -> Resource:
    name: Resource = {"use": "official", "family": pid["5.1"]}
    if pid[6]:
        name["_family"] = {"extension": [{"url": systems.MOTHERS_FAMILY, "valueString": pid["6.1"]}]}
    given = [pid["5.2"], *pid["5.3"].split()]
    return name | {"given": [each for each in given if each]}
