"""S-21: who speaks over MLLP as another is told no, kept for a person to see, and rings; over real TLS.

A running engine whose channel binds the certificate of `lab`. Everybody else comes as they may come: with the
right certificate and another name, with another's certificate, an ended, a revoked, a stranger's, or none.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ayni.vocabulary.hl7 import Message, parse
from ayni.wire.clock import real_now
from ayni.wire.failure import LinkError, OutcomeUnknown
from ayni.wire.mllp import MllpClient
from ayni.wire.tls import TlsFiles

from ..conftest import Engine, until
from ..connectors.certificates import HOUR, Authority, Files
from ..test_acknowledging import House

ROUTE = """
from pathlib import Path

from ayni.engine import Channel, Destination, Outgoing, application_acknowledgements
from ayni.engine.connectors.bound_sender import BoundSender
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.connectors.tls import ServerTls

def filter(message):
    with Path("{seen}").open("a") as file:
        file.write(message.control_id + " ")
    return ""

def to_ward(message):
    return Outgoing(content=message.encode(), control_id=message.control_id, key="all")

channel = Channel(
    name="results", title="De prueba", filter=filter,
    source=MllpListener(
        port="${{AYNI_ENGINE_MLLP_PORT}}",
        acknowledgement="enhanced",
        tls=ServerTls(certificate="{own.certificate}", key="{own.key}", ca="{ca}", crl="{crl}"),
        senders=(
            BoundSender(certificate="lab", sender="LAB|POSTA", receiver="AYNI|RED", types=("ORU^R01",)),
            BoundSender(certificate="ward", sender="WARD|POSTA"),
        ),
    ),
    destinations=(
        Destination(partner="ward", connector=MllpSender(address="${{WARD}}"), transform=to_ward),
        application_acknowledgements(partner="lab", connector=MllpSender(address="${{LAB}}")),
    ),
)
"""
PATIENT = "QUISPEMAMANI"
ALERT = "sender-not-bound:results"


def result(
    control_id: str,
    *,
    sender: str = "LAB|POSTA",
    receiver: str = "AYNI|RED",
    kind: str = "ORU^R01^ORU_R01",
    wishes: str = "|",
) -> bytes:
    header = f"MSH|^~\\&|{sender}|{receiver}|20261125100000-0500||{kind}|{control_id}|T|2.5.1|||{wishes}"
    return f"{header}||UNICODE UTF-8\rPID|1||99000017||{PATIENT}^ANA\r".encode()


@pytest.fixture
async def house():
    made = {}
    for name in ("WARD", "LAB"):
        made[name] = House()
        await made[name].up()
    yield made
    for each in made.values():
        await each.down()


class Scene:
    """The engine, and everybody who may come with a certificate."""

    def __init__(self, engine: Engine, authority: Authority, folder: Path) -> None:
        self.engine, self._authority, self._folder = engine, authority, folder

    async def says(self, own: Files | str | None, raw: bytes) -> Message:
        """The answer to a message of whom this certificate names, or who has these files, or none."""
        own = self._authority.certifies(own) if isinstance(own, str) else own
        client = self._client(own)
        try:
            return parse(await client.send(raw))
        finally:
            client.drop()

    def _client(self, own: Files | None) -> MllpClient:
        files = TlsFiles(
            certificate=own and own.certificate, key=own and own.key, authority=self._authority.file
        )
        tls = files.for_link(_late_clock())
        return MllpClient("127.0.0.1", self.engine.mllp_port, answer_seconds=1.0, tls=tls)

    def seen(self) -> list[str]:
        """The control ids that the channel's code has looked at."""
        file = self._folder / "seen"
        return file.read_text().split() if file.exists() else []

    async def alerts(self) -> dict[str, dict[str, Any]]:
        return {each["id"]: each for each in (await self.engine.api("/api/v1/alerts"))["alerts"]}

    async def metric(self) -> int:
        async with self.engine.http.get(f"{self.engine.console_url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        name = 'ayni_sender_not_bound_total{channel="results"} '
        return sum(int(float(each.removeprefix(name))) for each in lines if each.startswith(name))


def _late_clock() -> datetime:
    """That of a partner who does not know that its own certificate has ended."""
    return real_now() - HOUR


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def scene(new_engine: Callable[..., Engine], house, authority: Authority, tmp_path: Path) -> Scene:
    own = authority.certifies("engine")
    crl = authority.revokes(authority.certifies("revoked"))
    folder = tmp_path / "channels" / "results"
    folder.mkdir(parents=True)
    code = ROUTE.format(own=own, ca=authority.file, crl=crl, seen=tmp_path / "seen")
    (folder / "channel.py").write_text(code, "utf-8")
    addresses = {name: f"127.0.0.1:{each.port}" for name, each in house.items()}
    engine = new_engine(AYNI_CHANNELS=str(folder.parent), **addresses)
    await engine.start()
    return Scene(engine, authority, tmp_path)


async def test_s_21_who_is_bound_speaks_and_nothing_rings(scene: Scene, house) -> None:
    assert (await scene.says("lab", result("L1")))["MSA-1"] == "AA"
    assert (await scene.says("ward", result("W1", sender="WARD|POSTA", receiver="X|Y", kind="ADT^A08")))[
        "MSA-1"
    ] == "AA"
    await house["WARD"].has(2)
    assert scene.seen() == ["L1", "W1"]
    assert await scene.metric() == 0


FOREIGN: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "another's name with the right certificate": (
        "lab",
        result("F1", sender="WARD|POSTA"),
        ("MSH^1^3", "103"),
    ),
    "another facility": ("lab", result("F2", sender="LAB|HOSPITAL"), ("MSH^1^3", "103")),
    "a certificate of another": ("ward", result("F3"), ("MSH^1^3", "103")),
    "a certificate that nobody bound": ("pharmacy", result("F4"), ("MSH^1^3", "103")),
    "another receiver": ("lab", result("F5", receiver="HIS|RED"), ("MSH^1^5", "103")),
    "another type": ("lab", result("F6", kind="ADT^A08^ADT_A01"), ("MSH^1^9", "200")),
    "production traffic in a test, too": (
        "lab",
        result("F7", sender="X|Y").replace(b"|T|2.5.1", b"|P|2.5.1"),
        ("MSH^1^3", "103"),
    ),
}
"""What a certificate does not allow: who shows it, what they send, and where the answer says it is."""


async def test_s_21_what_a_certificate_does_not_allow_is_refused_kept_counted_and_rings(
    scene: Scene, house
) -> None:
    with capture_logs() as lines:
        for name, raw, place in FOREIGN.values():
            answer = await scene.says(name, raw)
            assert answer["MSA-1"] == "AR", raw
            assert ("^".join(answer[f"ERR-2.{n}"] for n in (1, 2, 3)), answer["ERR-3.1"]) == place, raw
            assert "certificado" in answer["ERR-8"]
    assert scene.seen() == [], "no function of the channel saw any"
    assert await scene.metric() == len(FOREIGN)
    await house["WARD"].has(0)
    kept = await scene.engine.of("results")
    assert {each["state"] for each in kept} == {"refused"}
    assert [each["sender"] for each in kept] == [name for name, _, _ in FOREIGN.values()]
    said = [each for each in lines if each["event"] == "sender not bound to its certificate"]
    assert [each["place"] for each in said] == [place for _, _, (place, _) in FOREIGN.values()]
    assert {each["address"] for each in said} == {"127.0.0.1"}
    assert all(name in each["names"] for each, (name, _, _) in zip(said, FOREIGN.values(), strict=True))
    assert not [each for each in lines if PATIENT in str(each) or "99000017" in str(each)]


async def test_s_21_it_rings_and_a_person_sees_the_message(scene: Scene) -> None:
    await scene.says("lab", result("F1", sender="HIS|HOSPITAL"))

    async def rings() -> bool:
        return ALERT in await scene.alerts()

    await until(rings)
    alert = (await scene.alerts())[ALERT]
    assert (alert["severity"], alert["channel"]) == ("critical", "results")
    assert "certificado" in alert["text"]
    assert "revoque" in alert["advice"]
    (message,) = await scene.engine.of("results")
    shown = await scene.engine.api(f"/api/v1/messages/{message['id']}")
    assert "El certificado no es de este remitente" in str(shown)
    assert PATIENT not in str(alert)


async def test_s_21_in_enhanced_mode_it_hears_cr_and_whom_it_named_hears_nothing(scene: Scene, house) -> None:
    """MSH-16 asks for a later answer, which would go to the listener of the one it pretends to be."""
    assert (await scene.says("lab", result("L1", wishes="AL|AL")))["MSA-1"] == "CA"
    assert (await scene.says("ward", result("F1", wishes="AL|AL")))["MSA-1"] == "CR"
    with pytest.raises(OutcomeUnknown):
        await scene.says("ward", result("F2", wishes="NE|AL"))
    answers = await house["LAB"].has(1)
    assert [each["MSA-2"] for each in answers] == ["L1"]
    assert await scene.metric() == 2


STRANGERS: dict[str, Callable[[Authority, Path], Files | None]] = {
    "certificate has expired": lambda authority, _: authority.certifies("lab", ended=HOUR / 60),
    "certificate revoked": lambda _, folder: Files(folder / "revoked.pem", folder / "revoked.key"),
    "unable to get local issuer certificate": lambda _, folder: Authority(folder, "x").certifies("lab"),
    "none was shown": lambda *_: None,
}
"""What opens no connection, by the reason that the log gives."""


async def test_s_21_ended_revoked_a_strangers_and_none_open_nothing(
    scene: Scene, authority: Authority, tmp_path: Path
) -> None:
    for reason, made in STRANGERS.items():
        own = made(authority, tmp_path)
        with capture_logs() as lines, pytest.raises(LinkError):
            await scene.says(own, result("S1"))
        said = [each["reason"] for each in lines if each["event"] == "certificate of a sender refused"]
        assert said == [reason]
    assert await scene.engine.of("results") == []
    assert scene.seen() == []
    assert (await scene.says("lab", result("L1")))["MSA-1"] == "AA"
