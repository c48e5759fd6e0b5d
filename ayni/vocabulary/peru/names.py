"""Names of people in Peru: given names, a paternal and a maternal surname.

Both surnames come from the parents (Código Civil, art. 20); a person may have one only. A married woman may
add her husband's with `de` behind her own (art. 24), a widow `viuda de`. Surnames may have particles (`de la
Cruz`, `del Águila`, `San Martín`) that belong to the word behind them.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from ayni.vocabulary.peru.errors import InvalidName, kind_at
from ayni.vocabulary.spelling import without_accents

CHARACTERS_MAX: Final = 60
"""Per part: given names or one surname; the national formats hold no more."""

_NAME: Final = re.compile(r"[^\W\d_]+(?:[ '’.-]+[^\W\d_]+)*\.?")
_NO_LETTER: Final = re.compile(r"[\W\d_]+")
_NO_SURNAME: Final = frozenset({"-", "--", "---", ".", "NO TIENE", "SIN APELLIDO", "S/A"})
_PARTICLES: Final = frozenset(
    [
        *("DE", "DEL", "LA", "LAS", "LOS", "EL", "DA", "DAS", "DO", "DOS", "DI", "VAN", "VON", "DER", "DEN"),
        *("SAN", "SANTA", "SANTO"),
    ]
)
_WIDOW: Final = frozenset({"VDA", "VDA.", "VIUDA", "V."})
_COMPOUND: Final = frozenset(
    [
        *("PONCE DE LEON", "LADRON DE GUEVARA", "DIEZ CANSECO", "NUÑEZ DEL PRADO", "MONTES DE OCA"),
        *("FERNANDEZ DE CORDOVA", "LOPEZ DE ROMAÑA", "HURTADO DE MENDOZA", "PEREZ DE CUELLAR"),
        *("DIAZ DE VIVAR", "RODRIGUEZ DE MENDOZA"),
    ]
)
"""Surnames of two words that are one; the list is short on purpose: what it lacks is asked, not guessed."""


@dataclass(frozen=True, slots=True)
class Surnames:
    """In capitals, as on the DNI; `maternal` and `married` may be empty."""

    paternal: str
    maternal: str = ""
    married: str = ""

    def __str__(self) -> str:
        own = f"{self.paternal} {self.maternal}".rstrip()
        return f"{own} DE {self.married}" if self.married else own


def parse_name(text: str) -> str:
    """Given names, or one surname, in capitals with single blanks: `maría  elena` is `MARÍA ELENA`.

    Raises `InvalidName` `name-format` with the place of the first character that no name has.
    """
    typed = " ".join(unicodedata.normalize("NFC", text).split())
    found = _NAME.match(typed)
    index = found.end() if found else 0
    if found is None or index < len(typed) or len(typed) > CHARACTERS_MAX:
        index = min(index, CHARACTERS_MAX)
        raise InvalidName(
            "name-format",
            "Revise el nombre: solo letras, hasta 60.",
            expected=f"letters and what joins them, at most {CHARACTERS_MAX}",
            found=kind_at(typed, index),
            position=index + 1,
        )
    return typed.upper()


def parse_surname(text: str) -> str:
    """One surname as `parse_name` gives it; "" for what registers write for none (`-`, `NO TIENE`)."""
    return "" if text.strip().upper() in ("", *_NO_SURNAME) else parse_name(text)


def split_surnames(text: str) -> Surnames:
    """The surnames of one field: `de la Cruz Quispe` is DE LA CRUZ and QUISPE.

    Raises `InvalidName`: `name-format`, or `surnames-ambiguous` where the words can be read in two ways.
    """
    words = parse_name(text).split()
    own, married = _without_widowhood(words)
    groups = _joined(_groups(own))
    if len(groups) > 1 and not married and _is_bare_de(groups[-1]):
        if len(groups) == 2:
            raise _ambiguous("a maternal surname or a husband's")
        groups, married = groups[:-1], groups[-1].removeprefix("DE ")
    if not 1 <= len(groups) <= 2:
        raise _ambiguous(f"{len(groups)} surnames")
    paternal, *maternal = groups
    return Surnames(paternal, "".join(maternal), married)


def split_full_name(text: str) -> tuple[Surnames, tuple[str, ...]]:
    """Surnames and given names of `de la Cruz Quispe, María Elena`; the comma is needed.

    Raises `InvalidName`: without a comma nothing says where the surnames end.
    """
    surnames, comma, given = text.partition(",")
    if not comma:
        raise _ambiguous("no comma behind the surnames")
    return split_surnames(surnames), tuple(parse_name(given).split())


def name_key(*parts: str) -> str:
    """What two spellings of a name share: no accents, capitals, blanks or marks; Ñ counts as N.

    `De la Cruz`, `DELACRUZ` and `de-la-cruz` have one key. It finds candidates; it does not prove identity.
    """
    return _NO_LETTER.sub("", without_accents("".join(parts)).casefold())


def _without_widowhood(words: list[str]) -> tuple[list[str], str]:
    for at, word in enumerate(words):
        if word in _WIDOW and at and words[at + 1 : at + 2] == ["DE"] and words[at + 2 :]:
            return words[:at], " ".join(words[at + 2 :])
    return words, ""


def _groups(words: list[str]) -> list[str]:
    """Particles with the word behind them; an old `y` between the two surnames is left out."""
    groups: list[str] = []
    waiting: list[str] = []
    for word in words:
        if word == "Y" and groups and not waiting:
            continue
        waiting.append(word)
        if word not in _PARTICLES:
            groups.append(" ".join(waiting))
            waiting = []
    if waiting:
        # `LA SAN`: a particle with nothing behind it is a surname of its own.
        groups.append(" ".join(waiting))
    return groups


def _joined(groups: list[str]) -> list[str]:
    """Known compounds are one; so is `X de Y` before another surname, because a husband's comes last."""
    joined: list[str] = []
    for at, group in enumerate(groups):
        is_last = at == len(groups) - 1
        compound = f"{joined[-1]} {group}" if joined else ""
        if without_accents(compound) in _PLAIN_COMPOUND or (joined and not is_last and _is_bare_de(group)):
            joined[-1] = compound
        else:
            joined.append(group)
    return joined


def _is_bare_de(group: str) -> bool:
    """`DE LEON`, which may be a husband's; not `DE LA CRUZ`, which is a surname of its own."""
    words = group.split()
    return len(words) == 2 and words[0] == "DE"


def _ambiguous(found: str) -> InvalidName:
    return InvalidName(
        "surnames-ambiguous",
        "Escriba por separado el apellido paterno y el materno.",
        expected="a paternal and at most one maternal surname",
        found=found,
    )


_PLAIN_COMPOUND: Final = frozenset(without_accents(name) for name in _COMPOUND)
