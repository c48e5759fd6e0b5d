"""Alerts as they are given: whoever watches the engine says what needs a person, the console shows it."""

from collections.abc import Callable

import msgspec

from ayni.engine.console.shown.resources import Alert, AlertList
from ayni.engine.observability.wording import Language
from ayni.engine.store.contract import Row


def alerts_of(given: Callable[[Language], list[Row]], language: Language) -> AlertList:
    """The alerts, the gravest first, then those that last longest."""
    alerts = [msgspec.convert(row, Alert, strict=False) for row in given(language)]
    return AlertList(alerts=sorted(alerts, key=_order))


def _order(alert: Alert) -> tuple[bool, float]:
    return alert.severity != "critical", alert.since.timestamp() if alert.since else 0.0
