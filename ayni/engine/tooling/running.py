"""Running the samples of a deployment's channels, and making what came of them what is expected."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from ayni.engine.channel import Channel
from ayni.engine.errors import ChannelError
from ayni.engine.loading import load_channel, takes_messages
from ayni.engine.tooling.comparing import compared
from ayni.engine.tooling.difference import FileDifference
from ayni.engine.tooling.outcome import outcome_of
from ayni.engine.tooling.reach import Reach
from ayni.engine.tooling.sample import Sample, SampleError, samples_in
from ayni.engine.tooling.time_limit import SAMPLE_SECONDS, at_most
from ayni.wire.failure import CannotStart

SAMPLES = "samples"
NO_SAMPLES = "no samples: put a pair such as 01-name.in.json, 01-name.out.hl7 into its folder samples"

Progress = Callable[[str, int, int], None]
"""Hears the channel, how many of its samples ran, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One sample that ran. `error` says what kept it from running to its end."""

    sample: str
    differences: tuple[FileDifference, ...] = ()
    error: str = ""
    is_updated: bool = False

    @property
    def is_as_expected(self) -> bool:
        """Whether what came of it is what stands beside it."""
        return not (self.differences or self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One channel on its samples. `error` says why none ran; `unreached` are lines no sample reaches."""

    channel: str
    tried: tuple[Tried, ...] = ()
    unreached: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0

    @property
    def is_as_expected(self) -> bool:
        """Whether every sample is, and there is one."""
        return not self.error and all(each.is_as_expected for each in self.tried)


def try_channel(
    folder: Path,
    *,
    update: bool = False,
    seconds_max: float = SAMPLE_SECONDS,
    progress: Progress = lambda *_: None,
) -> Trial:
    """Runs every sample of one channel's folder, each for `seconds_max` at most.

    With `update`, what came becomes what is expected. Call from the main thread.
    """
    started = time.perf_counter()
    try:
        channel = load_channel(folder)
    except ChannelError as error:
        told = ChannelError(error.finding, error.channel, error.hint, path=str(folder))
        return Trial(channel=folder.name, error=str(told))
    except CannotStart as error:
        return Trial(channel=folder.name, error=str(error))
    found, reach, tried = samples_in(folder / SAMPLES), Reach(folder), list[Tried]()
    for number, sample in enumerate(found, start=1):
        with reach.watched():
            tried.append(_try_sample(channel, sample, update=update, seconds_max=seconds_max))
        progress(folder.name, number, len(found))
    return Trial(
        channel=folder.name,
        tried=tuple(tried),
        unreached=reach.unreached(),
        error=NO_SAMPLES if takes_messages(channel) and not found else "",
        seconds=round(time.perf_counter() - started, 3),
    )


def folders_in(folder: Path, names: Collection[str] = ()) -> list[Path]:
    """The channels' folders in a folder: those of these names, or all. A channel's own folder means itself.

    Raises ChannelError for a name that is not there.
    """
    if (folder / "channel.py").is_file():
        folder, names = folder.resolve().parent, [folder.resolve().name]
    found = {path.parent.name: path.parent for path in sorted(folder.glob("*/channel.py"))}
    for name in names:
        if name not in found:
            raise ChannelError("no-channel", name, f"{folder} holds {', '.join(found) or 'no channels'}")
    return [found[name] for name in (names or found)]


def _try_sample(channel: Channel, sample: Sample, *, update: bool, seconds_max: float) -> Tried:
    if sample.mistake and not (update and sample.given):
        return Tried(sample=sample.name, error=sample.mistake)
    try:
        with at_most(seconds_max):
            outcome = outcome_of(channel, sample)
    except SampleError as error:
        return Tried(sample=sample.name, error=str(error))
    differences = compared(sample, outcome)
    if not update:
        return Tried(sample=sample.name, differences=differences)
    for each in differences:
        sample.update(each.slot, outcome.get(each.slot))
    return Tried(sample=sample.name, is_updated=bool(differences))
