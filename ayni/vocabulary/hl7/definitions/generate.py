"""Writes `definitions.zip`: what each version of HL7 v2 defines, one JSON file per version. For maintainers.

Run by `make definitions`, in an environment of its own that has hl7apy; the argument is the `lib` folder of
the npm package hl7-dictionary. Both are under the MIT License. Only names, numbers and codes are taken, never
a description.

* hl7-dictionary gives segments, fields and data types, with their lengths. It ends at v2.7.1.
* hl7apy gives message structures, tables and what v2.8 added. Its fields are only a second opinion: where a
  version withdrew fields it moves the later ones up (SCH in v2.7; EVN, OBR, PID, SCH in v2.8).
"""

import importlib
import json
import re
import sys
import zipfile
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

VERSIONS: Final = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8")
TARGET: Final = Path(__file__).with_name("definitions.zip")

_NEAREST_DICTIONARY: Final = {"2.8": "2.7.1"}
# A value that stands for others ("99zzz", "E1... E9", "2 _") makes its table open: nothing can be refused.
_STANDS_FOR_OTHERS: Final = re.compile(r"\.\.|…|<|\s_|_\s|nnn|xxx|zzz")
# hl7apy repeats the tables of v2.5 for v2.6, where what v2.7 added may be meant as well; in those of v2.5 it
# left out what v2.4 and v2.5.1 have.
_TABLES_ALSO_OF: Final = {"2.5": "2.5.1", "2.6": "2.7"}
# It has none of v2.3: those of v2.3.1 stand in, with what any version had, so that no code of v2.3 is
# refused.
_TABLES_INSTEAD_OF: Final = {"2.3": "2.3.1"}
# Version ids: MSH-12 is compared with `VERSIONS`, and no version's list holds the version itself reliably.
_NOT_KEPT: Final = frozenset({"HL70104"})
# From v2.7 on a subtype of media is one of the Internet's list; the one that HL7 added is not all of them.
_OPEN_SINCE: Final = {("2.8", "HL70291")}
# How hl7-dictionary writes that an element is required or withdrawn.
_REQUIRED: Final = 2
_WITHDRAWN: Final = 4

Element = list[Any]
"""`[name, type, required, at most, length, table]`; 0 at most: any number; length 0: not limited."""


class Source:
    """The tables of one version, as the two packages hold them."""

    def __init__(self, version: str, dictionary: Path) -> None:
        self.version = version
        self.hl7apy = _hl7apy(version)
        self.listed = _hl7apy(_TABLES_INSTEAD_OF.get(version, version))["Table"]
        self.also_listed = _hl7apy(_TABLES_ALSO_OF.get(version, version)).get("Table", {})
        if version in _TABLES_INSTEAD_OF:
            named = _javascript(dictionary / "tables.js")
            self.also_listed = {
                f"HL7{number:>04}": ("", [*table["values"]]) for number, table in named.items()
            }
        nearest = _NEAREST_DICTIONARY.get(version, version)
        self.ahead = version != nearest
        folder = dictionary / nearest
        self.named_segments = _javascript(folder / "segments.js")
        self.named_types = _javascript(folder / "fields.js")

    def definitions(self) -> dict[str, Any]:
        return {
            "segments": self.segments(),
            "types": self.types(),
            "structures": self.structures(),
            "tables": self.tables(),
        }

    def segments(self) -> dict[str, Any]:
        found = {}
        for name, (kind, *children) in self.hl7apy["Segment"].items():
            if kind == "sequence" and re.fullmatch("[A-Z][A-Z0-9]{2}", name):
                named = self.named_segments.get(name, {"desc": name, "fields": []})
                found[name] = [_title(named["desc"]), self.merged(named["fields"], *children)]
        return found

    def types(self) -> dict[str, Any]:
        composites = self.hl7apy["Datatypes_Structs"]
        named = {name: entry["subfields"] for name, entry in self.named_types.items() if entry["subfields"]}
        found = {
            name: self.merged(named.get(name, []), composites.get(name, ())) for name in composites | named
        }
        if "TS" in found:
            found["TS"][0][1] = "DTM"  # up to v2.4 both packages call a timestamp plain text
        return found

    def structures(self) -> dict[str, Any]:
        found = {}
        for name, (_, children) in self.hl7apy["Message"].items():
            parts = [self.part(name, child) for child in children]
            # One that allows any segment, or names what is none, says nothing about order.
            if _segments_of(parts) <= self.hl7apy["Segment"].keys() - {"ANYHL7SEGMENT"}:
                found[name] = parts
        return found

    def part(self, structure: str, child: Any) -> list[Any]:
        """`[name, at least, at most]` for a segment; a group adds its parts and whether they are a choice."""
        name, _, (least, most), kind = child
        if kind == "SEG":
            return [name, least, max(most, 0)]
        choice, children = self.hl7apy["Group"][name]
        short = name.removeprefix(f"{structure}_")
        return [
            short,
            least,
            max(most, 0),
            [self.part(structure, each) for each in children],
            choice == "choice",
        ]

    def tables(self) -> dict[str, Any]:
        found = {}
        for name in self.listed.keys() - _NOT_KEPT:
            values = [*self.listed[name][1], *self.also_listed.get(name, ("", ()))[1]]
            one_by_one = ",".join(value for value in values if value.count(" ") < 2).split(",")
            codes = {value.strip() for value in one_by_one} - {""}
            if (
                codes
                and (self.version, name) not in _OPEN_SINCE
                and not any(map(_STANDS_FOR_OTHERS.search, values))
            ):
                found[name.removeprefix("HL7")] = sorted(codes)
        return found

    def merged(self, named: list[Any], children: Any = ()) -> list[Element]:
        """The elements of the dictionary, then those that only hl7apy has."""
        opinions = [_opinion(child) for child in children]
        trusted = [None if self.ahead and each[1] != "varies" else each for each in opinions]
        paired = zip(named, [*trusted, *([None] * len(named))], strict=False)
        elements = [_element(entry, opinion) for entry, opinion in paired]
        return elements + (_added(named, opinions) if self.ahead else opinions[len(named) :])


def _hl7apy(version: str) -> dict[str, dict[str, Any]]:
    module = importlib.import_module(f"hl7apy.v{version.replace('.', '_')}")
    elements: dict[str, dict[str, Any]] = module.ELEMENTS
    return elements


def _added(named: list[Any], opinions: list[Element]) -> list[Element]:
    """What a version later than the dictionary's has at the end; by name, for places cannot be trusted."""
    known = {_letters(entry["desc"]) for entry in named}
    added = list(takewhile(lambda opinion: _letters(opinion[0]) not in known, reversed(opinions)))
    return added[::-1]


def _opinion(child: Any) -> Element:
    _, reference, (least, most), _ = child
    data_type = "WD" if most == 0 else (reference[2] or "varies").replace("wd", "WD")
    name = _title(reference[3].replace("_", " ").capitalize())
    return [name, data_type, int(least > 0), max(most, 0), 0, (reference[4] or "").removeprefix("HL7")]


def _element(entry: dict[str, Any], opinion: Element | None) -> Element:
    withdrawn = entry["opt"] == _WITHDRAWN
    data_type = "WD" if withdrawn else entry["datatype"].replace("VARIES", "varies")
    required, most = int(entry["opt"] == _REQUIRED), entry["rep"]
    table = f"{entry['table']:04}" if "table" in entry else ""
    if opinion and opinion[1] in (data_type, "varies"):
        # Each package has slips of its own: what only one of them demands or forbids is let pass.
        data_type = opinion[1]
        required = min(required, opinion[2])
        most = max(most, opinion[3]) if most and opinion[3] else 0
        table = table or opinion[5]
    return [_title(entry["desc"]), data_type, required, most, entry.get("len", 0), table]


def _title(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip(" *+")


def _letters(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _segments_of(parts: list[Any]) -> set[str]:
    """The names at the leaves; that of a group for which no part is given is no segment's."""
    inside = [_segments_of(part[3]) if part[3:] and part[3] else {part[0]} for part in parts]
    return set().union(*inside)


def _javascript(path: Path) -> dict[str, Any]:
    """The one object literal of a module; its keys are quoted, so it is JSON."""
    text = path.read_text("utf-8")
    found: dict[str, Any] = json.loads(text[text.index("{") : text.rindex("}") + 1])
    return found


def write(target: Path, dictionary: Path) -> None:
    """The same bytes from the same packages: members carry no time of their own."""
    with zipfile.ZipFile(target, "w") as archive:
        for version in VERSIONS:
            text = json.dumps(
                Source(version, dictionary).definitions(), sort_keys=True, separators=(",", ":")
            )
            member = zipfile.ZipInfo(f"{version}.json", (1980, 1, 1, 0, 0, 0))
            archive.writestr(member, text, zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    write(TARGET, Path(sys.argv[1]))
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size} bytes\n")
