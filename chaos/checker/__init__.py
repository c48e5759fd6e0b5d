"""Reads a history and says what it breaks: nine properties, each in time linear in the number of events.

P1 no loss · P2 order · P3 no stale redelivery · P4 effect once · P5 no invention · P6 liveness ·
P7 conservation · P8 audit · P9 stored answer. What each means stands with it, in `order`, `effects`, `rows`.
"""

from collections.abc import Callable, Iterable, Iterator

from chaos.checker.effects import effect_once, no_invention, no_loss, stored_answer
from chaos.checker.findings import Finding
from chaos.checker.order import no_stale_redelivery, order
from chaos.checker.rows import audit, conservation, liveness
from chaos.checker.seen import Seen
from chaos.history import Event

PROPERTIES: dict[str, Callable[[Seen], Iterator[str]]] = {
    "P1": no_loss,
    "P2": order,
    "P3": no_stale_redelivery,
    "P4": effect_once,
    "P5": no_invention,
    "P6": liveness,
    "P7": conservation,
    "P8": audit,
    "P9": stored_answer,
}

FINDINGS_MAX = 20
"""Of each property: the first few lead to the fault, ten thousand lead nowhere."""


def check(events: Iterable[Event], *, properties: Iterable[str] = PROPERTIES) -> list[Finding]:
    """What the history breaks, nothing when it is clean."""
    seen = Seen(events)
    return [
        Finding(name, text)
        for name in properties
        for text, _ in zip(PROPERTIES[name](seen), range(FINDINGS_MAX), strict=False)
    ]


__all__ = ["PROPERTIES", "Finding", "check"]
