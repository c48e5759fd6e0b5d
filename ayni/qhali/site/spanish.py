"""Template filters for Spanish dates and for the words and shapes of the levels."""

from datetime import date, datetime

from django.template import Library

from ayni.qhali.level_words import LEVEL_WORDS
from ayni.qhali.notifications.outlets.contract import CHOICES
from ayni.qhali.notifications.spanish_dates import day_in_spanish
from ayni.vocabulary.peru import place_name
from ayni.vocabulary.peru.spanish_dates import MONTHS

register = Library()
register.filter("place_name", place_name)

ATTEMPT_WORDS = {
    "pending": "por enviar",
    "sent": "enviado",
    "confirmed": "recibido",
    "failed": "no salió",
    "unconfirmed": "enviado, sin respuesta",
    "withdrawn": "ya no hizo falta",
}
STATUS_WORDS = {
    "present": "que sí",
    "absent": "que no",
    "past": "que fue antes",
    "uncertain": "que no es seguro",
    "other-person": "que es de otra persona",
    "hypothetical": "que solo lo supone",
}
LEVEL_SHAPES = {"I": "■", "II": "▲", "III": "◆", "IV": "●"}
"""A shape beside every colour, for those who do not tell colours apart."""


@register.filter
def spanish_day(day: date) -> str:
    """ "martes 24 de noviembre" """
    return day_in_spanish(day)


@register.filter
def birth_day(written: str) -> str:
    """ "14 de marzo de 1992", from `YYYY-MM-DD`."""
    day = date.fromisoformat(written)
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


@register.filter
def clock(moment: datetime) -> str:
    """ "09:00", in the offset the moment came with."""
    return f"{moment:%H:%M}"


@register.filter
def choices(asks: str) -> list[tuple[str, str]]:
    """What a question may be answered with: names and what the buttons say."""
    return list(CHOICES[asks].items())


@register.filter
def attempt_words(state: str) -> str:
    """What became of a notice on one channel."""
    return ATTEMPT_WORDS[state]


@register.filter
def status_words(status: str) -> str:
    """How a fact was understood: "que sí", "que no"."""
    return STATUS_WORDS[status]


@register.filter
def level_words(level: str) -> str:
    """What a level is called on screen."""
    return LEVEL_WORDS[level]


@register.filter
def level_shape(level: str) -> str:
    """The shape of a level."""
    return LEVEL_SHAPES[level]
