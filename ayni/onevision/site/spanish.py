"""Template filters: times, names and ages as they are said in Peru."""

from datetime import date, datetime, timedelta

from django.template import Library

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.maps.person import mothers_family, official_name
from ayni.vocabulary.peru import age_between, place_name
from ayni.vocabulary.peru.spanish_dates import MONTHS, WEEKDAYS
from ayni.wire.clock import LIMA

register = Library()
register.filter("place_name", place_name)

SEX = {"female": "mujer", "male": "varón"}


@register.filter
def day(at: datetime | str) -> str:
    """`martes 24 de noviembre`."""
    local = _local(at)
    return f"{WEEKDAYS[local.weekday()]} {local.day} de {MONTHS[local.month - 1]}"


@register.filter
def hour(at: datetime | str) -> str:
    """`09:00`, on a clock of 24 hours."""
    return f"{_local(at):%H:%M}"


@register.filter
def moment(at: datetime | str) -> str:
    """`mar 24 nov, 09:00`."""
    local = _local(at)
    return f"{WEEKDAYS[local.weekday()][:3]} {local.day} {MONTHS[local.month - 1][:3]}, {local:%H:%M}"


@register.filter
def calendar_date(text: str) -> str:
    """`05/11/2026` of an ISO date or time."""
    return "/".join(reversed(text[:10].split("-")))


@register.filter
def remaining(until: datetime, now: datetime) -> str:
    """`faltan 2 h 10 min`, or `venció hace 5 min`."""
    left = until - now
    if left < timedelta():
        return f"venció hace {_length(-left)}"
    return f"faltan {_length(left)}"


@register.filter
def has_passed(until: datetime, now: datetime) -> bool:
    """Whether the moment is behind us."""
    return until < now


@register.filter
def full_name(person: Resource) -> str:
    """Given names, then both surnames, as written on the DNI."""
    name = official_name(person)
    parts = [*name.get("prefix", []), *name.get("given", []), name.get("family", ""), mothers_family(name)]
    return " ".join(part for part in parts if part)


@register.filter
def age(person: Resource, now: datetime) -> str:
    """`34 años`; months below two years, because a dose depends on them; "" without a birth date."""
    if not person.get("birthDate"):
        return ""
    born, today = date.fromisoformat(person["birthDate"]), _local(now).date()
    months = age_between(min(born, today), today).total_months
    if months < 24:
        return "1 mes" if months == 1 else f"{months} meses"
    return f"{months // 12} años"


@register.filter
def sex(person: Resource) -> str:
    """`mujer`, `varón`; "" when it is not said."""
    return SEX.get(person.get("gender", ""), "")


def _local(at: datetime | str) -> datetime:
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(LIMA)


def _length(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
