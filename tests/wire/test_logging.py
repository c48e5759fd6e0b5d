"""A canary flies through every way to the log: no text of an exception, no name, no DNI may come out."""

import json
import subprocess
import sys

import pytest

from ayni.wire.logging import where
from ayni.wire.serve import bind

CANARY = "MARÍA PRUEBA ÑAUPARI 99000017"

PROGRAM = """
import asyncio, logging, sys, structlog
from starlette.applications import Starlette
from starlette.routing import Route
from ayni.vocabulary.fhir import FhirError
from ayni.wire.health import health_route
from ayni.wire.logging import correlated, where
from ayni.wire.mllp import MllpServer, frame
from ayni.wire.process_message import process_message_route
from ayni.wire.serve import serve_http, start

CANARY = sys.argv[1]
log = structlog.get_logger()

async def get(port, request):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    await writer.drain()
    await reader.read(1000)
    writer.close()

async def broken(*_):
    raise RuntimeError(CANARY)

async def refuse(_):
    raise FhirError("value", "mal: " + CANARY, expression="Patient.name")

def check():
    raise RuntimeError(CANARY)

async def live(environment, listeners, stop):
    routes = [
        Route("/broken", broken),
        health_route("system", check),
        process_message_route("/kept-not", token="t", receive=broken),
        process_message_route("/refused", token="t", receive=refuse),
    ]
    [http, mllp] = listeners
    serving = asyncio.create_task(serve_http(Starlette(routes=routes), http, stop))
    port = http.getsockname()[1]
    for door in ("/broken", "/health"):
        await get(port, f"GET {door} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    for door in ("/kept-not", "/refused"):
        line = f"POST {door}/fhir/$process-message HTTP/1.1\\r\\nHost: x\\r\\n"
        await get(port, line + "Authorization: Bearer t\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
    async with MllpServer(broken, lambda head: head).listening(mllp):
        await get(mllp.getsockname()[1], frame(CANARY.encode()).decode())
    with correlated("QH-7M3K9XBT4D"):
        try:
            await broken()
        except RuntimeError as error:
            log.error("it broke", **where(error))
            logging.getLogger("library").exception("quoted %s", CANARY)
            logging.getLogger("library").log(35, CANARY)
    asyncio.create_task(broken())
    await asyncio.sleep(0.05)
    stop.set()
    await serving
    if sys.argv[2] == "break":
        raise RuntimeError(CANARY)

PORTS = ["AYNI_QHALI_PORT", "AYNI_ENGINE_PORT"]
start("system", PORTS, live, dict(zip(["AYNI_VAR", *PORTS], sys.argv[3:])))
"""


@pytest.fixture(scope="module", params=["end", "break"])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> subprocess.CompletedProcess[str]:
    var, ports = str(tmp_path_factory.mktemp("var")), [str(port) for port in _free_ports()]
    command = [sys.executable, "-c", PROGRAM, CANARY, request.param, var, *ports]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def _free_ports() -> list[int]:
    listeners = [bind("127.0.0.1", 0) for _ in range(2)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def test_no_word_of_the_canary_is_in_any_line(run: subprocess.CompletedProcess[str]) -> None:
    for word in CANARY.split():
        assert word not in run.stderr + run.stdout


def test_every_line_is_json_and_says_which_system_speaks(run: subprocess.CompletedProcess[str]) -> None:
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert len(lines) > 5
    assert {line["system"] for line in lines} == {"system"}
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)


def test_an_error_is_found_by_its_type_its_place_and_its_request(
    run: subprocess.CompletedProcess[str],
) -> None:
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    broke = next(line for line in lines if line["event"] == "it broke")
    assert broke["error"] == "RuntimeError"
    assert broke["place"].startswith("<string>:")
    assert broke["correlation_id"] == "QH-7M3K9XBT4D"
    assert next(line for line in lines if line["event"] == "library spoke" and line["logger"] == "library")


def test_a_system_ends_with_the_code_that_it_earned(run: subprocess.CompletedProcess[str]) -> None:
    last = json.loads(run.stderr.splitlines()[-1])
    assert (run.returncode == 1) == (last["event"] == "system ended")
    assert run.returncode == (1 if run.args[4] == "break" else 0)


@pytest.mark.parametrize(
    ("level", "told"), [(31, "warning"), (35, "warning"), (45, "error"), (99, "critical")]
)
def test_a_library_with_levels_of_its_own_is_told_by_the_standard_one_below(level: int, told: str) -> None:
    [line] = logged(f"logging.getLogger('library').log({level}, sys.argv[1])")
    assert line["level"] == told
    assert "99000017" not in str(line)


def logged(act: str) -> list[dict[str, str]]:
    """The lines of a system that does this."""
    program = (
        f"import logging, sys\nfrom ayni.wire.logging import start_logging\nstart_logging('system')\n{act}"
    )
    command = [sys.executable, "-c", program, CANARY]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return [json.loads(line) for line in ran.stderr.splitlines()]


def test_a_library_s_error_leads_to_its_place_and_not_to_its_text() -> None:
    [line] = logged(
        "try: {}[sys.argv[1]]\nexcept KeyError: logging.getLogger('library').exception(sys.argv[1])"
    )
    assert (line["error"], line["place"]) == ("KeyError", "<string>:4")
    assert "99000017" not in str(line)


def test_a_page_that_is_refused_is_no_warning_of_the_library_and_one_that_breaks_is_an_error() -> None:
    django = "logging.getLogger('django.request')"
    assert logged(f"{django}.warning('Not Found: %s', sys.argv[1])") == []
    [line] = logged(f"{django}.error('Internal Server Error: %s', sys.argv[1])")
    assert (line["logger"], line["level"]) == ("django.request", "error")


def test_an_error_out_of_parallel_work_is_told_by_the_first_that_failed() -> None:
    def fail() -> None:
        raise KeyError(CANARY)

    with pytest.raises(KeyError) as failed:
        fail()
    group = ExceptionGroup(CANARY, [ExceptionGroup(CANARY, [failed.value])])
    place = where(failed.value)["place"]
    assert place.startswith("test_logging.py:")
    assert where(group) == {"error": "KeyError", "place": place}
    assert where(ValueError(CANARY)) == {"error": "ValueError", "place": ""}
