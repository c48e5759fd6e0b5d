"""The people's own names for illnesses stay as they were said and lead to questions, never to a disease."""

from datetime import date

import pytest

from ayni.qhali.extraction import concepts, understand
from ayni.qhali.extraction.tables import data, headed_lines

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "quote", "asked"),
    [
        ("Mi wawa está con Susto", "Susto", "poison-ingestion"),
        ("me ha dado el CHUCAQUE", "CHUCAQUE", "abdominal-pain"),
        ("lo agarró el cerro", "lo agarró el cerro", "fuel-ingestion"),
        ("estoy con sobreparto", "sobreparto", "fever"),
        ("le dio mal de ojo", "mal de ojo", "diarrhea"),
    ],
)
def test_a_name_is_kept_as_said_with_what_to_ask(text: str, quote: str, asked: str) -> None:
    terms = understand(text, turn=1, today=TODAY).folk_terms
    term = next(each for each in terms if each.quote == quote)
    assert text[term.start : term.end] == quote
    assert asked in term.asks


def test_what_is_asked_are_known_concepts() -> None:
    asked = {concept for heading, _ in headed_lines(data("folk_terms.txt")) for concept in heading.split()}
    assert asked <= set(concepts())


@pytest.mark.parametrize(
    ("text", "code", "site"),
    [
        ("me duele la rodilla derecha", "joint-pain", "rodilla derecha"),
        ("dolor de cabeza", "headache", "cabeza"),
        ("tengo fiebre", "fever", None),
    ],
)
def test_the_part_of_the_body_is_kept_as_said(text: str, code: str, site: str | None) -> None:
    facts = understand(text, turn=1, today=TODAY).facts
    assert [fact.site for fact in facts if fact.concept == code] == [site]
