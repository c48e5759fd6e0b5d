"""Measured values a citizen reports: temperature, pressure, oxygen, sugar, breaths, haemoglobin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile

from ayni.qhali.extraction.numbers import number_at
from ayni.qhali.extraction.spelling import keys_of_beginning
from ayni.qhali.extraction.words import Word

NAME_LETTERS_MIN = 3
NEAR_WORDS = 6
"""The name of what was measured stands this near to its figure."""


@dataclass(frozen=True)
class Kind:
    """One thing that is measured: the beginnings of its names, and the figures that can be it."""

    name: str
    names: tuple[str, ...]
    least: float
    most: float

    @cached_property
    def sounds(self) -> tuple[str, ...]:
        """How the names begin to sound: "saturasion", "emoglovina"; an abbreviation stands for itself."""
        return tuple(
            key for name in self.names if len(name) >= NAME_LETTERS_MIN for key in keys_of_beginning(name)
        )


# The last row is for "el aparatito del dedo le marca 82": a meter without its name.
KINDS = (
    Kind(
        "temperature",
        ("temperatura", "fiebre", "calentura", "grado", "termometro", "marc", "calient"),
        33.0,
        43.0,
    ),
    Kind("spo2", ("satura", "oxigen", "oxijen", "ocsigen", "oximetr", "pulsioxi"), 40.0, 100.0),
    Kind("glucose", ("glucosa", "azucar", "glicemia", "glucometr", "hemoglucotest"), 20.0, 900.0),
    Kind("breaths", ("respira", "conte", "conto", "contamos", "contado"), 15.0, 120.0),
    Kind("haemoglobin", ("hemoglobina", "hb", "dosaje"), 2.0, 20.0),
    Kind("spo2", ("aparat", "maquinita", "dedo", "dedit"), 60.0, 97.0),
)
BODY_TEMPERATURES = (34.5, 42.0)
PRESSURES = (60, 260)
OF_PRESSURE = ("presion", "tension", "tensio", "midier", "midio", "medi")
"""Beside one of these "16 con 11" is a pressure in centimetres."""

SMALL_ONES = ("beb", "wawa", "guagua", "hijit", "niñ", "churre")
"""Beginnings of the words for those who are not 39 years old: "mi bebita tiene 39"."""

READS = frozenset(
    {"marca", "marco", "sale", "salio", "salia", "salido", "da", "dio", "bota", "boto", "tiene"}
)
REACHES = (["pasa", "de"], ["sube", "de"], ["baja", "de"], ["baja", "a"], ["llega", "a"])
""" "Le pusieron el oxímetro a mi bebé y no pasa de 83"."""

READS_OF_WORDS = 12
"""So far before "le sale 91" the name of what was measured may stand."""

READING = READS | frozenset(
    {"nomas", "solo", "le", "me", "nos", "ha", "a", "el", "la", "su", "mi", "de", "en"}
)
"""What stands between a figure and the name of what was measured."""

USUAL = frozenset({"antes", "normalmente", "normal", "siempre", "usualmente", "solia", "ayer", "anteayer"})
USUAL_WITHIN_WORDS = 3
"""So near before a figure, one of these says that it is not the figure of now."""

COUNTED = frozenset(
    [
        "dia",
        "dias",
        "semana",
        "semanas",
        "mes",
        "meses",
        "año",
        "años",
        "hora",
        "horas",
        "veces",
        "minutos",
        "kilos",
    ]
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value. `kind` is temperature (°C), spo2 (%), glucose (mg/dl), breaths (per minute), haemoglobin
    (g/dl), systolic or diastolic (mm Hg); `start` to `end` are its characters in the text."""

    kind: str
    value: float
    start: int
    end: int


def measurements(words: Sequence[Word]) -> list[Measurement]:
    """Every value of a text, in reading order; what is usual only where nothing else was measured."""
    found = [*_pressures(words), *_single_values(words)]
    usual = [value for value in found if _is_usual(words, value)]
    of_now = {value.kind for value in found if value not in usual}
    return [value for value in found if value not in usual or value.kind not in of_now]


def _is_usual(words: Sequence[Word], value: Measurement) -> bool:
    """ "Le sale 90, normalmente tiene 97"."""
    before = [word.text for word in words if word.end <= value.start][-USUAL_WITHIN_WORDS:]
    return not USUAL.isdisjoint(before)


def _single_values(words: Sequence[Word]) -> Iterator[Measurement]:
    position = 0
    while position < len(words):
        amount, after = _spoken_decimal(words, position)
        if amount is None:
            position += 1
            continue
        kind = _kind(words, position, after, amount)
        if kind is not None:
            yield Measurement(kind, amount, words[position].start, words[after - 1].end)
        position = after


def _spoken_decimal(words: Sequence[Word], position: int) -> tuple[float | None, int]:
    """ "treinta y ocho y medio", "treinta y siete seis", "38 y medio", "38.5"."""
    amount, after = number_at(words, position)
    if amount is None or not BODY_TEMPERATURES[0] <= amount <= BODY_TEMPERATURES[1]:
        return amount, after
    following = [word.text for word in words[after : after + 2]]
    if following in (["y", "medio"], ["y", "media"]):
        return amount + 0.5, after + 2
    at = after + 1 if following[:1] in (["con"], ["punto"]) else after
    if amount == int(amount) and at < len(words):
        tenths, end = number_at(words, at)
        if tenths is not None and 1 <= tenths <= 9 and not _is_counted(words, end):
            return amount + tenths / 10, end
    return amount, after


def _is_counted(words: Sequence[Word], at: int) -> bool:
    """ "40 días", "3 veces"; but "60 veces por minuto" is a rate."""
    following = [word.text for word in words[at : at + 3]]
    return following[:1] != [] and following[0] in COUNTED and "minuto" not in following


def _kind(words: Sequence[Word], position: int, after: int, amount: float) -> str | None:
    if _is_counted(words, after):
        return None
    is_decimal = amount != int(amount) and BODY_TEMPERATURES[0] <= amount <= BODY_TEMPERATURES[1]
    if is_decimal:
        return "temperature"
    before = [word.text for word in words[max(0, position - 2) : position]]
    is_read = before[-1:] != [] and (before[-1] in READS or before in REACHES)
    reach = READS_OF_WORDS if is_read else NEAR_WORDS
    near = list(words[max(0, position - reach) : after + 3])
    near += _named_after(words, after)
    for kind in KINDS:
        is_near = any(word.sound.startswith(kind.sounds) or word.text in kind.names for word in near)
        if is_near and kind.least <= amount <= kind.most:
            return kind.name
    return "temperature" if _is_bare_temperature(words, position, amount) else None


def _named_after(words: Sequence[Word], after: int) -> list[Word]:
    """The name that follows a figure behind its verb: "ochenta y uno le marca su oxígeno"."""
    return list(dropwhile(lambda word: word.text in READING, words[after : after + NEAR_WORDS]))[:1]


def _is_bare_temperature(words: Sequence[Word], position: int, amount: float) -> bool:
    """ "38 le salió", "tiene 39"."""
    near = {word.text for word in words[max(0, position - 2) : position + 3]}
    is_said = not near.isdisjoint({"salio", "marca", "marco", "sale", "midio", "medi", "bota"})
    return (is_said and 35 <= amount <= BODY_TEMPERATURES[1]) or _is_with_a_temperature(
        words, position, amount
    )


def _is_with_a_temperature(words: Sequence[Word], position: int, amount: float) -> bool:
    """ "Está con 39", "mi bebita tiene 39"; but "160 con 40" is a pressure."""
    before = [word.text for word in words[max(0, position - 2) : position]]
    if before[-1:] == ["tiene"] and len(before) == 2 and before[0].startswith(SMALL_ONES):
        return 38 <= amount <= BODY_TEMPERATURES[1]
    is_with = len(before) == 2 and before[1] == "con" and not before[0][0].isdecimal()
    return is_with and 38 <= amount <= BODY_TEMPERATURES[1]


def _pressures(words: Sequence[Word]) -> Iterator[Measurement]:
    """ "160/110", "160 con 110", "18 sobre 12", "160 de presión"."""
    for position, word in enumerate(words[:-2]):
        high, after = number_at(words, position)
        if high is None or after >= len(words) - 1 or words[after].text not in ("/", "con", "sobre", "por"):
            continue
        low, end = number_at(words, after + 1)
        if low is None:
            continue
        if high <= 26 and low <= 18 and any(each.text.startswith(OF_PRESSURE) for each in words):
            high, low = high * 10, low * 10
        if PRESSURES[0] <= high <= PRESSURES[1] and 30 <= low < high:
            yield Measurement("systolic", high, word.start, words[end - 1].end)
            yield Measurement("diastolic", low, word.start, words[end - 1].end)
