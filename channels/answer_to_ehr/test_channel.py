from pathlib import Path

import pytest

from ayni.engine.loading import load_channel
from ayni.engine.testing import Sample, run_sample, samples

HERE = Path(__file__).parent
CHANNEL = load_channel(HERE)


@pytest.mark.parametrize("sample", samples(HERE / "samples"), ids=str)
def test_every_sample_becomes_what_stands_beside_it(sample: Sample) -> None:
    run_sample(CHANNEL, sample)
