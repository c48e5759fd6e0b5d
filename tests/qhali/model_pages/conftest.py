"""The pages with the operator's language model, which a real server plays; what a citizen does there."""

from collections.abc import Iterator

import pytest

from ayni.qhali.models import LanguageModel
from tests.qhali.conftest import IDENTITY, Browser
from tests.qhali.models.conftest import ModelServer, by_task, hearing, open_model

SAID = "Soy Elena Chuquilín, DNI 45678912. Ando como radio sin antena y me pica la piel"
ADDED = ("dizziness", "present", "Ando como radio sin antena")
SECRETS = ("Elena", "Chuquil", "45678912", "99000017", "Naupari", "Ñaupari", "1992-03-14", "061103")
QUIET = {"opening": '{"sentence": ""}', "topic": '{"topic": "place"}', "translation": '{"text": ""}'}
"""A model that only listens: what else it says is of no use."""


@pytest.fixture(scope="module")
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def opened(model_server: ModelServer) -> Iterator[LanguageModel]:
    with open_model(f"{model_server.url}/v1#small") as model:
        yield model


@pytest.fixture
def model(qhali, opened: LanguageModel, model_server: ModelServer) -> LanguageModel:
    """The operator's yes; the citizen's is a box on the first page."""
    opened._breaker.succeeded()  # what an earlier test broke
    model_server.says(by_task(hearing=hearing(ADDED), **QUIET))
    qhali.parts.drafts.model = opened
    return opened


async def talk(browser: Browser, *answers: str, **agreed: str) -> None:
    """From the first page to the summary; `agreed` is what was ticked."""
    sayings = iter(answers or (SAID,))
    await browser.open("/")
    await browser.submit("consent-form", **agreed)
    while browser.has("#turn-form"):
        await browser.submit("turn-form", text=next(sayings, "no"))
    await browser.submit("identity-form", **IDENTITY)
