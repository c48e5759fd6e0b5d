"""Whether a story says itself that it was long ago: months, years, childhood. Nobody's age is such a time."""

from collections.abc import Sequence

UNITS = frozenset({"año", "años", "añazos", "añitos", "mes", "meses", "semanas"})
AGO = frozenset({"hace", "ase", "ace"})
AFTER_UNIT = frozenset({"atras", "pasado", "pasados", "anterior", "anteriores", "tenia", "tenias"})
AGO_WITHIN_WORDS = 4
""""Hace como unos cinco años": so far before its unit "hace" may stand."""

CHILDHOOD = frozenset(
    {"niño", "niña", "chico", "chica", "chiquito", "chiquita", "joven", "jovencito", "jovencita"}
    | {"muchacho", "muchacha", "bebe", "wawa", "adolescente", "soltera", "soltero", "chibolo", "chibola"}
)
LEADS = frozenset({"de", "desde", "cuando", "era", "siendo"})
ONCE = frozenset({"tuve", "tuvo", "verano", "invierno", "antes"})
LAST = frozenset({("semana", "pasada"), ("dos", "mil")})
CENTURY = "20"


def told_of_long_ago(texts: Sequence[str]) -> bool:
    """Whether the folded words of a sentence tell of weeks ago or more."""
    return any(
        text in ONCE or tuple(texts[at : at + 2]) in LAST or _is_long_ago(texts, at)
        for at, text in enumerate(texts)
    )


def told_of_years_ago(texts: Sequence[str]) -> bool:
    """Whether they tell of months or years ago, or of childhood."""
    return any(_is_long_ago(texts, at) for at, text in enumerate(texts) if text != "semanas")


def _is_long_ago(texts: Sequence[str], at: int) -> bool:
    """ "Hace dos años", "el mes pasado", "a los 3 años", "de niña", "en 2018"; not "mi niña de 3 años"."""
    text, before = texts[at], texts[max(0, at - AGO_WITHIN_WORDS) : at]
    if text in UNITS:
        is_age_then = list(before[-3:-1]) == ["a", "los"] or list(before[-2:-1]) == ["cuando"]
        return is_age_then or not AGO.isdisjoint(before) or not AFTER_UNIT.isdisjoint(texts[at + 1 : at + 2])
    if text in CHILDHOOD:
        return before[-1:] != [] and before[-1] in LEADS
    return len(text) == len("2018") and text.startswith(CENTURY) and text.isdecimal()
