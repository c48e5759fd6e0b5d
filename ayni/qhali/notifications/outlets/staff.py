"""The letter to the staff: a request that stands still, and whose turn it is. Nothing about the person."""

from dataclasses import dataclass
from datetime import datetime

from ayni.qhali.notifications.outlets.mail import Mail
from ayni.qhali.notifications.spanish_dates import day_in_spanish
from ayni.vocabulary.peru import facility
from ayni.vocabulary.request import State

RESPONSIBLE = {
    "operator": "a quien opera QHALI",
    "facility": "al establecimiento",
    "head of the facility": "a la jefatura del establecimiento",
    "referral office": "a la oficina de referencias",
}
"""Whose turn it is, by `responsible` of the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A clock of this kind that struck at `since` because somebody is late; `facility` is RENIPRESS."""

    id: str
    request_id: str
    kind: str
    responsible: str
    facility: str
    state: State
    since: datetime
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class StaffMail:
    """The mail server and the one address of the staff."""

    mail: Mail
    address: str

    async def tell(self, late: Late, *, at: datetime) -> None:
        """Hands the letter over. Raises LinkError."""
        found = facility(late.facility)
        place = f"{found.called} ({late.facility})" if found else late.facility
        subject = "QHALI: un pedido no avanza" + (", es urgente" if late.is_urgent else "")
        text = (
            f"El pedido {late.request_id} sigue en «{late.state.display}» y nadie lo ha movido a tiempo.\n"
            f"Establecimiento: {place}.\n"
            f"Desde: {day_in_spanish(late.since)}, {late.since:%H:%M}.\n"
            f"Le toca {RESPONSIBLE[late.responsible]}.\n\n"
            "Se avisa una sola vez. Búsquelo en el registro por su número.\n"
        )
        await self.mail.post(self.address, subject, text, letter_id=late.id, at=at)
