"""The picture of a request: which columns, which arrows, and what is not drawn."""

from datetime import timedelta

import msgspec

from ayni.engine.console.shown.picture import COLUMNS_MAX, picture_of
from ayni.engine.console.shown.resources import Followed

from ..conftest import REQUEST_ID


async def followed(program) -> Followed:
    return msgspec.convert(await program.get(f"/api/v1/follow?correlation_id={REQUEST_ID}"), Followed)


async def test_systems_and_channels_are_columns_and_what_happened_are_arrows(
    engine, qhali, operator, intake, booked
):
    qhali.script = [(422, b"")]
    await engine.post(intake())
    await engine.reaches("refused", channel="state_to_qhali")
    await operator.post("/api/v1/stalled/requeue", {"all": True})
    await engine.reaches("delivered", channel="state_to_qhali")
    await engine.send(booked())
    await engine.reaches("delivered", "delivered", channel="state_to_qhali")
    picture = picture_of(await followed(operator))
    assert [(each.name, each.kind) for each in picture.columns] == [
        ("qhali", "system"),
        ("intake_to_ehr", "channel"),
        ("onevision", "system"),
        ("state_to_qhali", "channel"),
    ]
    assert [(each.event.what, each.start, each.end) for each in picture.arrows] == [
        ("received", 1, 2),
        ("attempt", 2, 3),
        ("handed-over", 3, 4),
        ("attempt", 4, 1),
        ("decision", 4, 4),
        ("attempt", 4, 1),
        ("received", 3, 4),
        ("attempt", 4, 1),
    ]


async def test_a_pause_is_said_where_nothing_happened_for_long(engine, operator, intake):
    await engine.post(intake())
    await engine.reaches("delivered", channel="state_to_qhali")
    found = await followed(operator)
    first, *rest = found.timeline
    later = [msgspec.structs.replace(each, at=each.at + timedelta(hours=2)) for each in rest]
    picture = picture_of(msgspec.structs.replace(found, timeline=[first, *later]))
    pauses = [each.pause_seconds for each in picture.arrows]
    assert (pauses[0], round(pauses[1] / 3600), pauses[2:]) == (None, 2, [None, None])


async def test_more_columns_than_fit_and_nothing_at_all_are_not_drawn(engine, operator, intake):
    await engine.post(intake())
    await engine.reaches("delivered", channel="state_to_qhali")
    found = await followed(operator)
    first = found.timeline[0]
    events = [msgspec.structs.replace(first, channel=f"channel_{number}") for number in range(COLUMNS_MAX)]
    assert picture_of(msgspec.structs.replace(found, timeline=events)) is None
    assert picture_of(msgspec.structs.replace(found, messages=[], timeline=[])) is None
