"""A FHIR transaction that a partner sends: taken over plain HTTP, passed on digit by digit."""

import json
from collections.abc import Callable
from pathlib import Path

from .conftest import Engine, until

CHANNEL = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.folder import FolderWriter
from ayni.engine.connectors.http import HttpListener
from ayni.vocabulary.fhir import dumps, loads

def to_registry(document):
    bundle = loads(document)
    return Outgoing(content=dumps(bundle), control_id=bundle["identifier"]["value"], key="registry")

channel = Channel(
    name="lab", title="De prueba",
    source=HttpListener(path="/fhir", port="${AYNI_ENGINE_FHIR_PORT}", format="text",
        token_file="${AYNI_QHALI_TO_ENGINE_TOKEN_FILE}"),
    destinations=(
        Destination(
            partner="registry",
            connector=FolderWriter(path="${OUT}", name="{control_id}"),
            transform=to_registry,
        ),
    ),
)
"""
TRANSACTION = b'{"resourceType":"Bundle","type":"transaction","identifier":{"value":"T1"},"value":1.10}'


async def test_it_is_stored_once_and_leaves_with_its_digits(
    new_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    (tmp_path / "channels" / "lab").mkdir(parents=True)
    (tmp_path / "channels" / "lab" / "channel.py").write_text(CHANNEL, "utf-8")
    (tmp_path / "out").mkdir()
    engine = new_engine(AYNI_CHANNELS=str(tmp_path / "channels"), OUT=str(tmp_path / "out"))
    await engine.start()

    async def post(content: bytes) -> tuple[int, object]:
        headers = {
            "Authorization": f"Bearer {engine.secret('tokens/qhali-to-engine')}",
            "Content-Type": "application/fhir+json",
        }
        async with engine.http.post(f"{engine.fhir_url}/fhir", data=content, headers=headers) as answer:
            return answer.status, json.loads(await answer.read())

    async def is_there() -> bool:
        return (tmp_path / "out" / "T1").exists()

    said = [await post(TRANSACTION) for _ in range(2)]
    assert said == [(202, {"state": "stored"}), (202, {"state": "repeated"})]
    status, refusal = await post(b"{")
    assert (status, refusal["code"]) == (400, "structure")
    await until(is_there)
    assert (tmp_path / "out" / "T1").read_bytes() == TRANSACTION
    assert [each["state"] for each in await engine.of("lab")] == ["accepted", "refused"]
