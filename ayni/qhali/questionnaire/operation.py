"""`POST /fhir/Questionnaire/$next-question` (HL7 SDC 3.0.0, OperationDefinition Questionnaire-next-question).

Nothing is kept: the answers come with every call, and are replayed through the same conversation as the
pages'. The same answers give the same next question.
"""

import asyncio

from starlette.routing import Route

from ayni.qhali.conversation import next_question
from ayni.qhali.questionnaire.reading import response_in
from ayni.qhali.questionnaire.replay import replayed
from ayni.qhali.questionnaire.writing import response_with
from ayni.vocabulary.fhir import dumps, loads
from ayni.wire.clock import Now
from ayni.wire.process_message import operation_route

PATH = "/fhir/Questionnaire/$next-question"


def next_question_route(*, token: str, now: Now) -> Route:
    """The route; whoever has the token may ask."""

    async def receive(raw: bytes) -> bytes:
        return await asyncio.to_thread(with_next_question, raw, now=now)

    return operation_route(PATH, token=token, receive=receive)


def with_next_question(raw: bytes, *, now: Now) -> bytes:
    """The QuestionnaireResponse that came, with one more question in its Questionnaire, or completed.

    Raises FhirError with the place of what cannot be read.
    """
    response = response_in(loads(raw))
    at = now()
    conversation = replayed(response, at)
    question = next_question(conversation, at.date())
    return dumps(response_with(response, conversation, question, at))
