"""The way to a facility: a sketch and directions of our own, without a map service.

Both ends are the capitals of their districts, the only points the pilot's data has. The sketch is an
equirectangular projection around its middle, good to a hundredth of a kilometre over a province.
"""

import math
from dataclasses import dataclass

from ayni.vocabulary.peru import District, Facility, by_inei, districts, place_name

KM_PER_DEGREE = 111.19
"""A degree of latitude on a sphere of 6371 km."""

WIDTH, HEIGHT, MARGIN = 320, 220, 40
KM_MIN = 4.0
"""Two places of one district are drawn as one point on a sheet of this width."""

WINDS = ("norte", "noreste", "este", "sureste", "sur", "suroeste", "oeste", "noroeste")
ABOVE, BELOW = -18, 32
"""From a point to the foot of its name."""

SCALES_KM = (1, 2, 5, 10, 20, 50, 100)
CLIMB_M_MIN = 50
"""Less is level ground to somebody who walks."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the sketch, in its own units: x grows to the east, y to the south."""

    x: int
    y: int
    name: str = ""

    @property
    def text_x(self) -> int:
        """Where a centred name still fits on the sheet."""
        half = len(self.name) * 5
        return max(half, min(WIDTH - half, self.x))


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is drawn: the two ends, other capitals around, and a bar of `bar_km`."""

    start: Point
    end: Point
    around: tuple[Point, ...]
    bar_km: int
    bar: int

    @property
    def start_text(self) -> int:
        """How far from its point the name of the start stands, on the side away from the end."""
        return BELOW if self.start.y > self.end.y else ABOVE

    @property
    def end_text(self) -> int:
        """The same for the end."""
        return BELOW if self.start.y <= self.end.y and self.start != self.end else ABOVE


@dataclass(frozen=True, slots=True)
class Way:
    """From the capital of a district to a facility."""

    start: District
    facility: Facility
    end: District

    @property
    def is_near(self) -> bool:
        """Whether the facility is in the district itself."""
        return self.start.inei == self.end.inei

    @property
    def km(self) -> int:
        """Kilometres in a straight line, rounded; a mountain road is longer."""
        return max(1, round(math.hypot(*_offset(self.start, self.end))))

    @property
    def direction(self) -> str:
        """ "noreste" """
        east, north = _offset(self.start, self.end)
        return WINDS[round(math.degrees(math.atan2(east, north)) / 45) % 8]

    @property
    def climb(self) -> str:
        """ "Sube unos 300 metros." or nothing on level ground."""
        metres = round((self.end.altitude_m - self.start.altitude_m) / 10) * 10
        if abs(metres) < CLIMB_M_MIN:
            return ""
        return f"{'Sube' if metres > 0 else 'Baja'} unos {abs(metres)} metros."

    @property
    def geo(self) -> str:
        """The place as a `geo:` link (RFC 5870): the phone's own map opens it, and only when tapped."""
        return f"geo:{self.end.latitude:.5f},{self.end.longitude:.5f}"

    @property
    def sketch(self) -> Sketch:
        """The drawing, scaled so that both ends fit."""
        scale = _scale(self.start, self.end)
        around = (_point(each, self, scale) for each in districts() if each not in (self.start, self.end))
        bar_km = max(km for km in SCALES_KM if km == SCALES_KM[0] or km * scale <= WIDTH / 3)
        return Sketch(
            _point(self.start, self, scale, "" if self.is_near else place_name(self.start.name)),
            _point(self.end, self, scale, place_name(self.facility.name)),
            tuple(each for each in around if 8 < each.x < WIDTH - 8 and 8 < each.y < HEIGHT - 8),
            bar_km,
            round(bar_km * scale),
        )


def way_to(facility: Facility, district: str) -> Way | None:
    """The way from a district to a facility, None for a district outside Cajamarca."""
    start, end = by_inei(district), by_inei(facility.district_inei)
    return Way(start, facility, end) if start and end else None


def _offset(start: District, end: District) -> tuple[float, float]:
    """Kilometres to the east and to the north."""
    middle = math.radians((start.latitude + end.latitude) / 2)
    east = (end.longitude - start.longitude) * math.cos(middle) * KM_PER_DEGREE
    return east, (end.latitude - start.latitude) * KM_PER_DEGREE


def _scale(start: District, end: District) -> float:
    """Units of the sketch per kilometre."""
    east, north = _offset(start, end)
    wide, high = max(abs(east), KM_MIN), max(abs(north), KM_MIN)
    return min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)


def _point(place: District, way: Way, scale: float, name: str = "") -> Point:
    """Where a capital lies on the sheet whose middle is half way."""
    east, north = _offset(way.start, place)
    half_east, half_north = (each / 2 for each in _offset(way.start, way.end))
    x = WIDTH / 2 + (east - half_east) * scale
    return Point(round(x), round(HEIGHT / 2 - (north - half_north) * scale), name)
