"""Channels change while the engine runs: new code for new messages, and nobody else notices."""

import asyncio

import pytest

from ayni.engine.errors import ChannelError
from ayni.wire.failure import CannotStart
from tests.engine.tooling.deployment import RELAY, until


async def test_a_deployed_transform_is_for_new_messages_only(deployment, laboratory):
    folder = deployment.write("adt", laboratory, mark="OLD")
    await deployment.start()
    deployment.runtime.pause("adt_lab", paused=True)
    await deployment.send("adt", "1")
    deployment.write("adt", laboratory, mark="NEW")
    revision = await deployment.runtime.deploy(folder)
    await deployment.send("adt", "2")
    deployment.runtime.pause("adt_lab", paused=False)
    await laboratory.receives(("1", "OLD"), ("2", "NEW"))
    revisions = [deployment.messages("adt")[each]["revision"] for each in ("1", "2")]
    assert revisions[0] != revisions[1] == revision


async def test_other_channels_never_pause_while_one_is_deployed(deployment, laboratory):
    folder = deployment.write("adt", laboratory, mark="A")
    deployment.write("other", laboratory, mark="B")
    await deployment.start()
    sent = [str(number) for number in range(200)]
    sending = asyncio.create_task(deployment.send("other", *sent))  # over one connection, which must hold
    deployed_count = 0
    while not sending.done():
        deployment.write("adt", laboratory, mark=f"A{deployed_count}")
        await deployment.runtime.deploy(folder)
        deployed_count += 1
    await sending
    assert deployed_count >= 3
    await laboratory.receives(*((each, "B") for each in sent))


async def is_open(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bool:
    """Whether the other side has not closed it; it is closed then."""
    await asyncio.sleep(0.05)
    reader, writer = connection
    writer.close()
    return not reader.at_eof()


def relay(*, port: str = "2", address: str = "a:1") -> str:
    return RELAY.format(name="adt", mark="", port=port, partner="lab", address=address)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def", "does-not-import · channels/adt · hint: channel.py, line 1: invalid syntax"),
        ("channel = 1", "not-declared"),
        (relay(address="${AYNI_NO_LAB}"), "AYNI_NO_LAB"),
        (relay(port="${AYNI_NO_PORT}"), "AYNI_NO_PORT"),
        (relay(port="OTHER"), "source-taken · channels/adt · hint: other has this source"),
        (relay(port="TAKEN"), "source-cannot-start"),
    ],
    ids=["syntax", "undeclared", "no-address", "no-port", "clash", "port-in-use"],
)
async def test_what_cannot_be_deployed_says_why_and_leaves_the_running_channel(
    deployment, laboratory, code, said
):
    folder = deployment.write("adt", laboratory, mark="OLD")
    deployment.write("other", laboratory, mark="B")
    await deployment.start()
    before = deployment.runtime.channels["adt"]
    connection = await asyncio.open_connection("127.0.0.1", deployment.ports["adt"])
    code = code.replace("OTHER", str(deployment.ports["other"])).replace("TAKEN", str(laboratory.port))
    deployment.write_code("adt", code)
    with pytest.raises(CannotStart, match=said):
        await deployment.runtime.deploy(folder)
    assert await is_open(connection) or said == "source-cannot-start"  # that is known only when it is tried
    assert deployment.runtime.channels["adt"] is before
    assert "lab" not in deployment.runtime.deliverers
    await deployment.send("adt", "1")
    await laboratory.receives(("1", "OLD"))


async def test_a_new_channel_begins_when_its_folder_is_deployed(deployment, laboratory):
    deployment.write("other", laboratory, mark="B")
    await deployment.start()
    await deployment.runtime.deploy(deployment.write("adt", laboratory, mark="A"))
    await deployment.send("adt", "1")
    await laboratory.receives(("1", "A"))


async def test_a_new_channel_that_cannot_start_leaves_no_trace(deployment, laboratory):
    deployment.write("other", laboratory, mark="B")
    await deployment.start()
    folder = deployment.write("adt", laboratory, mark="A", port=laboratory.port)
    with pytest.raises(ChannelError, match="source-cannot-start"):
        await deployment.runtime.deploy(folder)
    assert list(deployment.runtime.channels) == ["other"]


async def test_a_deployed_address_is_where_what_waits_goes_too(deployment, laboratory, new_laboratory):
    moved = await new_laboratory()
    folder = deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    laboratory.gate.clear()
    await deployment.send("adt", "1", "2")
    await until(lambda: len(laboratory.taken) == 1)
    deployment.write("adt", moved, mark="A")
    deploying = asyncio.create_task(deployment.runtime.deploy(folder))
    await asyncio.sleep(0.1)
    assert not deploying.done()  # what is on its way is answered first, so that nothing goes to both
    laboratory.gate.set()
    await deploying
    await deployment.send("adt", "3")
    await moved.receives(("2", "A"), ("3", "A"))
    assert laboratory.taken == [("1", "A")]


async def test_what_is_being_leased_during_a_deploy_is_not_left_leased(
    deployment, laboratory, new_laboratory, monkeypatch
):
    moved = await new_laboratory()
    folder = deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    claim = deployment.store.claim

    async def slow(*arguments, **named):
        claims = await claim(*arguments, **named)
        await asyncio.sleep(0.2)
        return claims

    monkeypatch.setattr(deployment.store, "claim", slow)
    await deployment.send("adt", "1")
    deployment.write("adt", moved, mark="A")
    await deployment.runtime.deploy(folder)
    await deployment.send("adt", "2")
    await until(lambda: len(laboratory.taken + moved.taken) == 2)  # a lease would last half a minute
    assert sorted(laboratory.taken + moved.taken) == [("1", "A"), ("2", "A")]


async def test_an_address_of_a_destination_that_is_paused_changes_and_it_stays_paused(
    deployment, laboratory, new_laboratory
):
    moved = await new_laboratory()
    folder = deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    deployment.runtime.pause("adt_lab", paused=True)
    deployment.write("adt", moved, mark="A")
    await deployment.runtime.deploy(folder)
    await deployment.send("adt", "1")
    await asyncio.sleep(0.2)
    assert moved.taken == []
    deployment.runtime.pause("adt_lab", paused=False)
    await moved.receives(("1", "A"))


async def test_a_stopped_channel_is_deployed_and_stays_stopped(deployment, laboratory):
    folder = deployment.write("adt", laboratory, mark="OLD")
    await deployment.start()
    await deployment.runtime.stop_channel("adt")
    deployment.write("adt", laboratory, mark="NEW")
    await deployment.runtime.deploy(folder)
    assert not deployment.runtime.is_started("adt")
    await deployment.runtime.start_channel("adt")
    await deployment.send("adt", "1")
    await laboratory.receives(("1", "NEW"))


async def test_deploys_and_switches_at_once_follow_one_another(deployment, laboratory):
    folder = deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    runtime = deployment.runtime
    await asyncio.gather(runtime.deploy(folder), runtime.stop_channel("adt"), runtime.deploy(folder))
    assert not runtime.is_started("adt")
    await asyncio.gather(runtime.deploy(folder), runtime.start_channel("adt"), runtime.deploy(folder))
    assert runtime.is_started("adt")
    await deployment.send("adt", "1")


async def test_the_last_of_two_deploys_at_once_is_what_runs(deployment, laboratory, monkeypatch):
    folder = deployment.write("adt", laboratory, mark="OLD")
    await deployment.start()
    close, is_closing = deployment.runtime._close_source, asyncio.Event()

    async def slow(name):
        is_slow = not is_closing.is_set()
        is_closing.set()
        await close(name)
        await asyncio.sleep(0.3 if is_slow else 0.0)

    monkeypatch.setattr(deployment.runtime, "_close_source", slow)
    first = asyncio.create_task(deployment.runtime.deploy(folder))
    await is_closing.wait()
    deployment.write("adt", laboratory, mark="NEW")
    revision = await deployment.runtime.deploy(folder)
    await first
    assert deployment.runtime.channels["adt"].revision == revision
    await deployment.send("adt", "1")
    await laboratory.receives(("1", "NEW"))


async def test_what_is_written_between_two_deploys_within_a_second_is_what_runs(deployment, laboratory):
    folder = deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    for mark in "BCDE":
        deployment.write("adt", laboratory, mark=mark)  # same length, same second
        await deployment.runtime.deploy(folder)
        await deployment.send("adt", mark)
    await laboratory.receives(*((mark, mark) for mark in "BCDE"))
