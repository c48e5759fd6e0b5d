"""How fast HL7 v2 becomes FHIR and comes back, by the tables, and how long the JSON of the Bundle takes.

Run: python benchmarks/v2_to_fhir.py. Each figure is the best of many short runs, the one least disturbed by
the rest of the machine. The ratio to reading the message matters; the times depend on the machine.
"""

import platform
import time
import timeit
from collections.abc import Callable
from os import cpu_count
from pathlib import Path

from ayni.vocabulary.fhir import check, dumps
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import bundle_from, message_from

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests/vocabulary/maps/samples"
KINDS = ("ADT_A04", "ADT_A01", "ORU_R01", "SIU_S12", "REF_I12")


def best(run: Callable[[], object]) -> float:
    """Milliseconds of processor time that one run takes."""
    number = 10
    return min(timeit.repeat(run, timer=time.process_time, number=number, repeat=30)) / number * 1000


def main() -> None:
    print(f"Python {platform.python_version()}, {cpu_count()} cores, milliseconds a message\n")
    print("| message | bytes | parse | to FHIR | entries | JSON | check | to v2 |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        raw = (SAMPLES / f"{kind}.hl7").read_bytes()
        bundle = bundle_from(parse(raw)).bundle
        times = [
            best(lambda raw=raw: parse(raw)["PID-3"]),
            best(lambda raw=raw: bundle_from(parse(raw))),
            best(lambda bundle=bundle: dumps(bundle)),
            best(lambda bundle=bundle: check(bundle)),
            best(lambda bundle=bundle: message_from(bundle)),
        ]
        read, mapped, written, checked, back = (f"{each:.3f}" for each in times)
        row = (kind, len(raw), read, mapped, len(bundle["entry"]), written, checked, back)
        print(f"| {' | '.join(map(str, row))} |")


if __name__ == "__main__":
    main()
