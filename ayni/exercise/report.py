"""What a person at the terminal sees while the scenarios are played, and at the end."""

from rich.console import Console
from rich.table import Table

from ayni.exercise.evidence import Evidence, ScenarioResult


class Report:
    """A line for what happens now, a line for each scenario that ended, a table at the end."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._progress = self._console.status("starting")

    def __enter__(self) -> "Report":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def now(self, what: str) -> None:
        """Replaces the progress line."""
        self._progress.update(what)

    def say(self, line: str) -> None:
        """Prints a line that stays."""
        self._console.print(line, markup=False, soft_wrap=True)

    def passed(self, scenario: str) -> None:
        """A scenario ended well."""
        self.say(f"passed  {scenario}")

    def failed(self, scenario: str, step: str, error: BaseException) -> None:
        """A scenario ended at a step; says which and why."""
        self.say(f"FAILED  {scenario}\n        step: {step}\n        {type(error).__name__}: {error}")

    def table(self, evidence: Evidence) -> None:
        """The whole run in one table; `no yes` counts attempts that were refused or got no answer."""
        table = Table(title=f"{evidence.machine}\ncommit {evidence.commit}", title_justify="left")
        for heading in ("scenario", "result"):
            table.add_column(heading, no_wrap=True)
        for heading in ("hops", "no yes", "slowest"):
            table.add_column(heading, justify="right", no_wrap=True)
        for scenario in evidence.scenarios:
            table.add_row(*_row(scenario))
        self._console.print(table)


YES = frozenset({"AA", "CA", "200", "ok"})
"""Positive answers of HL7 v2 (MSA-1), HTTP and FHIR messaging."""


def _row(scenario: ScenarioResult) -> tuple[str, ...]:
    slowest = max((hop.ms for hop in scenario.hops), default=0.0)
    unanswered = sum(hop.ack not in YES for hop in scenario.hops)
    result = "passed" if scenario.passed else "FAILED"
    return scenario.name, result, str(len(scenario.hops)), str(unanswered), f"{slowest:.0f} ms"
