"""A search that a channel passes on to a partner is a look: it is in the audit, or it is not made."""

from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest
from aiohttp import web

from ayni.wire.serve import bind

from .conftest import Program, keep_accounts, password_of

CHANNEL = """
from ayni.engine import Channel
from ayni.engine.connectors.fhir_query import FhirQueryListener, FhirSearch

channel = Channel(
    name="registry",
    title="Padrón",
    source=FhirQueryListener(
        port="${AYNI_ENGINE_FHIR_PORT}",
        url="${REGISTRY_URL}",
        searches=(FhirSearch(type="Patient", parameters=("identifier",)),),
        token_file="${CLINIC_TOKEN_FILE}",
    ),
    destinations=(),
)
"""
FOUND = b'{"resourceType":"Bundle","type":"searchset","total":0}'


@pytest.fixture
async def registry() -> AsyncIterator[list[str]]:
    """The partner's searches; the last element is its address."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        return web.Response(body=FOUND, content_type="application/fhir+json")

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listener = bind("127.0.0.1", 0)
    await web.SockSite(runner, listener).start()
    asked.append(f"http://127.0.0.1:{listener.getsockname()[1]}")
    yield asked
    await runner.cleanup()


@pytest.fixture
async def engine(new_engine, registry, tmp_path: Path):
    folder = tmp_path / "channels" / "registry"
    folder.mkdir(parents=True)
    (folder / "channel.py").write_text(CHANNEL, "utf-8")
    made = new_engine(
        AYNI_CHANNELS=str(folder.parent),
        REGISTRY_URL=registry.pop(),
        CLINIC_TOKEN_FILE=str(tmp_path / "tokens" / "clinic-to-engine"),
    )
    keep_accounts(made.folder / "engine")
    await made.start()
    return made


async def search(engine) -> tuple[int, bytes]:
    url = f"{engine.fhir_url}/channels/registry/fhir/Patient?identifier=99000017"
    headers = {"Authorization": f"Bearer {engine.secret('tokens/clinic-to-engine')}"}
    async with engine.http.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_who_searched_for_what_kind_is_in_the_audit_and_for_whom_is_not(engine, registry):
    assert await search(engine) == (200, FOUND)
    assert registry == ["/Patient?identifier=99000017"]
    program = Program(engine.http, engine.console_url, ("operador", password_of("operador")))
    (entry,) = (await program.get("/api/v1/audit"))["entries"]
    assert (entry["who"], entry["action"], entry["outcome"]) == ("clinic-to-engine", "query", "seen")
    assert entry["details"] == {"channel": "registry", "type": "Patient", "parameters": "identifier"}
    assert b"99000017" not in (engine.folder / "engine" / "audit.sqlite-wal").read_bytes()


async def test_what_cannot_be_written_down_is_not_searched(engine, registry):
    connection = apsw.Connection(str(engine.folder / "engine" / "audit.sqlite"))
    connection.execute("create trigger full before insert on entry begin select raise(abort, 'full'); end")
    status, _ = await search(engine)
    assert (status, registry) == (503, [])
