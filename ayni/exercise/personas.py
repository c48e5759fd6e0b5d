"""The invented people of the exercise: DNI of the project's test block, one of their surnames PRUEBA."""

from ayni.exercise.actors.citizen import Persona

FIRST_DNI = 99000101
CALQUIS = "061103"
"""A district of the province of San Miguel, Cajamarca (UBIGEO, INEI) …"""
CALQUIS_POST = "00004576"
"""… and its health post (RENIPRESS)."""


def persona(number: int) -> Persona:
    """The citizen of the scenario with this number, from 0; nobody plays twice."""
    return Persona(
        dni=str(FIRST_DNI + number),
        given_names="MARÍA ELENA" if number % 2 == 0 else "JOSÉ SANTOS",
        maternal_surname="ÑAUPARI",
        birth_date=f"19{80 + number:02d}-03-14",
        sex="female" if number % 2 == 0 else "male",
        district=CALQUIS,
        facility=CALQUIS_POST,
    )
