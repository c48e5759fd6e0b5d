"""The terminal says which scenario failed, at which step, and how the whole run went."""

import io

from rich.console import Console

from ayni.exercise.evidence import Evidence, Hop, ScenarioResult
from ayni.exercise.report import Report

LONG = (
    "a step whose sentence is longer than the terminal is wide, as sentences about health records tend to be"
)


def hop(*, ack: str, ms: float) -> Hop:
    return Hop(hop="a → b", at="2026-11-24T09:00:00-05:00", control_id="QH-7M3K9XBT4D.Q001", ack=ack, ms=ms)


def printed(act: object) -> str:
    output = io.StringIO()
    report = Report(Console(file=output, width=80))
    act(report)  # type: ignore[operator]
    return output.getvalue()


def test_a_failure_names_the_step_and_the_error_unbroken() -> None:
    said = printed(lambda report: report.failed("booked", LONG, AssertionError("no [slot] is free")))
    assert f"step: {LONG}\n" in said
    assert "AssertionError: no [slot] is free" in said


def test_the_table_counts_hops_and_those_without_a_yes() -> None:
    hops = [hop(ack="", ms=1.0), hop(ack="AE", ms=2.0), hop(ack="AA", ms=41.6), hop(ack="ok", ms=3.0)]
    played = [
        ScenarioResult(name="record-down-and-engine-killed", passed=True, hops=hops),
        ScenarioResult(name="no-show", passed=False, hops=[]),
    ]
    evidence = Evidence(machine="Linux", commit="abc", scenarios=played)
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in printed(lambda report: report.table(evidence)).splitlines()
        if line.startswith("│")
    ]
    assert rows == [
        ["record-down-and-engine-killed", "passed", "4", "2", "42 ms"],
        ["no-show", "FAILED", "0", "0", "0 ms"],
    ]
