"""`ayni qhali evaluate`: cases in, figures out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from ayni.qhali.evaluation.cases import read_cases
from ayni.qhali.evaluation.interview import cold_start_ms, play
from ayni.qhali.evaluation.listening import Listening
from ayni.qhali.evaluation.predictions import as_json_line
from ayni.qhali.evaluation.report import lines
from ayni.qhali.evaluation.scores import score
from ayni.qhali.models import LanguageModel, ports_for

LOADING_SECONDS = 300
"""The libraries for a model load before the first case, and no longer than this."""


def evaluate(
    files: Iterable[Path],
    *,
    figures_file: Path | None,
    predictions_file: Path | None,
    with_errors: bool,
    model: LanguageModel | None = None,
) -> Iterator[str]:
    """Plays every case, writes the files that were asked for, and yields the report line by line.

    With a model it listens beside the rules, as for a citizen who agreed to it.
    """
    cases = read_cases(files)
    yield f"cold start: {cold_start_ms():.0f} ms"
    ports = ports_for(model, citizen_agrees=True)
    if model is not None:
        model.wait_until_ready(LOADING_SECONDS)
        ports = replace(ports, extractor=Listening(ports.extractor))
    predictions = [play(case, ports) for case in cases]
    figures = score(cases, predictions)
    if predictions_file is not None:
        predictions_file.write_bytes(b"".join(map(as_json_line, predictions)))
    listening = ports.extractor if isinstance(ports.extractor, Listening) else None
    if figures_file is not None:
        row = figures.as_json() | ({"model": listening.figures()} if listening else {})
        figures_file.write_bytes(msgspec.json.format(msgspec.json.encode(row), indent=2) + b"\n")
    yield from lines(figures, with_errors=with_errors)
    yield from listening.lines() if listening else ()
