"""The operation stands on QHALI's own port, behind the token that QHALI makes at its first start."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from ayni.wire.serve import bind

COMMAND = [sys.executable, "-c", "from ayni.qhali.process import main; main()"]
START = {
    "resourceType": "QuestionnaireResponse",
    "status": "in-progress",
    "questionnaire": "#form",
    "contained": [
        {
            "resourceType": "Questionnaire",
            "id": "form",
            "status": "active",
            "derivedFrom": ["https://ayni.example/fhir/Questionnaire/intake"],
        }
    ],
}


def post(port: int, token: str) -> tuple[int, Any]:
    """Asks the running process; waits until it listens."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/fhir/Questionnaire/$next-question",
        data=json.dumps(START).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"},
    )
    for _ in range(200):
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())
        except OSError:
            time.sleep(0.1)
    raise AssertionError("QHALI did not start")


def test_the_running_system_asks_whoever_has_its_token_and_nobody_else(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as free:
        port = int(free.getsockname()[1])
    variables = os.environ | {"AYNI_VAR": str(tmp_path), "AYNI_QHALI_PORT": str(port)}
    process = subprocess.Popen(COMMAND, env=variables, stderr=subprocess.DEVNULL)
    try:
        refused, outcome = post(port, "not-the-token")
        token_file = tmp_path / "tokens" / "questionnaire"
        status, response = post(port, token_file.read_text("ascii"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    assert (refused, outcome["resourceType"]) == (401, "OperationOutcome")
    assert token_file.stat().st_mode & 0o077 == 0
    assert status == 200
    assert response["contained"][0]["item"][0]["linkId"] == "1/open"
