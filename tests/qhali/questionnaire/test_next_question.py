"""The interview as an adaptive questionnaire, asked by a FHIR client over a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX, TURNS_MAX
from ayni.qhali.conversation.planner import QUESTIONS_MAX
from ayni.qhali.questionnaire import next_question_route
from ayni.vocabulary.fhir import Resource, check
from ayni.vocabulary.fhir.validation import validate
from ayni.wire.clock import LIMA
from ayni.wire.serve import bind, serve_http

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
TOKEN = "a-token-of-the-form"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
FORM = {
    "resourceType": "Questionnaire",
    "id": "form",
    "status": "active",
    "derivedFrom": ["https://ayni.example/fhir/Questionnaire/intake"],
}
START: Resource = {
    "resourceType": "QuestionnaireResponse",
    "contained": [FORM],
    "questionnaire": "#form",
    "status": "in-progress",
}


@asynccontextmanager
async def client() -> AsyncIterator[Callable[..., Any]]:
    """Sends a resource to the served operation; returns the status and what came back."""
    stop, listener = asyncio.Event(), bind("127.0.0.1", 0)
    app = Starlette(routes=[next_question_route(token=TOKEN, now=lambda: NOW)])
    served = asyncio.create_task(serve_http(app, listener, stop))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir/Questionnaire/$next-question"

    async def send(resource: Any, headers: dict[str, str] = BEARER) -> tuple[int, Resource]:
        body = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
        async with http.post(url, data=body, headers=headers) as answer:
            return answer.status, json.loads(await answer.read())

    try:
        async with aiohttp.ClientSession() as http:
            yield send
    finally:
        stop.set()
        await served


def questions(response: Resource) -> list[Resource]:
    """What has been asked, without what we say beside."""
    (form,) = (each for each in response["contained"] if each["resourceType"] == "Questionnaire")
    return [item for item in form.get("item", ()) if item["linkId"] not in ("advice", "orientation")]


def answering(response: Resource, text: str) -> Resource:
    """The response with an answer to its last question; in a list, to every item of it."""
    last, said = questions(response)[-1], [{"valueString": text}]
    listed = [each["linkId"] for each in last.get("item", ()) if not each["linkId"].endswith("/words")]
    inside = [{"linkId": each, "answer": said} for each in listed]
    item = {"linkId": last["linkId"], **({"item": inside} if inside else {"answer": said})}
    return {**response, "item": [*response.get("item", ()), item]}


async def interview(send: Callable[..., Any], *sayings: str, start: Resource = START) -> Resource:
    """A whole interview: these answers, then "no"."""
    told = iter(sayings)
    status, response = await send(start)
    for _ in range(QUESTIONS_MAX + 2):
        assert status == 200, response
        assert check(response) == ()
        if response["status"] == "completed":
            return response
        status, response = await send(answering(response, next(told, "no")))
    raise AssertionError("the interview does not end")


async def test_an_ordinary_interview_ends_with_its_orientation() -> None:
    async with client() as send:
        done = await interview(send, "me duele la garganta", "no", "desde ayer")
    asked = questions(done)
    assert asked[0]["linkId"] == "1/open"
    assert 3 <= len(asked) - 1 <= QUESTIONS_MAX
    inside = [part for item in asked for part in item.get("item", ())]
    assert {item["type"] for item in (*asked, *inside)} == {"text", "group", "open-choice"}
    assert done["item"][-1]["linkId"] == "orientation"
    assert done["item"][-1]["answer"][0]["valueCoding"]["code"] == "IV"
    assert len(done["item"]) == len(asked) + 1
    # the rules of FHIR and of SDC's extension hold, and the answers fit the form
    assert [each.place for each in validate(done) if each.severity == "error"] == []


async def test_an_emergency_is_told_at_once() -> None:
    async with client() as send:
        _, begun = await send(START)
        _, told = await send(answering(begun, "no puedo respirar"))
        done = await interview(send, "no puedo respirar", "en Chetilla")
    assert [each["linkId"] for each in questions(done)] == ["1/open", "2/topic:place"]
    (form,) = told["contained"]  # the advice waits for no answer
    (advice,) = (item for item in form["item"] if item["linkId"] == "advice")
    assert all(said in advice["text"] for said in ("106", "113", "116", "Debe atender día y noche"))
    assert done["item"][-1]["answer"][0]["valueCoding"]["code"] == "I"


async def test_the_patient_it_is_about_decides_what_is_asked() -> None:
    man = {"resourceType": "Patient", "id": "he", "gender": "male", "birthDate": "1980-02-01"}
    about = {**START, "contained": [FORM, man], "subject": {"reference": "#he"}}
    async with client() as send:
        done = await interview(send, "me duele la barriga", start=about)
        other = await interview(send, "me duele la barriga")
    asked = json.dumps(questions(done))
    assert "pregnancy" not in asked
    assert "pregnancy" in json.dumps(questions(other))
    assert done["contained"][1] == man


async def test_the_same_answers_give_the_same_question() -> None:
    async with client() as send:
        _, first = await send(START)
        answered = answering(first, "tengo fiebre desde ayer")
        once, again = await send(answered), await send(answered)
    assert once == again


async def test_parameters_and_a_chosen_option_are_taken_too() -> None:
    async with client() as send:
        parameters = {
            "resourceType": "Parameters",
            "parameter": [{"name": "questionnaire-response", "resource": START}],
        }
        status, first = await send(parameters)
        assert status == 200
        _, second = await send(answering(first, "me duele la cabeza"))
        listed = questions(second)[-1]
        assert listed["type"] == "group"
        chosen = [{"valueCoding": {"display": "Sí"}}]
        inside = [{"linkId": listed["item"][0]["linkId"], "answer": chosen}]
        item = {"linkId": listed["linkId"], "item": inside}
        status, third = await send({**second, "item": [*second["item"], item]})
    assert status == 200
    assert questions(third)[-1]["linkId"] == "3/topic:place"  # sudden: an emergency


def _with_answer(response: Resource, **item: Any) -> Resource:
    return {**response, "item": [{"linkId": "1/open", **item}]}


@pytest.mark.parametrize(
    ("change", "status", "issue", "place"),
    [
        (lambda r: {**r, "status": "completed"}, 422, "business-rule", "QuestionnaireResponse.status"),
        (lambda r: {**r, "contained": []}, 422, None, None),
        (lambda r: {**r, "questionnaire": "#other"}, 422, "required", "QuestionnaireResponse.questionnaire"),
        (
            lambda r: {**r, "contained": [{**r["contained"][0], "derivedFrom": ["https://x.example/q"]}]},
            422, "not-supported", "QuestionnaireResponse.contained[0].derivedFrom",
        ),
        (lambda r: r, 422, "required", "QuestionnaireResponse.item[0]"),
        (lambda r: _with_answer(r), 422, "required", "QuestionnaireResponse.item[0]"),
        (
            lambda r: _with_answer(r, answer=[{"valueInteger": 3}]),
            422, "value", "QuestionnaireResponse.item[0].answer[0]",
        ),
        (
            lambda r: _with_answer(r, answer=[{"valueString": "a"}, {"valueString": "b"}]),
            422, "business-rule", "QuestionnaireResponse.item[0].answer",
        ),
        (
            lambda r: _with_answer(r, answer=[{"valueString": "a" * (TURN_CHARACTERS_MAX + 1)}]),
            422, "too-long", "QuestionnaireResponse.item[0]",
        ),
        (
            lambda r: {**r, "item": [{"linkId": "1/no-such", "answer": [{"valueString": "a"}]}]},
            422, "code-invalid", "QuestionnaireResponse.item[0].linkId",
        ),
        (
            lambda r: {**r, "item": [{"linkId": "2/open", "answer": [{"valueString": "a"}]}]},
            422, "business-rule", "QuestionnaireResponse.item[0].linkId",
        ),
        (
            lambda r: {**r, "item": [{"linkId": f"{n}/open"} for n in range(1, TURNS_MAX + 2)]},
            422, "too-long", "QuestionnaireResponse.item",
        ),
        (lambda r: {**r, "sttus": "x"}, 422, "structure", None),
        (lambda r: {"resourceType": "Patient"}, 422, "required", "Patient"),
        (lambda r: b"{", 400, "structure", None),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_with_its_place(
    change: Callable[[Resource], Any], status: int, issue: str | None, place: str | None
) -> None:
    async with client() as send:
        _, first = await send(START)
        got, outcome = await send(change(first))
    assert (got, outcome["resourceType"]) == (status, "OperationOutcome")
    assert issue in (None, outcome["issue"][0]["code"])
    assert place in (None, outcome["issue"][0].get("expression", [None])[0])


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_without_the_token_nobody_is_read(headers: dict[str, str]) -> None:
    async with client() as send:
        status, outcome = await send(b"{", headers)
    assert (status, outcome["issue"][0]["code"]) == (401, "login")


async def test_a_list_may_be_answered_in_words() -> None:
    async with client() as send:
        _, first = await send(START)
        _, second = await send(answering(first, "me duele la garganta"))
        listed = questions(second)[-1]
        assert listed["item"][-1] == {"linkId": "2/words", "text": "O con sus palabras", "type": "text"}
        words = {"linkId": "2/words", "answer": [{"valueString": "no, nada de eso"}]}
        answered = {"linkId": listed["linkId"], "item": [words]}
        status, third = await send({**second, "item": [*second["item"], answered]})
    assert status == 200
    assert questions(third)[-1]["linkId"].startswith("3/")
