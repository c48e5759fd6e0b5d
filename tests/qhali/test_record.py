"""The record of any conversation: valid FHIR, each fact with its words, the software named, one hash."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.qhali.conversation import next_question
from ayni.qhali.extraction import Fact, Status, concepts
from ayni.qhali.intake import Enterer, Submission, citizen_from, intake_bundle
from ayni.qhali.models import AssistedConversation, Beside, ModelPermission
from ayni.qhali.redflags.rules import VERSION
from ayni.vocabulary.fhir import Resource, bundle, check, dumps, loads
from ayni.vocabulary.fhir.pe_core import DEFECTS, published
from ayni.vocabulary.fhir.validation import Registry, validate
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import resources_from_srm, srm_from_intake
from ayni.wire.clock import LIMA
from tests.qhali.test_intake import FORM

AT = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)
TODAY = AT.date()
GUIDE = "http://hl7.org/fhir/uv/aitransparency/StructureDefinition"
DEFINITIONS = Path(__file__).with_name("samples").joinpath("definitions.json")
SAYINGS = (
    "vengo tosiendo con flema desde el 5 de noviembre y de noche me da fiebre",
    "mi hijito de 8 meses tiene diarrea y no quiere mamar, no tiene fiebre",
    "mi papá tiene la cara torcida y no habla bien",
    "estoy embarazada de 30 semanas, me duele fuerte la cabeza, veo lucecitas",
    "no puedo respirar",
    "mi hijo está raro",
    "me pica la piel desde hace 3 días, poquito",
    "creo que tengo calentura, 38.5, y me duele la barriga abajo a la derecha",
    "tuve tos el año pasado; ahora me arde al orinar",
    "sí",
    "no",
    "no sé",
    "desde ayer en la tarde",
    "quisiera una cita",
    "ñoño 😀 \u00a0 «duele» <b>mucho</b> & \\ \" '",
)
TOLD = st.one_of(st.sampled_from(SAYINGS), st.text(st.characters(exclude_categories=("C",)), max_size=60))
MODEL = "qwen3:8b"
AGREED = ModelPermission(f"{MODEL}, este mismo equipo", AT - timedelta(minutes=5))
WITHDRAWN = ModelPermission(AGREED.model, AGREED.given_at, AT - timedelta(minutes=1))


@cache
def registry() -> Registry:
    """R4, the ministry's guide, our own extension, and of HL7's AI guide what binds us."""
    guide = published()
    for defect in DEFECTS:
        guide = defect.mended(guide)
    return Registry([*guide.values(), *bundle.resources(loads(DEFINITIONS.read_bytes()))])


def errors(message: Resource) -> list[str]:
    found = [*check(message), *validate(message, registry=registry())]
    for kind, profile in (("Device", "AI-Device"), ("Provenance", "AI-Provenance")):
        for each in bundle.resources(message, kind):
            found += validate(each, profiles=[f"{GUIDE}/{profile}"], registry=registry())
    return [f"{each.place}: {each.expected.english}" for each in found if each.severity == "error"]


@st.composite
def conversations(draw: st.DrawFn) -> AssistedConversation:
    """What citizens say to the questions that are put, and what a model hears beside the rules, if it may."""
    is_assisted = draw(st.booleans())
    talk = AssistedConversation()
    for said in draw(st.lists(TOLD.filter(str.strip), min_size=1, max_size=7)):
        asked = next_question(talk, TODAY)
        if asked is None:
            break
        talk = talk.answered(asked, said, said_at=AT)
        if is_assisted:
            heard = draw(beside(said, len(talk.turns)))
            talk = AssistedConversation(talk.turns, beside=(*talk.beside, heard))
    return talk


@st.composite
def beside(draw: st.DrawFn, said: str, turn: int) -> Beside:
    codes = draw(st.lists(st.sampled_from(sorted(concepts())), max_size=2, unique=True))
    end = draw(st.integers(1, len(said)))
    facts = [
        Fact(concept=c, status=draw(st.sampled_from(Status)), quote=said[:end], turn=turn, start=0, end=end)
        for c in codes
    ]
    suggested = draw(st.sampled_from([None, "II", "IV"]))
    return Beside(turn=turn, source=MODEL, added=tuple(facts), suggested=suggested)


def submission_of(talk: AssistedConversation, **more: Any) -> Submission:
    return Submission(
        request_id="QH-7M3K9XBT4D",
        at=AT,
        began_at=AT - timedelta(minutes=5),
        consented_at=AT - timedelta(seconds=35),
        citizen=citizen_from(FORM, today=TODAY, is_test=True),
        conversation=talk,
        orientation=talk.orientation(TODAY),
        **more,
    )


@settings(max_examples=60, deadline=None)
@given(
    talk=conversations().filter(lambda talk: talk.orientation(TODAY).level is not None),
    enterer=st.sampled_from([None, Enterer("JULIA PRUEBA", "99000025")]),
    permission=st.sampled_from([AGREED, WITHDRAWN]),
)
def test_the_record_of_any_conversation(
    talk: AssistedConversation, enterer: Enterer | None, permission: ModelPermission
) -> None:
    submission = submission_of(talk, enterer=enterer, permission=permission if talk.beside else None)
    message = intake_bundle(submission)
    assert errors(message) == []
    assert dumps(intake_bundle(submission)) == dumps(message)
    assert_every_reference_leads_somewhere(message)
    assert_every_finding_has_its_words(message, submission)
    assert_every_part_of_a_model_is_named(message, submission)
    for kept in resources_from_srm(parse(srm_from_intake(message).encode()), patient="Patient/1"):
        assert check(kept) == ()


def assert_every_reference_leads_somewhere(message: Resource) -> None:
    references = set(re.findall(r'"reference":"(urn:uuid:[^"]+)"', dumps(message).decode()))
    assert references <= {entry["fullUrl"] for entry in message["entry"]}


def assert_every_finding_has_its_words(message: Resource, submission: Submission) -> None:
    """Each Observation is a fact present or absent, and its span gives back its quote."""
    items = bundle.only(message, "QuestionnaireResponse")["item"]
    assert [item["text"] for item in items] == [turn.question.text for turn in submission.conversation.turns]
    answers = {}
    for item in items:
        (said,) = item.get("item", [item])
        answers[int(item["linkId"].partition("/")[0])] = said["answer"][0]["valueString"]
    quotes = {}
    for turn, start, end, fact in _spans(message):
        quotes[fact] = answers[turn][start:end]
    said = {f"urn:uuid:{each['id']}": each for each in bundle.resources(message, "Observation")}
    assert quotes == {name: each["note"][0]["text"] for name, each in said.items()}
    loinc = {Status.PRESENT: "75325-1", Status.ABSENT: "111551-8"}
    recorded = [fact for fact in submission.conversation.facts if fact.is_recorded and fact.status in loinc]
    assert {(fact.concept, loinc[fact.status]) for fact in recorded} == {
        (each["valueCodeableConcept"]["coding"][0]["code"], each["code"]["coding"][0]["code"])
        for each in said.values()
    }


def _spans(message: Resource) -> Iterator[tuple[int, int, int, str]]:
    for each in bundle.resources(message, "Provenance"):
        for entity in each.get("entity", ()):
            turn, start, end, fact = entity["extension"][0]["extension"]
            yield (
                turn["valueInteger"],
                start["valueInteger"],
                end["valueInteger"],
                fact["valueReference"]["reference"],
            )


def assert_every_part_of_a_model_is_named(message: Resource, submission: Submission) -> None:
    """What the rules did not hear has another author; without such a part no model is named."""
    devices = {f"urn:uuid:{each['id']}": each for each in bundle.resources(message, "Device")}
    author = {
        target["reference"]: devices[each["agent"][0]["who"]["reference"]]["identifier"][0]["value"]
        for each in bundle.resources(message, "Provenance")
        for target in each["target"]
    }
    by_rules = {fact.concept for fact in submission.conversation.by_rules.facts}
    parts = 0
    for each in bundle.resources(message, "Observation"):
        is_model_s = each["valueCodeableConcept"]["coding"][0]["code"] not in by_rules
        assert author[f"urn:uuid:{each['id']}"] == (MODEL if is_model_s else "QHALI-RULES")
        assert each["meta"]["security"][0]["code"] == "AIAST"
        parts += is_model_s
    risk = bundle.only(message, "RiskAssessment")
    assert ("note" in risk) is submission.orientation.from_model
    assert len(devices) == 1 + bool(parts or submission.orientation.from_model)


HEARD = AssistedConversation().answered(next_question(AssistedConversation(), TODAY), SAYINGS[0], said_at=AT)  # type: ignore[arg-type]


def test_the_model_that_added_a_fact_is_a_device_with_its_kind() -> None:
    fact = Fact(concept="dizziness", status=Status.PRESENT, quote="de noche", turn=1, start=51, end=59)
    talk = AssistedConversation(HEARD.turns, beside=(Beside(turn=1, source=MODEL, added=(fact,)),))
    message = intake_bundle(submission_of(talk, permission=AGREED))
    rules, model = bundle.resources(message, "Device")
    assert rules["version"] == [{"value": VERSION}]
    assert [_kind(each) for each in (rules, model)] == ["Rule-Based-Systems", "Large-Language-Models"]
    assert model["identifier"][0]["value"] == MODEL
    agreed = list(bundle.resources(message, "Consent"))[-1]
    assert agreed["provision"]["actor"][0]["reference"]["identifier"]["value"] == AGREED.model


def _kind(device: Resource) -> str:
    return str(device["extension"][0]["valueCodeableConcept"]["coding"][0]["code"])


def test_whoever_tells_for_the_sick_one_is_the_informant() -> None:
    talk = AssistedConversation()
    talk = talk.answered(next_question(talk, TODAY), SAYINGS[1], said_at=AT)  # type: ignore[arg-type]
    message = intake_bundle(submission_of(talk))
    teller = bundle.only(message, "RelatedPerson")
    name = {"reference": f"urn:uuid:{teller['id']}"}
    assert teller["relationship"] == [{"text": "madre, padre o quien cuida"}]
    assert {each["performer"][0]["reference"] for each in bundle.resources(message, "Observation")} == {
        name["reference"]
    }
    assert bundle.only(message, "Provenance")["agent"][1]["who"] == name
    assert bundle.only(message, "QuestionnaireResponse")["source"] == name


@pytest.mark.parametrize("purpose", ["consent-orient", "consent-model"])
def test_no_other_yes_lets_a_request_through(purpose: str) -> None:
    """The engine must not take the permission to talk, or to be heard by a model, for the one to send."""
    message = intake_bundle(submission_of(HEARD, permission=AGREED))
    to_send = next(bundle.resources(message, "Consent"))["id"]
    message["entry"] = [each for each in message["entry"] if each["resource"]["id"] != to_send]
    with pytest.raises(Exception, match="consentimiento"):
        srm_from_intake(message)


PRINT_HASHES = """
import json, sys
from tests.qhali.test_record import hash_of
print(json.dumps([hash_of(said) for said in json.loads(sys.stdin.read())]))
"""
TALKS = [[SAYINGS[0]], [SAYINGS[1]], [SAYINGS[3], "no", "no sé", "sí"]]


def hash_of(said: list[str]) -> str:
    """The hash of the Bundle of a conversation."""
    talk = AssistedConversation()
    for each in said:
        if (asked := next_question(talk, TODAY)) is not None:
            talk = talk.answered(asked, each, said_at=AT)
    return hashlib.sha256(dumps(intake_bundle(submission_of(talk)))).hexdigest()


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_the_same_conversation_has_the_same_hash_in_every_process(seed: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", PRINT_HASHES],
        input=json.dumps(TALKS),
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert json.loads(printed.stdout) == [hash_of(said) for said in TALKS]


def test_the_answers_fit_the_questionnaire_they_bring_along() -> None:
    talk = AssistedConversation()
    for said in ("me duele la garganta", "1. No\n2. no sé, la verdad", "desde ayer"):
        talk = talk.answered(next_question(talk, TODAY), said, said_at=AT)  # type: ignore[arg-type]
    response = bundle.only(intake_bundle(submission_of(talk)), "QuestionnaireResponse")
    (form,) = response["contained"]
    assert form["derivedFrom"] == [f"https://ayni.example/fhir/Questionnaire/intake|{VERSION}"]
    names = [item["linkId"] for item in response["item"]]
    assert names == [item["linkId"] for item in form["item"]]
    assert names[0] == "1/open"
    listed = next(item for item in response["item"] if "item" in item)
    assert listed["item"] == [{"linkId": "2/words", "answer": [{"valueString": talk.turns[1].text}]}]
    assert errors(response) == []
    listed["item"][0]["linkId"] = "2/turn"
    (wrong,) = errors(response)
    assert "a question of this place" in wrong
