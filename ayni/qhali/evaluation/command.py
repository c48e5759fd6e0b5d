"""`ayni qhali evaluate`: cases in, figures out."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ayni.qhali.evaluation.cases import read_cases
from ayni.qhali.evaluation.interview import cold_start_ms, play
from ayni.qhali.evaluation.predictions import as_json_line
from ayni.qhali.evaluation.report import lines
from ayni.qhali.evaluation.scores import score


def evaluate(
    files: Iterable[Path], *, figures_file: Path | None, predictions_file: Path | None, with_errors: bool
) -> Iterator[str]:
    """Plays every case, writes the files that were asked for, and yields the report line by line."""
    cases = read_cases(files)
    yield f"cold start: {cold_start_ms():.0f} ms"
    predictions = [play(case) for case in cases]
    figures = score(cases, predictions)
    if predictions_file is not None:
        predictions_file.write_bytes(b"".join(map(as_json_line, predictions)))
    if figures_file is not None:
        figures_file.write_bytes(
            msgspec.json.format(msgspec.json.encode(figures.as_json()), indent=2) + b"\n"
        )
    yield from lines(figures, with_errors=with_errors)
