from pathlib import Path

import pytest

from ayni.engine.loading import load_channel
from ayni.engine.testing import Sample, run_sample, samples

HERE = Path(__file__).parent
CHANNEL = load_channel(HERE)


@pytest.mark.parametrize("sample", samples(HERE / "samples"), ids=str)
def test_every_sample_becomes_what_stands_beside_it(sample: Sample) -> None:
    run_sample(CHANNEL, sample)


def test_the_answer_of_the_record_travels_on_to_the_citizen() -> None:
    received = (HERE / "samples" / "01-cough-18-days.response.hl7").read_bytes()
    handover = CHANNEL.destinations[0].handover(received)
    assert handover is not None
    assert (handover.channel, handover.content) == ("state_to_qhali", received)


def test_a_plain_acknowledgement_goes_no_further() -> None:
    received = (HERE / "samples" / "01-cough-18-days.response.hl7").read_bytes()
    assert CHANNEL.destinations[0].handover(received.replace(b"SRR^S01^SRR_S01", b"ACK^S01^ACK")) is None
