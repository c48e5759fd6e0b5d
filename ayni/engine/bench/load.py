"""The load: N connections, each sends one message and waits for its AA before the next (a closed loop).

`python -m ayni.engine.bench.load PORT CONNECTIONS SECONDS` prints one JSON object at the end.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import msgspec
import uvloop

from ayni.engine.bench.workload import framed
from ayni.wire.mllp import END

HOST = "127.0.0.1"
WARM_UP_SECONDS = 2.0
ANSWER_SECONDS = 30.0


@dataclass
class Run:
    """What all connections share. Latencies count only while `is_measuring`."""

    name: str = field(default_factory=lambda: secrets.token_hex(4))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    latencies: list[float] = field(default_factory=list)
    answered_count: int = 0
    wrong_count: int = 0
    is_measuring: bool = False
    is_over: bool = False


class Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one by what it does
        self._next()

    def _next(self) -> None:
        number = next(self._run.numbers)
        control_id = f"{self._run.name}{number:x}"
        self._expected, self._answer = b"MSA|AA|" + control_id.encode(), b""
        self._started = time.perf_counter()
        self._transport.write(framed(number, control_id))

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.endswith(END):
            return
        self._run.answered_count += 1
        if self._run.is_measuring:
            self._run.latencies.append(time.perf_counter() - self._started)
        if self._expected not in self._answer:
            self._run.wrong_count += 1
        if self._run.is_over:
            self._transport.close()
        else:
            self._next()


async def load(port: int, connections: int, seconds: float) -> dict[str, float]:
    """The figures of one run: acknowledgements a second and their latency in milliseconds.

    `answered` and `seconds` are of the whole run, the warm-up included.
    """
    loop, run, began = asyncio.get_running_loop(), Run(), time.perf_counter()
    async with asyncio.timeout(ANSWER_SECONDS):
        for _ in range(connections):
            await loop.create_connection(lambda: Sender(run), HOST, port)
    await asyncio.sleep(min(WARM_UP_SECONDS, seconds))
    run.is_measuring, started = True, time.perf_counter()
    await asyncio.sleep(seconds)
    run.is_measuring, took = False, time.perf_counter() - started
    run.is_over = True
    whole = {"answered": run.answered_count, "seconds": round(time.perf_counter() - began, 2)}
    return figures(run, took) | whole


def figures(run: Run, took: float) -> dict[str, float]:
    """What a run measured; nothing answered is a rate of nothing, not an error."""
    ordered = sorted(run.latencies)
    return {
        "per_second": round(len(ordered) / took, 1),
        "p50_ms": _percentile_ms(ordered, 0.50),
        "p99_ms": _percentile_ms(ordered, 0.99),
        "wrong": run.wrong_count,
    }


def _percentile_ms(ordered: list[float], part: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2) if ordered else 0.0


def main(port: str, connections: str, seconds: str) -> None:
    """Runs it and prints the figures."""
    found = uvloop.run(load(int(port), int(connections), float(seconds)))
    print(msgspec.json.encode(found).decode())  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main(*sys.argv[1:])
