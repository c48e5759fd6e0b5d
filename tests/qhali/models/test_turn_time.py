"""All questions to a model that one answer leads to share four seconds."""

import json

import pytest

from ayni.qhali.models import LanguageModel
from ayni.qhali.models.language_model import NoAnswer
from ayni.qhali.models.turn_time import LEAST_SECONDS, TURN_SECONDS, TurnTime
from tests.qhali.models.conftest import ModelServer


class Recorder:
    """Stands before a model and writes down how long it is given."""

    def __init__(self, model: LanguageModel) -> None:
        self.name, self._model = model.name, model
        self.given: list[float] = []

    def ask(self, schema: str, *, instructions: str, said: str, seconds: float) -> object:
        self.given.append(seconds)
        return self._model.ask(schema, instructions=instructions, said=said, seconds=30)


def test_what_one_question_takes_the_next_ones_lack(server: ModelServer, model: LanguageModel) -> None:
    server.says(json.dumps({"topic": "onset"}))
    recorder, now = Recorder(model), [100.0]
    turn = TurnTime(recorder, lambda: now[0])  # type: ignore[arg-type]

    def ask(after: float) -> None:
        now[0] += after
        turn.ask("FirstTopic", instructions="Name one.", said="{}", seconds=3.0)

    ask(0)
    ask(2.5)
    ask(TURN_SECONDS - 2.5 - 2 * LEAST_SECONDS)
    with pytest.raises(NoAnswer, match="late"):
        ask(2 * LEAST_SECONDS)
    turn.begin()
    ask(0)
    assert recorder.given == pytest.approx([3.0, 1.5, 2 * LEAST_SECONDS, 3.0])
    assert len(server.bodies) == 4
