"""What was tried and found, as lines for a person and as data for a program."""

from collections.abc import Iterator, Sequence
from typing import Any

from ayni.engine.tooling.running import Trial, Tried

UNREACHED_SHOWN_MAX = 8


def lines_of(trial: Trial) -> Iterator[str]:
    """One channel: a line for it, and below it what is not as expected."""
    mark = "ok    " if trial.is_as_expected else "DIFFERS"
    yield f"{mark:<7}  {trial.channel}  {_counted(trial)}"
    if trial.error:
        yield f"    {trial.error}"
    for tried in trial.tried:
        yield from (f"    {line}" for line in _what_differs(tried))
    if trial.unreached:
        shown = ", ".join(trial.unreached[:UNREACHED_SHOWN_MAX])
        more = len(trial.unreached) - UNREACHED_SHOWN_MAX
        yield f"    no sample reaches {shown}{f' and {more} more' if more > 0 else ''}"


def summary_of(trials: Sequence[Trial], seconds: float) -> str:
    """The last line: how many samples, how many of them are not as expected."""
    tried = [each for trial in trials for each in trial.tried]
    differing = sum(not each.is_as_expected for each in tried)
    unusable = sum(bool(trial.error) for trial in trials)
    said = f"{_plural(len(tried), 'sample')} of {_plural(len(trials), 'channel')} in {seconds:.1f} s"
    wrong = [f"{_plural(differing, 'sample')} not as expected"] if differing else []
    wrong += [f"{_plural(unusable, 'channel')} not tried"] if unusable else []
    updated = sum(each.is_updated for each in tried)
    done = [f"{_plural(updated, 'sample')} updated: read what changed before you keep it"] if updated else []
    return " · ".join([said, *(wrong or ["all as expected"]), *done])


def as_data(trials: Sequence[Trial], seconds: float) -> dict[str, Any]:
    """The same for a program."""
    tried = [each for trial in trials for each in trial.tried]
    return {
        "samples": len(tried),
        "differing": sum(not each.is_as_expected for each in tried),
        "seconds": round(seconds, 3),
        "channels": [_trial_as_data(trial) for trial in trials],
    }


def _trial_as_data(trial: Trial) -> dict[str, Any]:
    return {
        "channel": trial.channel,
        "as_expected": trial.is_as_expected,
        "error": trial.error,
        "unreached": list(trial.unreached),
        "samples": [
            {
                "sample": each.sample,
                "as_expected": each.is_as_expected,
                "error": each.error,
                "updated": each.is_updated,
                "files": each.differences,
            }
            for each in trial.tried
        ],
    }


def _counted(trial: Trial) -> str:
    return f"{_plural(len(trial.tried), 'sample')}"


def _what_differs(tried: Tried) -> Iterator[str]:
    if tried.error:
        yield tried.error
    for difference in tried.differences:
        yield from str(difference).splitlines()


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
