"""One question to one server, down the ladder: native schema, then validated JSON, then one repair.

Imported only when a model is used: pydantic-ai and the protocols' clients take seconds to load.
"""

import logging
from typing import Any, TypeVar

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput
from pydantic_ai.exceptions import ModelHTTPError, UnexpectedModelBehavior, UserError
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputSpec
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from ayni.qhali.models.address import ANTHROPIC, ModelAddress
from ayni.qhali.models.bounded import bounded_client

TOKENS_MAX = 1500
"""Thirty facts with their quotes fit in."""

SCHEMA_REFUSED = (400, 422, 501)
"""How servers say that they know no `json_schema` (llama.cpp: 400 for some schemas)."""

NO_KEY = "none"
"""Servers on this machine ask for no key; the clients insist on one."""

_OWN_OPENAI = "api.openai.com"
_TALKATIVE = ("openai", "anthropic", "httpx2", "httpcore2", "pydantic_ai")

Answer = TypeVar("Answer", bound=BaseModel)


class Ladder:
    """One server. Raises what the clients raise; the caller turns that into one word."""

    def __init__(self, address: ModelAddress, *, key: str, seconds: float) -> None:
        for name in _TALKATIVE:  # what they write below a warning, another version of theirs decides
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = bounded_client(seconds)
        self._model = _model(address, key or NO_KEY, self._http)
        self._knows_schema = True

    async def answer(self, schema: type[Answer], instructions: str, said: str) -> Answer:
        """The server's answer in the shape of the schema."""
        refused = False
        if self._knows_schema:
            try:
                return await self._run(NativeOutput(schema, strict=True), 0, instructions, said)
            except ModelHTTPError as error:
                refused = error.status_code in SCHEMA_REFUSED
                if not refused:
                    raise
            except UserError:
                refused = True
            except UnexpectedModelBehavior:
                pass  # it promised the schema and did not keep to it
        answer = await self._run(PromptedOutput(schema), 1, instructions, said)
        self._knows_schema = self._knows_schema and not refused
        return answer

    async def _run(self, output: OutputSpec[Answer], repairs: int, instructions: str, said: str) -> Answer:
        agent = Agent(
            self._model,
            output_type=output,
            instructions=instructions,
            retries={"output": repairs},
            model_settings=ModelSettings(max_tokens=TOKENS_MAX, temperature=0.0),
        )
        return (await agent.run(said)).output

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


def _model(address: ModelAddress, key: str, http: Any) -> Model:
    """No client tries again by itself: the time is short, and the ladder decides."""
    if address.protocol == ANTHROPIC:
        claude = AsyncAnthropic(base_url=address.url, api_key=key, max_retries=0, http_client=http)
        return AnthropicModel(address.model, provider=AnthropicProvider(anthropic_client=claude))
    client = AsyncOpenAI(base_url=address.url, api_key=key, max_retries=0, http_client=http)
    profile = OpenAIModelProfile(
        supports_json_schema_output=True,
        supports_json_object_output=True,
        openai_chat_supports_max_completion_tokens=_OWN_OPENAI in address.url,
    )
    return OpenAIChatModel(address.model, provider=OpenAIProvider(openai_client=client), profile=profile)
