"""What it costs to check the structure of a resource against FHIR R4, beside what it costs to read it.

Run: python benchmarks/fhir_structure.py. Each figure is the best of many short runs, the one least disturbed
by the rest of the machine. The ratio matters; microseconds depend on the machine.
"""

import platform
import sys
import tarfile
import time
import timeit
from os import cpu_count
from pathlib import Path

from ayni.vocabulary.fhir import check, dumps, loads

EXAMPLES = Path(__file__).parent.parent / "tests/vocabulary/fhir/r4_examples.tar.xz"
MEASURED = (
    "Patient-example.json",
    "Observation-example.json",
    "Encounter-f001.json",
    "Bundle-bundle-example.json",
)
RUNS = 10


def examples() -> dict[str, bytes]:
    with tarfile.open(EXAMPLES) as archive:
        found = {each.name: archive.extractfile(each) for each in archive if each.name in MEASURED}
        return {name: file.read() for name, file in found.items() if file is not None}


def microseconds(statement: str, names: dict[str, object]) -> float:
    timer = timeit.Timer(statement, globals={"check": check, "loads": loads, **names})
    return min(timer.repeat(number=RUNS, repeat=400)) / RUNS * 1e6


def main() -> None:
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {cpu_count()} cores, Python {platform.python_version()}")
    began = time.perf_counter()
    check({"resourceType": "Patient", "name": [{"family": "PRUEBA"}]})
    print(f"first check of a process {(time.perf_counter() - began) * 1e3:.1f} ms")
    print(f"{'without narrative':28}{'bytes':>8}{'read µs':>10}{'check µs':>10}")
    for name, published in examples().items():
        resource = loads(published)
        resource.pop("text", None)
        raw = dumps(resource)
        read = microseconds("loads(raw)", {"raw": raw})
        checked = microseconds("check(resource)", {"resource": resource})
        print(f"{name:28}{len(raw):>8}{read:>10.1f}{checked:>10.1f}")


if __name__ == "__main__":
    sys.exit(main())
