"""What questions to a terminology cost in a list of 15,000 codes, and beside them a list of 150.

Run: python benchmarks/terminology.py. Each figure is the best of many short runs. The ratio matters: a
question about one code costs the same in both lists; microseconds depend on the machine.
"""

import timeit
from collections.abc import Callable
from datetime import date

from ayni.vocabulary.terminology import (
    CodeSystem,
    Concept,
    Terminology,
    expand,
    lookup,
    validate_code,
    validate_member,
)

ON = date(2026, 11, 25)
SYSTEM, ALL = "urn:benchmark", "urn:benchmark:all"


def terminology_of(categories: int) -> Terminology:
    """Categories with nine codes each, as CIE-10 has them."""
    concepts = {}
    for number in range(categories):
        category = f"A{number:04d}"
        concepts[category] = Concept(code=category, display=f"Enfermedad {number}")
        for digit in range(9):
            code = f"{category}.{digit}"
            name = f"Fiebre de la clase {digit}"
            concepts[code] = Concept(code=code, display=name, parents=(category,))
    return Terminology((CodeSystem(url=SYSTEM, version="1", value_set=ALL, concepts=concepts),))


QUESTIONS: dict[str, Callable[[Terminology], object]] = {
    "find": lambda held: held.code_system(SYSTEM, on=ON).find("A0007.3"),
    "lookup": lambda held: lookup(held, system=SYSTEM, code="A0007.3", on=ON),
    "validate_code": lambda held: validate_code(held, system=SYSTEM, code="A0007.3", on=ON),
    "validate_member": lambda held: validate_member(
        held, value_set=ALL, system=SYSTEM, code="A0007.3", on=ON
    ),
    "expand, first page": lambda held: expand(held, ALL, on=ON, count=20),
    "expand, text filter": lambda held: expand(held, ALL, on=ON, count=20, text_filter="fie cla"),
}


def main() -> None:
    large, small = terminology_of(1_500), terminology_of(15)
    print(f"{'':22}{'15,000 codes':>16}{'150 codes':>14}{'ratio':>8}")
    for name, ask in QUESTIONS.items():
        of_large, of_small = _microseconds(ask, large), _microseconds(ask, small)
        print(f"{name:22}{of_large:13.1f} µs{of_small:11.1f} µs{of_large / of_small:8.1f}")


def _microseconds(ask: Callable[[Terminology], object], held: Terminology) -> float:
    ask(held)  # what is worked out once
    timer = timeit.Timer(lambda: ask(held))
    count, _ = timer.autorange()
    return min(timer.repeat(5, max(1, count // 5))) / max(1, count // 5) * 1e6


if __name__ == "__main__":
    main()
