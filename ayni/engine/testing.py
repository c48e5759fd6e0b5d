"""Trying a channel on its samples: what comes in beside what must become of it, as files a person reviews.

Beside `01-cough.in.json` stand the files of the same name that say what must become of it:

`.out.hl7`        what its destination gets; `.<partner>.out.hl7` where there are several destinations
`.error.txt`      it is refused: code and place, such as `103 SCH^1^6^1^1`
`.filtered.txt`   it is not for this channel: the reason
`.answer.hl7`     what its sender hears; compared only where such a file stands
`.response.hl7`   is given too: what the destination answers; `.<partner>.response.hl7`
`.handover.<channel>.hl7`  what of that goes on to another channel; `.<partner>.handover.<channel>.hl7`
"""

from pathlib import Path

from ayni.engine.channel import Channel
from ayni.engine.tooling.comparing import compared
from ayni.engine.tooling.outcome import outcome_of
from ayni.engine.tooling.sample import Sample, SampleError, samples_in

__all__ = ["Sample", "SampleError", "run_sample", "samples"]


def samples(folder: Path) -> list[Sample]:
    """The samples of a folder, by name; raises SampleError when there is none or one has no pair."""
    found = samples_in(folder)
    if not found:
        raise SampleError(f"{folder} holds no sample: put a pair such as 01-name.in.json, 01-name.out.hl7")
    for sample in found:
        if sample.mistake:
            raise SampleError(sample.mistake)
    return found


def run_sample(channel: Channel, sample: Sample) -> None:
    """Sends a sample through a channel; raises SampleError with every place that is not as expected."""
    if found := compared(sample, outcome_of(channel, sample)):
        raise SampleError("\n".join(["not as expected", *map(str, found)]))
