"""The people a text names, and which of them is sick."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ayni.qhali.extraction.spelling import key_of, stem_of
from ayni.qhali.extraction.tables import read_table
from ayni.qhali.extraction.words import Word

SELF, CHILD, UNKNOWN = "self", "child", "unknown"
CHILDREN = (
    "hij",
    "ij",
    "beb",
    "wawa",
    "guagua",
    "niñ",
    "nen",
    "niet",
    "criatura",
    "churre",
    "sobrin",
    "recien",
)
"""Beginnings of the words for those whose age is told in days and months."""
OWNERS = frozenset(["mi", "mis", "su", "sus", "tu", "nuestro", "nuestra"])
DETERMINERS = OWNERS | frozenset(
    [
        "un",
        "una",
        "unos",
        "unas",
        "el",
        "la",
        "los",
        "las",
        "al",
        "del",
        "este",
        "esta",
        "ese",
        "esa",
        "otra",
        "otro",
        "todos",
    ]
)
BEASTS = ("perr", "gat", "chanch", "vaca", "toro", "caball", "burr", "mula", "gallo")
HEALS = frozenset({"cura", "soba", "limpia", "santigua", "reza", "receta"})
"""What she does of whom it is said is to treat others."""

ALWAYS = ("bebe", "bebi", "wawa", "guagua", "mamit", "papit", "hijit", "ijit", "cholit", "churre")
"""Beginnings of words that name somebody even without "mi" or "el"."""

REPORTS = frozenset(
    [
        "dice",
        "dicen",
        "dijo",
        "cree",
        "creen",
        "piensa",
        "opina",
        "decia",
        "cuenta",
        "contaba",
        "insiste",
        "asegura",
        "jura",
        "diciendo",
        "dise",
        "dicho",
        "aconseja",
        "recomienda",
    ]
)


@dataclass(frozen=True, slots=True)
class Kin:
    """A word for a person: `relation` is child, parent, partner or other; and the ages possible."""

    relation: str
    sex: str
    least_age: int
    most_age: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named at a position. `is_reporter`: quoted as saying something."""

    at: int
    kin: Kin
    is_reporter: bool
    is_several: bool


@cache
def _kin() -> dict[str, Kin]:
    return {
        key_of(stem_of(word)): Kin(row["relation"], row["sex"], int(row["least_age"]), int(row["most_age"]))
        for row in read_table("persons.csv")
        for word in row["words"].split()
    }


def mentions(words: Sequence[Word]) -> list[Mention]:
    """Every person named, in reading order; "el bebé de mi cuñada" is one, and nobody near to the speaker."""
    found: list[Mention] = []
    for at, word in enumerate(words):
        kin = _kin().get(word.stem)
        if kin is None or not _is_named(words, at):
            continue
        if found and _is_owner_of_last(words, found[-1].at, at):
            last = found.pop()
            other = Kin("other", last.kin.sex, last.kin.least_age, last.kin.most_age)
            found.append(Mention(last.at, other, last.is_reporter, last.is_several))
        else:
            found.append(Mention(at, kin, _reports(words, at), word.text.endswith("s")))
    return found


def _is_named(words: Sequence[Word], at: int) -> bool:
    before, after = (words[at - 1].text if at else ""), (words[at + 1].text if at + 1 < len(words) else "")
    if _names_a_thing(words, at, before, after):
        return False
    if words[at].text == "recien":
        return before in DETERMINERS and after.startswith("nacid")
    if words[at].text in ("todo", "toda", "todas"):
        return False
    if words[at].text == "todos":
        return at + 1 < len(words) and words[at + 1].text in ("en", "mis", "aqui", "aca", "estan", "estamos")
    if words[at].text.startswith(ALWAYS):
        return not _is_addressed(before, after) and not _owns_a_beast(words, at)
    is_led = before in DETERMINERS or (at > 1 and words[at - 2].text in OWNERS)
    return is_led and not _owns_a_beast(words, at)


def _names_a_thing(words: Sequence[Word], at: int, before: str, after: str) -> bool:
    """A breast or suckling, the pupil of an eye, potatoes; and "la señora que cura" is nobody's patient."""
    text = words[at].text
    return (
        (text == "mama" and (before == "la" or after in ("derecha", "izquierda", "bien")))
        or (text.startswith("niña") and after in ("del", "de") and _is_eye(words, at + 2))
        or (text in ("papa", "papas") and before in ("la", "las", "unas", "de"))
        or (after == "que" and any(word.text in HEALS for word in words[at + 2 : at + 3]))
    )


def _is_addressed(before: str, after: str) -> bool:
    """ "No hago del cuerpo, mamita, y …": who is spoken to is not spoken of."""
    return before == "," and after in (",", ".", "!", "?", "")


def _owns_a_beast(words: Sequence[Word], at: int) -> bool:
    """ "El perro de la vecina me mordió": she is nobody of the story."""
    texts = [word.text for word in words[max(0, at - 3) : at]]
    return (texts[-2:-1] == ["de"] and texts[0].startswith(BEASTS)) or (
        texts[-1:] == ["del"] and len(texts) > 1 and texts[-2].startswith(BEASTS)
    )


def _is_eye(words: Sequence[Word], at: int) -> bool:
    return any(word.text.startswith("ojo") for word in words[at : at + 2])


def _is_owner_of_last(words: Sequence[Word], last: int, at: int) -> bool:
    between = [word.text for word in words[last + 1 : at]]
    return bool(between) and between[0] in ("de", "del") and len(between) <= 3


def _reports(words: Sequence[Word], at: int) -> bool:
    return any(word.text in REPORTS for word in words[at + 1 : at + 4])


def of_somebody(found: Sequence[Mention], words: Sequence[Word]) -> Iterator[Mention]:
    """Those who may be the sick one: neither quoted, nor a relative of one named before ("su papá")."""
    for number, mention in enumerate(found):
        is_theirs = number > 0 and words[mention.at - 1].text in ("su", "sus")
        if not is_theirs and not mention.is_reporter:
            yield mention
