"""Who a request is about: a person the record knows by DNI, or one it meets for the first time."""

from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource, identifier_in
from ayni.vocabulary.fhir.systems import DNI_ID, RECORD_PATIENT_ID
from ayni.vocabulary.peru import name_key

COMPARED = ("birthDate", "gender")


def match_or_create(chart: Chart, sent: Resource) -> Resource:
    """The stored Patient with the sender's DNI.

    What the record already says of the person stays: a message from outside does not rewrite identity.
    """
    dni = identifier_in(sent, DNI_ID)
    known = chart.repository.search("Patient", identifier=f"{DNI_ID}|{dni}", limit=1)
    if known:
        return known[0]
    own = {"system": RECORD_PATIENT_ID, "value": f"OV-P-{chart.next_number('patient'):06d}"}
    return chart.repository.create({**sent, "identifier": [*sent["identifier"], own]})


def differs(sent: Resource, known: Resource) -> bool:
    """Whether the sender tells another birth date, sex or (accents apart) paternal surname than we hold."""
    surnames = [name_key(person["name"][0]["family"]) for person in (sent, known)]
    same = all(sent.get(element) == known.get(element) for element in COMPARED)
    return not same or surnames[0] != surnames[1]
