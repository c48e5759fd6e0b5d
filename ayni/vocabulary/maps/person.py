"""A person in HL7 v2 (PID, XCN) and in FHIR (Patient, Practitioner).

Two surnames: PID-5.1 the paternal, PID-6.1 the maternal (ours, to be agreed with HL7 Perú), in FHIR
`name.family` and its `humanname-mothers-family` extension.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ayni.vocabulary.fhir import FhirError, Resource, identifier_in, systems
from ayni.vocabulary.hl7 import Hl7Error, Message, Segment, parse_date
from ayni.vocabulary.maps.coded import Fields, ce, put
from ayni.vocabulary.peru import is_test_dni

DNI = re.compile(r"[0-9]{8}")

SEX = {"female": "F", "male": "M", "other": "O", "unknown": "U"}
GENDER = {letter: gender for gender, letter in SEX.items()}
SPANISH = ("es-PE", "español de Perú", "99LNG")


def add_pid(message: Message, patient: Resource) -> Segment:
    """Appends the PID of a Patient; raises FhirError when it has no DNI or no real birth date."""
    name = official_name(patient)
    pid = message.add("PID", {1: "1"})
    dni = identifier_in(patient, systems.DNI_ID)
    if not dni:
        raise FhirError("required", "Falta el DNI.", expression="Patient.identifier")
    if fault := _fault_of_dni(dni, message.processing_id):
        raise FhirError("value", fault, expression="Patient.identifier.value")
    put(
        pid, {"3.1": dni, "3.4": "RENIEC", "3.5": "NI", "3.9.1": "PER", "3.9.2": "Perú", "3.9.3": "ISO3166_1"}
    )
    if record_id := identifier_in(patient, systems.RECORD_PATIENT_ID):
        put(pid, {"3[2].1": record_id, "3[2].4": "ONEVISIONCAX", "3[2].5": "PI"})
    put(pid, {"5.1": name.get("family", ""), **_given(5, name), "5.7": "L", 6: mothers_family(name)})
    pid[7] = date_digits(patient.get("birthDate", ""), "Patient.birthDate")
    pid[8] = SEX.get(patient.get("gender", "unknown"), "U")
    put(pid, _address(patient))
    put(pid, ce(15, SPANISH))
    return pid


def patient_from(message: Message) -> Resource:
    """The Patient of a message's PID, without id; raises Hl7Error when the name or birth date is unusable."""
    pid = next(iter(message.segments("PID")), None)
    if pid is None:
        raise Hl7Error("expected PID", code=100, location="PID", text="Falta el segmento PID.")
    if not pid["5.1"]:
        raise Hl7Error("expected a surname", code=101, location="PID^1^5^1^1", text="Falta el apellido.")
    patient: Resource = {
        "resourceType": "Patient",
        "meta": {"profile": [systems.PACIENTE_PE]},
        "identifier": _identifiers(pid, message.processing_id),
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
    """The DNI among the identifiers of PID-3; raises Hl7Error with the place when there is none."""
    for pid in message.segments("PID"):
        for repetition in pid.repetitions(3):
            if (repetition["4"], repetition["5"]) == ("RENIEC", "NI") and repetition["1"]:
                return repetition["1"]
    raise _no_dni()


def date_digits(text: str, expression: str) -> str:
    """The day of a FHIR date or dateTime as v2 writes it; a year or a month alone stays one.

    Raises FhirError with the place for a day no calendar has.
    """
    day = text[: len("YYYY-MM-DD")]
    try:
        if len(day) == len("YYYY-MM-DD"):
            date.fromisoformat(day)
    except ValueError as error:
        raise FhirError("value", "Ese día no existe.", expression=expression) from error
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


def _fault_of_dni(dni: str, processing_id: str) -> str:
    """What is wrong with a DNI, "" for nothing. Test traffic names invented people only."""
    if DNI.fullmatch(dni) is None:
        return "El DNI tiene ocho números."
    if processing_id == "T" and not is_test_dni(dni):
        return "En pruebas use un DNI del 99000000 al 99000999."
    return ""


def _identifiers(pid: Segment, processing_id: str) -> list[Resource]:
    found = []
    for repetition in pid.repetitions(3):
        if (repetition["4"], repetition["5"]) == ("RENIEC", "NI") and repetition["1"]:
            if fault := _fault_of_dni(repetition["1"], processing_id):
                raise Hl7Error("expected a DNI of this traffic", code=103, location="PID^1^3^1^1", text=fault)
            found.append(dni_identifier(repetition["1"]))
        elif repetition["4"] == "ONEVISIONCAX":
            found.append({"system": systems.RECORD_PATIENT_ID, "value": repetition["1"]})
    if not found:
        raise _no_dni()
    return found


def _no_dni() -> Hl7Error:
    return Hl7Error("expected a DNI", code=101, location="PID^1^3", text="Falta el DNI del paciente.")


def _name(pid: Segment) -> Resource:
    name: Resource = {"use": "official", "family": pid["5.1"]}
    if pid[6]:
        name["_family"] = {"extension": [{"url": systems.MOTHERS_FAMILY, "valueString": pid["6.1"]}]}
    given = [pid["5.2"], *pid["5.3"].split()]
    return name | {"given": [each for each in given if each]}
