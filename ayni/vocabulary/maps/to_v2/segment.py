"""A segment from the resource it fills, by its table."""

from functools import cache

from ayni.vocabulary.hl7.definitions import definitions
from ayni.vocabulary.maps.tables import FieldRow, data_type_tables
from ayni.vocabulary.maps.to_fhir.target import THIS, Element, target
from ayni.vocabulary.maps.to_v2.back import Back
from ayni.vocabulary.maps.to_v2.element import parts_read, rows_back, tree_of
from ayni.vocabulary.maps.to_v2.source import AGAIN, Finder, Spot
from ayni.vocabulary.maps.to_v2.tree import Tree, merged
from ayni.vocabulary.maps.to_v2.when import agrees

Fields = dict[int, list[Tree]]
"""By number: the repetitions."""

VERSION = "2.5.1"


def fields_of(table: str, resource: Element, back: Back, nth: int | None = None) -> Fields:
    """What the resource says in the fields of the segment; `nth` when several of it fill one resource."""
    return _Fields(table, resource, back, nth).run()


Rows = tuple[tuple[FieldRow, frozenset[str] | None], ...]


@cache
def _rows(table: str) -> tuple[tuple[int, Rows], ...]:
    """The rows that tell a field, by field; what a row reads beside its own field (`5:3`) comes last."""
    rows = [(row, names) for row, names in rows_back(table) if row.source]
    fields = dict.fromkeys(_field(row) for row, _ in sorted(rows, key=lambda each: ":" in each[0].source))
    return tuple((field, tuple(each for each in rows if _field(each[0]) == field)) for field in fields)


def _field(row: FieldRow) -> int:
    return int(row.source.rpartition(":")[2])


@cache
def _parts_read(type_: str) -> frozenset[int]:
    return parts_read(type_) if type_ in data_type_tables() else frozenset({1})


@cache
def most(segment: str, field: int) -> int:
    """How often a field may repeat; 0 for any number."""
    defined = definitions(VERSION).segments.get(segment)
    return defined.fields[field - 1].most if defined and field <= len(defined.fields) else 0


@cache
def has_set_id(segment: str) -> bool:
    """Whether its first field numbers it."""
    defined = definitions(VERSION).segments.get(segment)
    return defined is not None and defined.fields[0].type == "SI"


def _claim(row: FieldRow, spot: Spot) -> tuple[str, int] | None:
    """What of the resource is told by it and by nothing else: an item, or the lines of a text."""
    if spot.claim[0]:
        return spot.claim
    return (spot.name, -1) if target(row.target).last.lines else None


class _Fields:
    def __init__(self, table: str, resource: Element, back: Back, nth: int | None) -> None:
        self._table = table
        self._name = table.partition(".")[0]
        self._resource = resource
        self._back = back
        self._nth = nth
        self._found: dict[int, dict[tuple[str, int], Tree]] = {}
        self._told: dict[int, Tree] = {}  # fields that a condition tells, such as OBX-2

    def run(self) -> Fields:
        taken = self._back.taken(self._resource)
        has_own = False  # an item or a line that is this segment's alone
        for field, rows in _rows(self._table):
            near = [row for row, names in rows if names is None or self._resource.keys() & names]
            if not near:
                continue
            at_most = most(self._name, field)
            finder = Finder(self._table, taken, self._back, nth=self._nth, most=at_most)
            spots = ((row, spot) for row in near for spot in finder.spots(row, self._resource))
            told = [(row, spot) for row, spot in spots if self._add(row, spot)]
            claims = [_claim(row, spot) for row, spot in told]
            for claim in filter(None, claims):  # what a field has taken is its own; others do not get it
                if self._nth is None:
                    taken.add(claim)
                else:
                    self._back.pend(self._resource, claim)
            has_own = has_own or any(claims)
        if self._nth and not has_own:
            return {}
        fields = {number: [*each.values()] for number, each in self._found.items() if each}
        return fields | {number: [text] for number, text in self._told.items() if number not in fields}

    def _add(self, row: FieldRow, spot: Spot) -> bool:
        number = _field(row)
        repetitions = self._found.setdefault(number, {})
        if any(item[0] != spot.item[0] for item in repetitions):
            return False  # one place tells a field
        said = (id(spot.element), spot.name)
        again = AGAIN in row.mark
        if not again and self._is_told(row, spot, said):
            return False
        piece = self._piece(row, spot)
        if piece is None:
            return False
        value = merged(repetitions.get(spot.item), piece)
        now = {
            **self._told,
            **{n: next(iter(r.values())) for n, r in self._found.items() if r},
            number: value,
        }
        agreed = agrees(
            "" if again else row.when, value, self._name, now, self._back.segments, _parts_read(row.type)
        )
        if agreed is None:
            return False
        self._back.said.add(said)
        if isinstance(spot.value, dict) and spot.name != THIS:  # told as a whole
            self._back.said.update((id(spot.value), name) for name in spot.value)
        self._told.update(agreed.fields)
        repetitions[spot.item] = merged(value, agreed.parts)
        return True

    def _is_told(self, row: FieldRow, spot: Spot, said: tuple[int, str]) -> bool:
        """Whether another segment or field has told it."""
        once = not isinstance(spot.value, dict) or "reference" in spot.value
        if once and spot.name not in ("", THIS) and said in self._back.said:
            return True
        return _claim(row, spot) in self._back.taken(self._resource)

    def _piece(self, row: FieldRow, spot: Spot) -> Tree | None:
        piece = tree_of(row, spot, self._back)
        if self._nth is None or spot.claim[0] or piece is None:
            return piece
        if not target(row.target).last.lines:
            return None if self._nth else piece
        lines = piece.split("\n") if isinstance(piece, str) else []
        return lines[self._nth] if self._nth < len(lines) else None
