"""What says who somebody is does not leave; what says how somebody is does."""

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ayni.qhali.models.pseudonyms import Pseudonyms

IDENTITIES = 240
COMMON = ["María", "Segundo", "Rosa", "Juan Carlos", "Wilmer", "Flor de María", "Luz Angélica", "José Santos"]
RARE = ["Yakelin", "Deyvis", "Maykol", "Zoraida", "Eduvigis", "Huberlinda"]
FAMILY = [
    "Chuquilín Ayay",
    "Quispe Mamani",
    "Flores Rojas",
    "Cerdán Vásquez",
    "de la Cruz Terán",
    "Chilón Cueva",
]
RARE_FAMILY = ["Tongombol Cabanillas", "Sangay Tacilla", "Llamoctanta Edquén", "Ispilco Chugnas"]
STREETS = ["Jr. Amazonas 345", "Av. Atahualpa 1210, barrio San Martín", "caserío Porcón Alto", "mz B lote 14"]
SPOKEN = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")
COMPLAINTS = ["tengo fiebre y tos", "me duele el pecho", "no puedo respirar", "le sale sangre por la nariz"]


def _identity(chance: random.Random) -> tuple[str, list[str]]:
    """A text somebody might write, and the pieces in it that must not leave."""
    name = f"{chance.choice(COMMON)} {chance.choice(FAMILY)}"
    rare = f"{chance.choice(RARE)} {chance.choice(RARE_FAMILY)}"
    dni = f"{chance.randrange(10**7, 10**8)}"
    phone = f"9{chance.randrange(10**7, 10**8)}"
    grouped = f"{phone[:3]} {phone[3:6]} {phone[6:]}"
    street, complaint = chance.choice(STREETS), chance.choice(COMPLAINTS)
    mail = f"{rare.split()[0].lower()}.{dni[:3]}@correo.pe"
    digits = dict(zip("0123456789", SPOKEN, strict=True))
    aloud = " ".join(digits[digit] for digit in phone)
    return chance.choice(
        [
            (f"Me llamo {rare}, mi DNI es {dni} y {complaint}", [rare, dni]),
            (f"soy {name} y {complaint}, mi celular es {grouped}", [name, grouped]),
            (f"{complaint}. Vivo en {street} y no hay quien me lleve", [street]),
            (f"{complaint}, llámeme al +51 {grouped}", [grouped]),
            (f"buenas mi nombre es {rare} {complaint}", [rare]),
            (f"Mi hijo {name} está mal, {complaint}", [name]),
            (f"la señora {rare} dice que {complaint}", [rare]),
            (f"escríbame a {mail} porque {complaint}", [mail]),
            (f"{complaint} y mi número es el {aloud}", [aloud]),
            (f"Historia clínica N° {dni[:6]}. {complaint}", [dni[:6]]),
            (f"Nací el 14 de marzo de 19{dni[:2]} y {complaint}", [f"14 de marzo de 19{dni[:2]}"]),
            (f"dni {dni[:2]}.{dni[2:5]}.{dni[5:]} {complaint}", [f"{dni[:2]}.{dni[2:5]}.{dni[5:]}"]),
            (f"Mi dirección es {street}. {complaint}", [street]),
        ]
    )


def _written(chance: random.Random, text: str, secrets: list[str]) -> tuple[str, list[str]]:
    change = chance.choice([str, str.lower, str.upper])
    return change(text), [change(each) for each in secrets]


def _pieces(secrets: list[str]) -> Iterator[str]:
    """The words of a secret that tell something by themselves."""
    for secret in secrets:
        small = {"de", "del", "la", "y", "el", "lote", "barrio", "jr", "av", "mz", "marzo", "caserío", "san"}
        yield from (
            word for word in secret.replace(".", " ").replace(",", " ").split() if word.lower() not in small
        )


def test_identities_do_not_leave_and_come_back() -> None:
    chance, leaked, told = random.Random(20261123), [], 0
    for _ in range(IDENTITIES):
        text, secrets = _written(chance, *_identity(chance))
        pseudonyms = Pseudonyms()
        hidden = pseudonyms.hide(text)
        words = hidden.replace(",", " ").replace(".", " ").split()
        leaks = [piece for piece in _pieces(secrets) if piece in words]
        leaked += [(text, hidden)] * bool(leaks)
        told += 1
        assert pseudonyms.restore(hidden) == text
    assert len(leaked) <= told * 0.01, leaked


def test_what_is_said_of_health_leaves_as_it_is() -> None:
    folder = Path(__file__).parents[3] / "evaluations" / "development"
    rows = [row for path in sorted(folder.glob("*.jsonl")) for row in path.read_bytes().splitlines()]
    cases = [msgspec.json.decode(row) for row in rows]
    turns = [turn for case in cases for turn in case.get("turns", ()) if isinstance(turn, str)]
    words = sum(len(turn.split()) for turn in turns)
    altered = sum(len(set(turn.split()) - set(Pseudonyms().hide(turn).split())) for turn in turns)
    assert words > 1000
    assert altered <= words * 0.01


def test_everyday_words_that_are_names_too_stay_words() -> None:
    for text in [
        "mi hija tiene manchas rojas y dolores de cabeza",
        "tengo la lengua blanca y veo luz",
        "presión 120/80, saturación 92, azúcar 180 y 38.5 de fiebre hace 3 días",
        "me pasó el 05/11/2026 y el 12-10-2026",
    ]:
        assert Pseudonyms().hide(text) == text


def test_a_known_name_is_hidden_wherever_it_stands() -> None:
    assert Pseudonyms(["Ñaupari"]).hide("la naupari? no, NAUPARI con ñ: ñaupari").count("[PERSONA_") >= 1
    assert "Tocto" not in Pseudonyms(["María Tocto"]).hide("dice Tocto que le duele")


def test_the_same_name_gets_the_same_token() -> None:
    hidden = Pseudonyms().hide("Mi hija Elena tose. Ayer Elena no comió.")
    assert hidden.count("[PERSONA_1]") == 2


@given(st.text(max_size=200))
def test_hiding_can_be_undone_for_any_text(text: str) -> None:
    pseudonyms = Pseudonyms()
    assert pseudonyms.restore(pseudonyms.hide(text)) == text


def test_a_token_that_somebody_typed_stands_for_itself() -> None:
    pseudonyms = Pseudonyms()
    hidden = pseudonyms.hide("Me llamo Elena Quispe y [PERSONA_1] no es nadie")
    assert pseudonyms.restore(hidden) == "Me llamo Elena Quispe y [PERSONA_1] no es nadie"
