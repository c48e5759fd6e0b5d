"""The same message again, and another under the same name: over both doors, before and after a restart."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ayni.vocabulary.hl7 import parse

from .conftest import Engine, intake_of, until
from .tooling.deployment import message_of

ROUTE = """
from hashlib import sha256

from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.fhir import FhirListener
from ayni.engine.connectors.folder import FolderWriter
from ayni.engine.connectors.mllp import MllpListener

def to_folder(document):
    content = document.encode() if hasattr(document, "encode") else repr(document).encode()
    return Outgoing(content=content, control_id=sha256(content).hexdigest()[:20], key="all")

channel = Channel(
    name="lab", title="De prueba", source={source}, duplicates="{duplicates}",
    destinations=(
        Destination(
            partner="folder",
            connector=FolderWriter(path="${{OUT}}", name="{{control_id}}.txt"),
            transform=to_folder,
        ),
    ),
)
"""
SOURCES = {
    "mllp": 'MllpListener(port="${AYNI_ENGINE_MLLP_PORT}")',
    "fhir": 'FhirListener(port="${AYNI_ENGINE_FHIR_PORT}", token_file="${AYNI_QHALI_TO_ENGINE_TOKEN_FILE}")',
}
BORN = {"ANA": b"1992-03-14", "EVA": b"1993-03-14", "LUZ": b"1994-03-14"}
"""What makes one intake another one."""
CONFLICT = {"mllp": ("AE", "205"), "fhir": (409, "duplicate")}
YES = {"mllp": ("AA", ""), "fhir": (200, "")}

NEW_TIMES = {
    "mllp": [(b"|20261123093000-0500|", b"|20261123114500-0500|")],
    "fhir": [
        (b'"timestamp": "2026-11-23T09:30:15-05:00"', b'"timestamp": "2026-11-23T11:45:00-05:00"'),
        (b'"meta": {\n  "tag"', b'"meta": {"lastUpdated": "2026-11-23T11:45:00-05:00",  "tag"'),
    ],
}
"""What a sender's own retry may make anew."""
OTHER_HEADER = (b"ddf77a40-dc41-5877-8e98-b4b9002fc2fc", b"ddf77a40-dc41-5877-8e98-b4b9002fc2fd")

Said = tuple[Any, bytes]
"""((code, reason), the answer's bytes)"""


class Door:
    """A sender that has one control id for everything it says."""

    def __init__(self, kind: str, engine: Engine) -> None:
        self.kind, self._engine = kind, engine

    async def send(self, text: str, *changes: tuple[bytes, bytes]) -> Said:
        """`changes` are made to its bytes: each old piece, which must be there, becomes the new one."""
        content = message_of("ONE", patient=text) if self.kind == "mllp" else intake_of()
        content = content.replace(b"1992-03-14", BORN[text])
        for old, new in changes:
            assert old in content
            content = content.replace(old, new)
        return await (self._over_mllp if self.kind == "mllp" else self._over_http)(content)

    async def _over_mllp(self, content: bytes) -> Said:
        answer = await self._engine.record.send(content)
        said = parse(answer)
        return (said["MSA-1"], said["ERR-3.1"]), answer

    async def _over_http(self, content: bytes) -> Said:
        url = f"{self._engine.fhir_url}/channels/lab/fhir/$process-message"
        headers = {"Authorization": f"Bearer {self._engine.secret('tokens/qhali-to-engine')}"}
        async with self._engine.http.post(url, data=content, headers=headers) as answer:
            body = await answer.read()
            reason = "" if answer.ok else json.loads(body)["issue"][0]["code"]
            return (answer.status, reason), body


@pytest.fixture(params=["mllp", "fhir"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def opened(new_engine: Callable[..., Engine], tmp_path: Path, kind: str) -> Callable[..., Any]:
    """Starts an engine whose channel treats duplicates so; a door of it."""

    async def start(duplicates: str) -> tuple[Engine, Door]:
        (tmp_path / "channels" / "lab").mkdir(parents=True)
        code = ROUTE.format(source=SOURCES[kind], duplicates=duplicates)
        (tmp_path / "channels" / "lab" / "channel.py").write_text(code, "utf-8")
        (tmp_path / "out").mkdir()
        engine = new_engine(AYNI_CHANNELS=str(tmp_path / "channels"), OUT=str(tmp_path / "out"))
        await engine.start()
        return engine, Door(kind, engine)

    return start


async def delivered(folder: Path, count: int) -> None:
    async def so_many() -> bool:
        return len(list((folder / "out").iterdir())) == count

    await until(so_many)


async def reused(engine: Engine) -> int:
    """How often the alarm was given since the start, as the metrics tell it."""
    async with engine.http.get(f"{engine.console_url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    found = [line for line in lines if line.startswith('ayni_control_id_reused_total{channel="lab"}')]
    return int(float(found[0].rpartition(" ")[2])) if found else 0


async def test_the_same_content_hears_the_first_answer(opened, tmp_path: Path, kind: str) -> None:
    engine, door = await opened("refuse")
    first = await door.send("ANA")
    assert first[0] == YES[kind]
    assert await door.send("ANA") == first
    await engine.stop()
    await engine.start()
    assert await door.send("ANA") == first
    assert await reused(engine) == 0
    await delivered(tmp_path, 1)


async def test_a_resend_with_new_times_of_its_own_hears_the_first_answer(
    opened, tmp_path: Path, kind: str
) -> None:
    engine, door = await opened("refuse")
    first = await door.send("ANA")
    assert await door.send("ANA", *NEW_TIMES[kind]) == first
    assert (await door.send("EVA", *NEW_TIMES[kind]))[0] == CONFLICT[kind]
    assert await reused(engine) == 1
    await delivered(tmp_path, 1)


@pytest.mark.parametrize("kind", ["fhir"])
async def test_a_bundle_identifier_with_another_header_id_is_a_conflict(opened, kind: str) -> None:
    _, door = await opened("refuse")
    assert (await door.send("ANA"))[0] == YES[kind]
    assert (await door.send("ANA", OTHER_HEADER))[0] == CONFLICT[kind]


async def test_other_content_is_a_conflict_and_an_alarm(opened, tmp_path: Path, kind: str) -> None:
    engine, door = await opened("refuse")
    first = await door.send("ANA")
    assert (await door.send("EVA"))[0] == CONFLICT[kind]
    assert await reused(engine) == 1
    await engine.stop()
    await engine.start()
    assert (await door.send("EVA"))[0] == CONFLICT[kind]
    assert await reused(engine) == 1
    assert await door.send("ANA") == first
    await delivered(tmp_path, 1)
    assert [each["state"] for each in await engine.of("lab")] == ["accepted", "refused"]


async def test_other_content_may_be_new_with_an_alarm_and_is_known_from_then_on(
    opened, tmp_path: Path, kind: str
) -> None:
    engine, door = await opened("accept-as-new")
    first, second = await door.send("ANA"), await door.send("EVA")
    assert (first[0], second[0]) == (YES[kind], YES[kind])
    assert await reused(engine) == 1
    await delivered(tmp_path, 2)
    for _ in range(2):
        assert await door.send("ANA") == first
        assert await door.send("EVA") == second
        await engine.stop()
        await engine.start()
    assert await reused(engine) == 0, "a repetition is no alarm"
    assert (await door.send("LUZ"))[0] == YES[kind]
    assert await reused(engine) == 1
    await delivered(tmp_path, 3)
    messages = await engine.of("lab")
    assert [each["parent_id"] for each in messages] == [None, messages[0]["id"], messages[0]["id"]]
