"""Why attempts failed, on a Spanish screen: every phrase that a connector of ours says has its text."""

import re
from pathlib import Path

import pytest

from ayni.engine.console.language import BY_LANGUAGE

AYNI = Path(__file__).resolve().parents[3] / "ayni"
SPOKEN = re.compile(r'\b(?:NotConnected|NotTried|NotTaken|OutcomeUnknown|Refused)\(f?"([^"]+)"')
OWN_NAMES = re.compile(r"(postgresql|sftp|HTTP \{.*\})(: \{.*\})?$")
"""Names of protocols, statuses and classes, which are the same in both languages."""

ES = BY_LANGUAGE["es"]


def spoken() -> set[str]:
    """The phrases in the code that a failure of a delivery is raised with."""
    folders = (AYNI / "wire", AYNI / "engine")
    sources = (
        path.read_text("utf-8")
        for folder in folders
        for path in folder.rglob("*.py")
        if "console" not in path.parts
    )
    return {phrase for source in sources for phrase in SPOKEN.findall(source)}


def test_every_reason_a_connector_gives_has_a_text() -> None:
    found = spoken()
    assert len(found) > 30
    assert [each for each in sorted(found) if ES.reason(each) == each and not OWN_NAMES.match(each)] == []


@pytest.mark.parametrize(
    ("reason", "es"),
    [
        ("nobody answers at lab.example:2575", "nadie responde en lab.example:2575"),
        ("no valid answer: TimeoutError", "sin una respuesta válida: TimeoutError"),
        (
            "no TLS with lab.example:2575: CERTIFICATE_VERIFY_FAILED",
            "sin TLS con lab.example:2575: CERTIFICATE_VERIFY_FAILED",
        ),
        (
            "postgresql: others had the connection all the time",
            "postgresql: otros ocuparon la conexión todo el tiempo",
        ),
        ("closes at once: lab.example:2575", "cierra de inmediato: lab.example:2575"),
        ("HTTP 422", "HTTP 422"),
        ("", ""),
    ],
)
def test_a_reason_keeps_its_names(reason: str, es: str) -> None:
    assert ES.reason(reason) == es
    assert BY_LANGUAGE["en"].reason(reason) == reason


async def test_the_pages_say_why_in_the_language_of_the_page(engine, qhali, signed_in, booked) -> None:
    await qhali.down()
    await engine.send(booked())
    await engine.finds("qhali", down=True)
    for path in ("/mensajes/1", "/seguir?correlation_id=QH-7M3K9XBT4D"):
        page = await signed_in.page(path)
        assert "nadie responde en http" in page, path
        assert "nobody answers" not in page, path
