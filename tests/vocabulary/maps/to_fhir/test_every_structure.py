"""Messages of the structures of every version that is known, filled by the types of their fields.

Nobody sends such messages; they reach each table, each data type and the generic table from all sides.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.hl7.definitions import VERSIONS, Definitions, Element, Part, definitions
from ayni.vocabulary.maps import bundle_from, message_from

DATES = ["20260102", "202601", "2026"]
TIMES = [*DATES, "202601020304", "20260102030405-0500"]
NUMBERS = ["0", "5", "12.5"]
TEXTS = {"DT": DATES, "DTM": TIMES, "TS": TIMES, "NM": NUMBERS, "SI": NUMBERS, "TM": ["0930"]}
WORDS = ["A", "X1", "texto libre", "L", "F", "U", "Ñandú 3"]
OBSERVED = "NM ST TX FT CE CWE SN DT DTM TS TM ED RP CX XCN NR NA IS ID EI".split()  # noqa: SIM905 - a row
MARKS = str.maketrans("", "", "|^~\\&")


class Writer:
    """One message, always the same for a seed."""

    def __init__(self, version: str, structure: str, seed: int) -> None:
        self._random = random.Random(f"{version} {structure} {seed}")
        self._known: Definitions = definitions(version)
        self._version = version
        self._structure = structure

    def message(self) -> bytes:
        code, _, event = self._structure.partition("_")
        country = self._random.choice(["PER", "USA", ""])
        kind = f"{code}^{event or 'A01'}^{self._structure}"
        head = (
            f"MSH|^~\\&|A|B|C|D|20260102030405-0500||{kind}|1|T|{self._version}|||||{country}|UNICODE UTF-8"
        )
        names = [name for name in self._names(self._known.structures[self._structure]) if name != "MSH"]
        return "\r".join([head, *map(self._segment, names)]).encode()

    def _names(self, parts: tuple[Part, ...]) -> Iterator[str]:
        for part in parts:
            for _ in range(1 if part.most == 1 else self._random.choice([1, 2])):
                if not part.least and self._random.random() < 0.3:
                    continue
                if part.parts:
                    yield from self._names(part.parts)
                elif len(part.name) == 3:
                    yield part.name

    def _segment(self, name: str) -> str:
        defined = self._known.segments.get(name)
        fields: list[str] = []
        for number, field in enumerate(defined.fields if defined else (), start=1):
            if (name, number) == ("OBX", 2):
                fields.append(self._random.choice(OBSERVED))
            elif self._random.random() < 0.25:
                fields.append("")
            else:
                data_type = fields[1] if name == "OBX" and field.type == "varies" else field.type
                many = 1 if field.most == 1 else self._random.choice([1, 1, 2])
                fields.append("~".join(self._value(data_type, field.table, 0) for _ in range(many)))
        return "|".join([name, *fields])

    def _value(self, data_type: str, table: str, depth: int) -> str:
        components: tuple[Element, ...] = self._known.types.get(data_type, ())
        if components and depth < 2:
            parts = [
                self._value(each.type, each.table, depth + 1) if self._random.random() < 0.8 else ""
                for each in components
            ]
            return "^&"[depth].join(parts)
        if data_type in TEXTS:
            return self._random.choice(TEXTS[data_type])
        codes = self._known.tables.get(table)
        if codes and self._random.random() < 0.8:
            return self._random.choice(sorted(codes)).translate(MARKS)
        return self._random.choice(WORDS)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_message_of_any_structure_becomes_r4_and_comes_back(
    version: str, problems: Callable[[Resource], list[str]]
) -> None:
    refused = []
    structures = sorted(definitions(version).structures)[
        VERSIONS.index(version) % 4 :: 4
    ]  # a quarter is quick
    for seed, structure in enumerate(structures):
        try:
            found = bundle_from(parse(Writer(version, structure, seed).message()))
        except Hl7Error as error:
            refused.append((structure, error.code))
            continue
        assert problems(found.bundle) == [], structure
        if not seed % 8:
            assert message_from(found.bundle).control_id == "1"
    assert {code for _, code in refused} <= {100}  # two patients where we know of one
    assert len(refused) < len(structures) / 20
