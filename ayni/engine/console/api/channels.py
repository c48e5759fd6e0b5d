"""Operations on channels and destinations."""

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import switches
from ayni.engine.console.api.operation import Call, Operation
from ayni.engine.console.api.questions import AccountQuery, moment_of
from ayni.engine.console.language import texts_of
from ayni.engine.console.shown.accounting import ConservationReport
from ayni.engine.console.shown.alerts import alerts_of
from ayni.engine.console.shown.resources import AlertList, ChannelList, Deployed, Me, ShownChannel


async def _all(call: Call) -> ChannelList:
    return await run_in_threadpool(call.desk.figures.all)


async def _one(call: Call) -> ShownChannel:
    return await switches.shown_channel(call.desk, call.path("channel"))


async def _start(call: Call) -> ShownChannel:
    return await switches.start(call.desk, call.user, call.path("channel"))


async def _stop(call: Call) -> ShownChannel:
    return await switches.stop(call.desk, call.user, call.path("channel"))


async def _drain(call: Call) -> ShownChannel:
    return await switches.drain(call.desk, call.user, call.path("channel"))


async def _deploy(call: Call) -> Deployed:
    return await switches.deploy(call.desk, call.user, call.path("channel"))


async def _pause(call: Call) -> ChannelList:
    return await _switched(call, paused=True)


async def _resume(call: Call) -> ChannelList:
    return await _switched(call, paused=False)


async def _drain_destination(call: Call) -> ChannelList:
    channels = await switches.drain_destination(call.desk, call.user, call.path("partner"))
    return ChannelList(at=call.desk.runtime.pipeline.now(), channels=channels)


async def _switched(call: Call, *, paused: bool) -> ChannelList:
    channels = await switches.pause(call.desk, call.user, call.path("partner"), paused=paused)
    return ChannelList(at=call.desk.runtime.pipeline.now(), channels=channels)


async def _conservation(call: Call) -> ConservationReport:
    query: AccountQuery = call.query
    since, until = moment_of(query.since), moment_of(query.until)
    return await run_in_threadpool(call.desk.accounting.report, query.channel, since, until)


async def _alerts(call: Call) -> AlertList:
    return await run_in_threadpool(alerts_of, call.desk.alerts, texts_of(call.request).language)


async def _me(call: Call) -> Me:
    return Me(name=call.user.name, role=call.user.role)


CHANNEL, DESTINATION = "/api/v1/channels/{channel}", "/api/v1/destinations/{partner}"
NO_CHANNEL = ("channel-not-found", "channel-is-destination")
NO_DESTINATION = ("destination-not-found", "destination-is-channel")

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/channels",
        name="channels",
        role=Role.VIEWER,
        summary="Every channel with its throughput, queue and destinations",
        handler=_all,
        answer=ChannelList,
    ),
    Operation(
        method="GET",
        path=CHANNEL,
        name="channel",
        role=Role.VIEWER,
        summary="One channel",
        handler=_one,
        answer=ShownChannel,
        problems=("channel-not-found",),
    ),
    Operation(
        method="POST",
        path=f"{CHANNEL}/start",
        name="start",
        role=Role.OPERATOR,
        summary="Let a channel take messages",
        handler=_start,
        answer=ShownChannel,
        audited="start",
        problems=(*NO_CHANNEL, "channel-cannot-start"),
    ),
    Operation(
        method="POST",
        path=f"{CHANNEL}/stop",
        name="stop",
        role=Role.OPERATOR,
        summary="Take no more messages; what was taken is still delivered",
        handler=_stop,
        answer=ShownChannel,
        audited="stop",
        problems=NO_CHANNEL,
    ),
    Operation(
        method="POST",
        path=f"{CHANNEL}/drain",
        name="drain",
        role=Role.OPERATOR,
        summary="Stop, and answer when nothing waits or after a few seconds as `draining`",
        handler=_drain,
        answer=ShownChannel,
        audited="drain",
        problems=NO_CHANNEL,
    ),
    Operation(
        method="POST",
        path=f"{CHANNEL}/deploy",
        name="deploy",
        role=Role.ADMINISTRATOR,
        summary="Run what stands in the channel's folder now; other channels go on",
        handler=_deploy,
        answer=Deployed,
        audited="deploy",
        problems=("channel-folder-missing", "channel-unusable"),
    ),
    Operation(
        method="POST",
        path=f"{DESTINATION}/pause",
        name="pause",
        role=Role.OPERATOR,
        summary="Hold what a destination is owed; nothing is lost",
        handler=_pause,
        answer=ChannelList,
        audited="pause",
        problems=NO_DESTINATION,
    ),
    Operation(
        method="POST",
        path=f"{DESTINATION}/resume",
        name="resume",
        role=Role.OPERATOR,
        summary="Go on with what a destination is owed",
        handler=_resume,
        answer=ChannelList,
        audited="resume",
        problems=NO_DESTINATION,
    ),
    Operation(
        method="POST",
        path=f"{DESTINATION}/drain",
        name="drain-destination",
        role=Role.OPERATOR,
        summary="Pause, and answer when nothing is on its way (`in_hand` 0) or after a few seconds",
        handler=_drain_destination,
        answer=ChannelList,
        audited="drain-destination",
        problems=NO_DESTINATION,
    ),
    Operation(
        method="GET",
        path="/api/v1/conservation",
        name="conservation",
        role=Role.VIEWER,
        summary="Of what was received how much is where, and whether the sums come out; reads every row",
        handler=_conservation,
        answer=ConservationReport,
        query=AccountQuery,
        problems=("counting-already",),
    ),
    Operation(
        method="GET",
        path="/api/v1/alerts",
        name="alerts",
        role=Role.VIEWER,
        summary="What needs a person now",
        handler=_alerts,
        answer=AlertList,
    ),
    Operation(
        method="GET",
        path="/api/v1/me",
        name="me",
        role=Role.VIEWER,
        summary="Who is signed in, with which role",
        handler=_me,
        answer=Me,
    ),
    Operation(
        method="GET",
        path="/api/channels",
        name="channels-before-v1",
        role=Role.VIEWER,
        summary="The same as /api/v1/channels",
        handler=_all,
        answer=ChannelList,
        is_deprecated=True,
    ),
)
