"""What a citizen wrote becomes facts whose quotes are their own characters."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.qhali.extraction import Fact, Severity, Status, extract, extractor, phrasebook, read_age, read_onset
from ayni.qhali.extraction.assertion import Assertions
from ayni.qhali.extraction.extractor import MENTIONS_MAX

TODAY = date(2026, 11, 23)  # a Monday


def symptoms(text: str, asked: str | None = None) -> list[Fact]:
    return [fact for fact in extract(text, turn=1, asked=asked, today=TODAY) if fact.is_symptom]


def said(text: str, asked: str | None = None) -> dict[str, str]:
    return {fact.concept: fact.status.value for fact in symptoms(text, asked)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tengo fiebre", "fever"),
        ("estoy con calentura", "fever"),
        ("tengo tos", "cough"),
        ("boto gargajo", "productive-cough"),
        ("me sale sangre al toser", "hemoptysis"),
        ("me falta el aire", "dyspnea"),
        ("me aprieta el pecho", "chest-pain"),
        ("me duele mucho la cabeza", "headache"),
        ("me duele la pancita", "abdominal-pain"),
        ("está con soltura", "diarrhea"),
        ("vomité dos veces", "vomiting"),
        ("estoy embarazada y mancho sangre", "vaginal-bleeding"),
        ("le dio convulsión", "seizure"),
        ("no despierta", "unconscious"),
        ("no puede mover el brazo", "limb-weakness"),
        ("me salieron ronchas", "rash"),
        ("me arde la garganta", "sore-throat"),
        ("me arde al orinar", "dysuria"),
        ("me duele la espalda", "back-pain"),
        ("le duele el oído", "ear-pain"),
        ("ya no quiero vivir", "suicidal-ideation"),
        ("mi pareja me pega", "violence-victim"),
        ("tomó lejía", "poison-ingestion"),
        ("me mordió una víbora", "snake-bite"),
        ("me picó una araña", "spider-bite"),
        ("me corté la mano con un vidrio", "skin-wound"),
        ("se golpeó la cabeza", "head-injury"),
    ],
)
def test_everyday_words_are_understood(text: str, code: str) -> None:
    assert said(text)[code] == "present"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("no tengo fiebre", Status.ABSENT),
        ("fiebre no tengo", Status.ABSENT),
        ("no tengo tos, dolor ni fiebre", Status.ABSENT),
        ("sin fiebre", Status.ABSENT),
        ("no tengo tos pero fiebre", Status.PRESENT),
        ("no tengo tos y tengo fiebre", Status.PRESENT),
        ("no tengo tos, me da fiebre", Status.PRESENT),
        ("ya no tengo fiebre", Status.PAST),
        ("el año pasado tuve fiebre", Status.PAST),
        ("desde hace dos años tengo fiebre", Status.PRESENT),
        ("creo que tengo fiebre", Status.UNCERTAIN),
        ("no sé si tengo fiebre", Status.UNCERTAIN),
        ("mi vecina tuvo fiebre", Status.OTHER_PERSON),
        ("qué hago si le da fiebre", Status.HYPOTHETICAL),
        ("tengo fiebre, y mi primo tuvo TBC", Status.PRESENT),
        ("no solo tengo tos, también fiebre", Status.PRESENT),
    ],
)
def test_a_symptom_is_affirmed_denied_or_told_of_another(text: str, status: Status) -> None:
    assert said(text)["fever"] == status.value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no puedo respirar", "dyspnea"),
        ("no le entra el aire", "dyspnea"),
        ("no se mueve mi bebé", "reduced-fetal-movement"),
        ("no orina desde ayer", "no-urine"),
        ("no me ha bajado la fiebre", "fever"),
        ("no para de sangrar", "bleeding"),
        ("no quiero vivir", "suicidal-ideation"),
        ("no responde", "unconscious"),
        ("no tengo tos ni fiebre, no puedo respirar", "dyspnea"),
        ("sin fiebre y no orina", "no-urine"),
    ],
)
def test_a_danger_that_is_said_with_a_no_is_never_taken_for_a_denial(text: str, code: str) -> None:
    assert said(text)[code] == "present"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("no", "absent"),
        ("No, nada", "absent"),
        ("para nada", "absent"),
        ("sí", "present"),
        ("si pues", "present"),
        ("ajá", "present"),
        ("un poco", "present"),
        ("no sé", "uncertain"),
        ("creo que sí", "uncertain"),
        ("más o menos", "uncertain"),
    ],
)
def test_a_bare_answer_belongs_to_the_question(text: str, status: str) -> None:
    assert said(text, asked="dyspnea") == {"dyspnea": status}


def test_a_bare_no_with_something_else_answers_both() -> None:
    assert said("no, pero me duele la cabeza", asked="fever") == {"fever": "absent", "headache": "present"}


def test_an_idiom_with_no_is_no_answer_to_the_question() -> None:
    assert said("no puedo respirar", asked="fever") == {"dyspnea": "present"}


def test_a_bare_no_without_a_question_is_nothing() -> None:
    assert said("no") == {}


def test_several_pains_in_one_sentence_are_all_found() -> None:
    assert said("me duele la cabeza y el pecho") == {"headache": "present", "chest-pain": "present"}


def test_the_more_exact_phrase_swallows_the_general_one() -> None:
    assert said("tengo tos con flema") == {"productive-cough": "present"}


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("me duele la barriga", None),
        ("me duele fuerte la barriga", Severity.SEVERE),
        ("un dolor de barriga insoportable", Severity.SEVERE),
        ("dolor leve de barriga", Severity.MILD),
        ("tos fuerte, me duele la barriga", None),
        ("un dolorcito de barriga", None),
    ],
)
def test_severity_is_taken_only_when_it_is_said_of_that_symptom(text: str, severity: Severity | None) -> None:
    facts = symptoms(text)
    assert next(fact.severity for fact in facts if fact.concept == "abdominal-pain") is severity


def test_the_gravest_way_of_saying_it_counts() -> None:
    (dyspnea,) = symptoms("me falta el aire, no puedo terminar una frase")
    assert (dyspnea.quote, dyspnea.severity) == ("me falta el aire", Severity.SEVERE)


@pytest.mark.parametrize("text", ["TENGO FIEBRE", "tengo fiébre", "tengo fiebreee", "tengo fiebre\u0301"])
def test_capitals_accents_and_held_keys_do_not_matter(text: str) -> None:
    assert said(text) == {"fever": "present"}


def test_quotes_are_the_original_characters() -> None:
    text = "Vengo TOSIENDO con flema desde el 5 de noviembre y de noche me da fiebre"
    cough, fever = symptoms(text)
    assert (cough.quote, cough.since) == (
        "Vengo TOSIENDO con flema desde el 5 de noviembre",
        date(2026, 11, 5),
    )
    assert (fever.quote, fever.since) == ("de noche me da fiebre", None)
    assert all(text[fact.start : fact.end] == fact.quote for fact in (cough, fever))


@given(
    st.text(alphabet=st.sampled_from("no tengo fiebre y dolor de cabeza, ¿ñÑá́\u0301🙂\n.pero"), max_size=120)
)
def test_any_text_gives_facts_whose_quotes_stand_where_they_say(text: str) -> None:
    for fact in extract(text, turn=1, asked="fever", today=TODAY):
        assert text[fact.start : fact.end] == fact.quote != ""


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("desde el 5 de noviembre", date(2026, 11, 5)),
        ("desde el 30 de diciembre", date(2025, 12, 30)),
        ("hace tres días", date(2026, 11, 20)),
        ("desde ayer", date(2026, 11, 22)),
        ("anoche", date(2026, 11, 22)),
        ("anteayer", date(2026, 11, 21)),
        ("desde antes de ayer", date(2026, 11, 21)),
        ("dos semanas", date(2026, 11, 9)),
        ("hace una semana", date(2026, 11, 16)),
        ("hace mes y medio", date(2026, 10, 9)),
        ("hace treinta y dos días", date(2026, 10, 22)),
        ("desde el sábado", date(2026, 11, 21)),
        ("hace 5 horas", TODAY),
        ("desde el 31 de febrero", None),
        ("mi hijo de 8 meses", None),
        ("tengo 18 semanas de embarazo", None),
        ("dentro de tres días", None),
        ("no sé", None),
    ],
)
def test_onsets_are_counted_back_from_the_day_of_the_turn(text: str, since: date | None) -> None:
    onset = read_onset(text, TODAY)
    assert (onset.since if onset else None) == since


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("tengo tos con flema y fiebre desde hace tres días", ["20", "20"]),
        ("tos, fiebre y dolor de cabeza desde el sábado", ["21", "21", "21"]),
        ("tengo tos, fiebre, y dolor de garganta hace 3 días", ["20", "20", "20"]),
        ("tengo tos y fiebre, desde ayer", ["22", "22"]),
        ("me duele la cabeza y el pecho desde ayer", ["22", "22"]),
        ("tos y fiebre desde ayer y dolor de cabeza desde hoy", ["22", "22", "23"]),
    ],
)
def test_an_onset_after_a_list_belongs_to_everything_in_it(text: str, since: list[str]) -> None:
    facts = symptoms(text)
    assert [f"{fact.since:%d}" for fact in facts] == since


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("tos desde ayer y fiebre desde hoy", [date(2026, 11, 22), TODAY]),
        ("tos desde ayer y fiebre", [date(2026, 11, 22), None]),
        ("tengo tos y de noche me da fiebre desde ayer", [None, date(2026, 11, 22)]),
        ("tengo tos y desde ayer fiebre", [None, date(2026, 11, 22)]),
        ("tengo tos. fiebre desde ayer", [None, date(2026, 11, 22)]),
        ("tengo tos, y mi vecina fiebre desde ayer", [None, date(2026, 11, 22)]),
        ("tengo tos, mi mamá vino, fiebre desde ayer", [None, date(2026, 11, 22)]),
        ("tengo tos y fiebre, ayer comí ceviche", [None, None]),
        ("dolor de cabeza, ayer fiebre y tos desde hoy", [None, date(2026, 11, 22), TODAY]),
    ],
)
def test_an_onset_is_not_guessed_for_what_is_said_by_itself(text: str, since: list[date | None]) -> None:
    assert [fact.since for fact in symptoms(text)] == since


@pytest.mark.parametrize(
    ("text", "is_asked", "months"),
    [
        ("mi hijo de 8 meses tiene fiebre", False, 8),
        ("mi bebé de un mes", False, 1),
        ("tengo 34 años", False, 408),
        ("34", True, 408),
        ("tiene ocho meses", True, 8),
        ("tengo fiebre hace 3 días", False, None),
        ("tengo 8 meses de embarazo", False, None),
        ("no", True, None),
    ],
)
def test_ages_are_read_and_gestation_is_not_an_age(text: str, is_asked: bool, months: int | None) -> None:
    age = read_age(text, asked=is_asked)
    assert (age.months if age else None) == months


FLOODS = [
    "tos " * 500,
    "tos con flema " * 140,
    "no tos " * 285,
    "vecina tos ayer " * 125,
    "me duele la cabeza hace tres días, " * 57,
]
"""Answers as long as an answer may be, of the same words again and again."""


@pytest.mark.parametrize("text", FLOODS)
def test_a_flood_of_one_word_costs_no_more_than_a_few_mentions(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, onsets_read = [], []
    about, onsets = Assertions.about, extractor.onsets
    monkeypatch.setattr(Assertions, "about", lambda *given: judged.append(given) or about(*given))
    monkeypatch.setattr(extractor, "onsets", lambda *given: onsets_read.append(given) or onsets(*given))
    assert len(extract(text, turn=1, today=TODAY)) <= 2
    assert len(judged) <= MENTIONS_MAX
    assert len(onsets_read) == 1


@pytest.mark.parametrize("flood", FLOODS)
def test_a_danger_behind_a_flood_is_heard(flood: str) -> None:
    assert said(f"{flood}. No puedo respirar")["dyspnea"] == "present"


def test_a_phrase_is_compared_only_with_those_that_share_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    covers = phrasebook._covers
    monkeypatch.setattr(phrasebook, "_covers", lambda *pair: compared.append(pair) or covers(*pair))
    extract("tos con flema " * 100, turn=1, today=TODAY)
    assert len(compared) <= 100 * 10


@pytest.mark.parametrize("text", ["5" * 1000 + " de noviembre", "00 de noviembre", "\U00010a40 de noviembre"])
def test_a_number_that_is_no_day_is_no_onset(text: str) -> None:
    assert read_onset(text, TODAY) is None
