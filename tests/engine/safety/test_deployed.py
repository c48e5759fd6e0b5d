"""S-06, S-25, S-26: an engine as it is installed, in a process of its own."""

import json
import re
from pathlib import Path

import aiohttp
import pytest

from ayni.vocabulary.hl7 import parse
from ayni.wire.failure import LinkError

from ..observability.own_process import OwnProcess

LISTEN = "0A"
DEFAULTS = (
    ("admin", "admin"),
    ("operador", "operador"),
    ("operador", ""),
    ("root", "root"),
    ("ayni", "ayni"),
)


@pytest.fixture
async def own(tmp_path, record, qhali):
    made = OwnProcess(
        tmp_path,
        {
            "AYNI_ONEVISION_MLLP": f"127.0.0.1:{record.port}",
            "AYNI_QHALI_FHIR_URL": f"http://127.0.0.1:{qhali.port}",
        },
    )
    await made.start()
    yield made
    await made.stop()


def listening(pid: int) -> set[str]:
    """The addresses a process listens on, as the kernel writes them."""
    inodes = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    ]
    return {line[1] for line in lines if line[3] == LISTEN and f"socket:[{line[9]}]" in inodes}


async def test_s_06_a_fresh_engine_listens_on_this_machine_only_and_no_known_password_opens_it(own) -> None:
    ports = {f"{int(own.settings[name]):04X}" for name in own.settings if name.endswith("_PORT")}
    assert listening(own._process.pid) == {f"0100007F:{port}" for port in ports}
    for name, password in DEFAULTS:
        headers = {"Authorization": aiohttp.encode_basic_auth(name, password)}
        async with own.http.get(f"{own.console_url}/api/v1/me", headers=headers) as answer:
            assert answer.status in (401, 429)
    for path in own.folder.rglob("*"):
        if path.is_file() and path != own.log:
            assert path.stat().st_mode & 0o077 == 0, path


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
HOSTILE = ('\n{"event":"forged"}', "\x1b[2J", "\u202egnp.exe", '","level":"critical', "\r\nx", "\u2028x")


async def test_s_25_no_field_writes_a_line_of_its_own_into_the_log(own, booked) -> None:
    for number, text in enumerate(HOSTILE):
        for name in ("MSH-3", "MSH-4", "MSH-10", "PV1-50.1", "SCH-6.1"):
            message = parse(booked(sequence=number + 1))
            message[name] = text
            try:
                await own.send(message.encode())
            except LinkError:
                own.record.drop()
    lines = own.log.read_text("utf-8").splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert "forged" not in events
    assert [line for line in lines if CONTROL.search(line)] == []


SECRETS = (
    "engine/operator-password",
    "engine/session-secret",
    "tokens/qhali-to-engine",
    "tokens/engine-to-qhali",
)
SHOWN = (
    "/metrics",
    "/health",
    "/api/openapi.json",
    "/api/v1/channels",
    "/api/v1/accounts",
    "/api/v1/audit",
    "/api/v1/messages/1",
    "/cuentas",
    "/",
    "/no-such-page",
)


async def test_s_26_no_secret_is_in_a_log_an_answer_a_metric_or_the_command_line(own, booked, intake) -> None:
    await own.post(intake())
    await own.send(booked())
    names = (
        "engine/operator-password",
        "engine/session-secret",
        "tokens/qhali-to-engine",
        "tokens/engine-to-qhali",
    )
    secrets = [own.secret(name).encode() for name in names]
    async with own.http.post(f"{own.fhir_url}/nowhere", headers={"Authorization": "Bearer x"}) as answer:
        await answer.read()
    said = [own.log.read_bytes(), Path(f"/proc/{own._process.pid}/cmdline").read_bytes()]
    paths = (
        "/metrics",
        "/health",
        "/api/openapi.json",
        "/api/v1/channels",
        "/api/v1/accounts",
        "/api/v1/audit",
    )
    for path in (*paths, "/api/v1/messages/1", "/cuentas", "/", "/no-such-page"):
        async with own.http.get(own.console_url + path, headers=own.operator) as answer:
            said.append(await answer.read())
    for each in said:
        assert not [number for number, secret in enumerate(secrets) if secret in each]
    for file in (
        "audit.sqlite",
        "audit.sqlite-wal",
        "messages.sqlite",
        "messages.sqlite-wal",
        "accounts.json",
    ):
        content = (own.folder / "engine" / file).read_bytes()
        assert not [number for number, secret in enumerate(secrets) if secret in content], file
