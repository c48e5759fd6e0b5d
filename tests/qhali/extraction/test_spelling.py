"""How people type: sounds, diminutives, slips, look-alikes; and words that only look like a slip."""

from datetime import date

import pytest

from ayni.qhali.extraction import extract
from ayni.qhali.extraction.spelling import key_of, stem_of
from ayni.qhali.extraction.typos import NearWords, distance, not_typos, slips_allowed
from ayni.qhali.extraction.words import words_of

TODAY = date(2026, 11, 23)


def found(text: str) -> set[str]:
    return {fact.concept for fact in extract(text, turn=1, today=TODAY) if fact.is_symptom}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("kiero", "quiero"), ("bomito", "vómito"), ("cabesa", "cabeza"), ("yora", "llora"), ("uesos", "huesos"),
     ("jente", "gente"), ("orinar", "horinar"), ("tanbien", "también"), ("diarea", "diarrea")],
)  # fmt: skip
def test_what_sounds_alike_is_one_word(typed: str, meant: str) -> None:
    first, second = words_of(typed)[0], words_of(meant)[0]
    assert first.sound == second.sound


@pytest.mark.parametrize(
    ("word", "stem"),
    [("fiebrecita", "fiebr"), ("dolorcito", "dolor"), ("cabecita", "cabez"), ("barriguita", "barrig"),
     ("ojitos", "ojo"), ("palidisima", "palid"), ("dolores", "dolor"), ("vomito", "vomit"),
     ("grito", "grit")],
)  # fmt: skip
def test_diminutives_superlatives_and_plurals_are_forms_of_a_word(word: str, stem: str) -> None:
    assert stem_of(word) == stem


def test_a_year_is_no_anus_and_a_nail_is_no_article() -> None:
    assert key_of("año") != key_of("ano")
    assert key_of("uña") != key_of("una")


@pytest.mark.parametrize(
    ("text", "code"),
    [("tengo fievre", "fever"), ("tngo diarea", "diarrhea"), ("m duele la kabesa", "headache"),
     ("tengo convulciones", "seizure"), ("estoy estrenido", "constipation"),
     ("tengo palpitasiones", "palpitations"),
     ("tengo escalosfrios", "chills")],
)  # fmt: skip
def test_misspelt_symptoms_are_found(text: str, code: str) -> None:
    assert code in found(text)


def test_letters_of_other_scripts_and_invisible_ones_hide_nothing() -> None:
    assert "chest-pain" in found("me duеlе еl реcho")  # Cyrillic е, р, с
    assert "fever" in found("tengo fie\u200bbre")


@pytest.mark.parametrize(
    "text", ["quiero saber la saturacion del consultorio", "el bombero esta ausente", "mientras escribo"]
)
def test_common_words_are_no_slips(text: str) -> None:
    assert found(text) == set()


def test_short_words_are_never_guessed() -> None:
    near = NearWords(["tos", "cara", "mareo", "convulsion"])
    assert slips_allowed("toz") == 0
    assert near.near("casa") == []
    assert near.near("marzo") == []
    assert near.near("conbulsion") == ["convulsion"]
    assert near.near("xonvulsion") == [], "the first letter has to be right"


def test_a_swap_is_one_slip() -> None:
    assert distance("fierbe", "fiebre") == 1
    assert distance("", "tos") == 3


def test_the_guard_words_are_written_as_they_sound() -> None:
    assert key_of("escuela") in not_typos()


@pytest.mark.parametrize("said", ["Gracias por contarme todo esto.", "quiero contarle algo", ""])
def test_telling_is_not_cutting(said: str) -> None:
    assert found(said) == set()
