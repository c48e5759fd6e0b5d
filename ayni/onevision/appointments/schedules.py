"""The weekly template of a facility and the slots made from it, a rolling week ahead.

The template is invented, as the people are: with real traffic no slot is made from it.

A slot's id comes from its place and time, so making the week again makes nothing twice.
"""

from datetime import date, datetime, time, timedelta

from ayni.fhirserver import NotFound
from ayni.onevision.facilities.registry import location_id
from ayni.onevision.intakes.requests import follow
from ayni.onevision.record import Chart, Record
from ayni.vocabulary.fhir import Resource
from ayni.wire.clock import LIMA

OPENS, CLOSES = time(8), time(12)
SLOT_LENGTH = timedelta(minutes=15)
DAYS_AHEAD = 7
SUNDAY = 6


def schedule_id(code: str) -> str:
    """The Schedule of a facility's RENIPRESS code."""
    return f"schedule-{code}"


def slot_id(code: str, start: datetime) -> str:
    """`slot-00004576-202611240900`."""
    return f"slot-{code}-{start:%Y%m%d%H%M}"


def opening_times(day: date) -> list[datetime]:
    """When the slots of a day start: every 15 minutes from 8 to 12, Monday to Saturday."""
    if day.weekday() == SUNDAY:
        return []
    first, last = (datetime.combine(day, limit, LIMA) for limit in (OPENS, CLOSES))
    return [first + index * SLOT_LENGTH for index in range((last - first) // SLOT_LENGTH)]


def ensure_week(record: Record, code: str) -> None:
    """Makes the slots of the next seven days that are not there yet; none where traffic is real."""
    if not record.is_test:
        return
    starts = _week(record.now())
    with record.reading() as chart:
        if _exists(chart, "Slot", slot_id(code, starts[-1])):
            return
    with record.changing() as chart:
        _ensure_schedule(chart, code)
        for start in starts:
            if not _exists(chart, "Slot", slot_id(code, start)):
                chart.repository.create(_slot(code, start))


def free_slots(chart: Chart, code: str) -> list[Resource]:
    """The free slots of a facility that have not begun, soonest first."""
    slots = chart.repository.search(
        "Slot",
        schedule=f"Schedule/{schedule_id(code)}",
        status="free",
        start=f"ge{chart.at.isoformat()}",
    )
    return sorted(slots, key=lambda slot: str(slot["start"]))


def actors(chart: Chart, slot: Resource) -> list[Resource]:
    """What a slot is for: the room of its schedule and, where the schedule names one, who attends in it."""
    schedule = follow(chart, slot["schedule"])
    return [follow(chart, actor) for actor in schedule["actor"]]


def _week(now: datetime) -> list[datetime]:
    today = now.astimezone(LIMA).date()
    return [start for days in range(DAYS_AHEAD) for start in opening_times(today + timedelta(days=days))]


def _exists(chart: Chart, kind: str, resource_id: str) -> bool:
    try:
        chart.repository.read(kind, resource_id)
    except NotFound:
        return False
    return True


def _ensure_schedule(chart: Chart, code: str) -> None:
    if not _exists(chart, "Schedule", schedule_id(code)):
        chart.repository.create(
            {
                "resourceType": "Schedule",
                "id": schedule_id(code),
                "active": True,
                "actor": [{"reference": f"Location/{location_id(code)}"}],
            }
        )


def _slot(code: str, start: datetime) -> Resource:
    return {
        "resourceType": "Slot",
        "id": slot_id(code, start),
        "schedule": {"reference": f"Schedule/{schedule_id(code)}"},
        "status": "free",
        "start": start.isoformat(),
        "end": (start + SLOT_LENGTH).isoformat(),
    }
