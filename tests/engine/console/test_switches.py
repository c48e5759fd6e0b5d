"""Stopping, starting, draining, deploying, pausing: one channel or destination, never the others."""

import shutil
from pathlib import Path

import pytest
from yarl import URL

from ayni.engine.console.actions import switches
from ayni.wire.failure import NotConnected

CHANNELS = Path(__file__).resolve().parents[3] / "channels"


async def state_of(program, channel="state_to_qhali"):
    return (await program.get(f"/api/v1/channels/{channel}"))["state"]


async def test_a_stopped_channel_takes_nothing_and_a_started_one_does_again(own_channels, booked):
    engine, _ = own_channels
    assert (await post(engine, "/api/v1/channels/state_to_qhali/stop"))[1]["state"] == "stopped"
    engine.record.drop()
    with pytest.raises(NotConnected):
        await engine.send(booked())
    assert (await engine.api("/api/v1/channels/intake_to_ehr"))["state"] == "started"
    assert (await post(engine, "/api/v1/channels/state_to_qhali/start"))[1]["state"] == "started"
    engine.record.drop()  # the connection before ended with its source
    assert (await engine.send(booked()))["MSA-1"] == "AA"


async def test_a_paused_destination_keeps_what_it_is_owed_until_it_goes_on(engine, qhali, operator, booked):
    paused = await operator.post("/api/v1/destinations/qhali/pause")
    assert [each["name"] for each in paused["channels"]] == ["state_to_qhali"]
    assert paused["channels"][0]["destinations"][0]["state"] == "paused"
    await engine.send(booked())
    await engine.reaches("pending", channel="state_to_qhali")
    assert qhali.taken == []
    await operator.post("/api/v1/destinations/qhali/resume")
    await engine.reaches("delivered", channel="state_to_qhali")


async def test_a_drain_ends_when_nothing_waits(engine, operator, booked):
    await engine.send(booked())
    assert (await operator.post("/api/v1/channels/state_to_qhali/drain"))["state"] == "stopped"
    await engine.reaches("delivered", channel="state_to_qhali")


async def test_a_drain_that_takes_longer_is_told_as_draining(engine, operator, booked, monkeypatch):
    monkeypatch.setattr(switches, "DRAIN_SECONDS", 0.1)
    await operator.post("/api/v1/destinations/qhali/pause")
    await engine.send(booked())
    assert (await operator.post("/api/v1/channels/state_to_qhali/drain"))["state"] == "draining"
    await operator.post("/api/v1/destinations/qhali/resume")
    await engine.reaches("delivered", channel="state_to_qhali")
    assert await state_of(operator) == "stopped"


@pytest.fixture
async def own_channels(new_engine, tmp_path):
    """An engine over a copy of the channels, which the test may change."""
    folder = tmp_path / "channels"
    shutil.copytree(CHANNELS, folder)
    engine = new_engine(AYNI_CHANNELS=str(folder))
    await engine.start()
    return engine, folder


async def post(engine, path):
    async with engine.http.post(engine.console_url + path, headers=engine.operator) as answer:
        return answer.status, await answer.json()


async def test_a_deployed_channel_runs_what_stands_in_its_folder(own_channels, qhali, booked):
    engine, folder = own_channels
    code = folder / "state_to_qhali" / "channel.py"
    code.write_text(code.read_text("utf-8").replace('title="', 'title="Nuevo: '), "utf-8")
    status, made = await post(engine, "/api/v1/channels/state_to_qhali/deploy")
    assert (status, made["channel"]) == (200, "state_to_qhali")
    assert made["revision"] != made["previous_revision"]
    found = await engine.api("/api/v1/channels/state_to_qhali")
    assert (found["title"].startswith("Nuevo: "), found["state"]) == (True, "started")
    engine.record.drop()  # the connection before ended with its source
    assert (await engine.send(booked()))["MSA-1"] == "AA"


async def test_a_channel_that_cannot_be_used_leaves_the_running_one_as_it_is(own_channels, booked):
    engine, folder = own_channels
    before = await engine.api("/api/v1/channels/state_to_qhali")
    (folder / "state_to_qhali" / "channel.py").write_text("channel = 7\n", "utf-8")
    status, told = await post(engine, "/api/v1/channels/state_to_qhali/deploy")
    assert (status, told["code"], told["place"]) == (422, "channel-unusable", "not-declared")
    assert (await engine.api("/api/v1/channels/state_to_qhali"))["revision"] == before["revision"]
    assert (await engine.send(booked()))["MSA-1"] == "AA"


@pytest.mark.parametrize("name", ["nosuch", "..", "%2e%2e%2fetc", "a%00b", "intake_to_ehr%2f..", ".git"])
async def test_only_a_channels_own_folder_can_be_deployed(engine, administrator, name):
    status, told = await administrator.ask("POST", f"/api/v1/channels/{name}/deploy")
    assert status == 404
    assert told["code"] in ("channel-folder-missing", "not-found")


async def test_a_folder_beside_the_channels_is_never_run(own_channels):
    engine, folder = own_channels
    (folder.parent / "channel.py").write_text("raise SystemExit('run')\n", "utf-8")
    address = URL(f"{engine.console_url}/api/v1/channels/%2e%2e/deploy", encoded=True)
    async with engine.http.post(address, headers=engine.operator) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "channel-folder-missing")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("channels/nosuch/start", "channel-not-found"),
        ("channels/nosuch/stop", "channel-not-found"),
        ("channels/nosuch/drain", "channel-not-found"),
        ("destinations/nosuch/pause", "destination-not-found"),
        ("destinations/nosuch/resume", "destination-not-found"),
    ],
)
async def test_what_is_not_there_cannot_be_switched(operator, path, code):
    assert (await operator.post(f"/api/v1/{path}", status=404))["code"] == code


async def test_the_page_asks_before_it_stops_and_shows_how_it_stands(engine, signed_in):
    page = await signed_in.page("/canales/state_to_qhali")
    assert page.index("Lo ya recibido se entrega igual.") < page.index("Sí, parar")
    assert (await signed_in.post("/canales/state_to_qhali/detener")).status == 303
    assert "parado" in await signed_in.page("/canales/state_to_qhali")
    assert (await signed_in.post("/canales/state_to_qhali/iniciar")).status == 303
    answer = await signed_in.post("/destinos/qhali/pausar", channel="state_to_qhali")
    assert answer.headers["Location"] == "/canales/state_to_qhali"
    page = await signed_in.page("/canales/state_to_qhali")
    assert "en pausa" in page
    assert "Reanudar qhali" in page


async def test_a_destination_is_drained_what_is_on_its_way_ends_and_the_rest_waits(
    engine, qhali, operator, booked, monkeypatch
):
    monkeypatch.setattr(switches, "DRAIN_SECONDS", 0.1)
    qhali.gate.clear()
    await engine.send(booked("QH-0000000001"))
    await qhali.receives_at_least(1)
    assert await in_hand(operator, "drain") == 1
    await engine.send(booked("QH-0000000002"))
    qhali.gate.set()
    await engine.reaches("delivered", "pending", channel="state_to_qhali")
    assert await in_hand(operator, "drain") == 0
    assert len(qhali.taken) == 1
    await operator.post("/api/v1/destinations/qhali/resume")
    await engine.reaches("delivered", "delivered", channel="state_to_qhali")


async def in_hand(program, switch: str) -> int:
    """How many are on their way to the paused destination, as the answer says."""
    (channel,) = (await program.post(f"/api/v1/destinations/qhali/{switch}"))["channels"]
    (destination,) = channel["destinations"]
    assert destination["state"] == "paused"
    return int(destination["in_hand"])
