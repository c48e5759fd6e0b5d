from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a deadline would measure the neighbours of a core
settings.load_profile("unhurried")

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.hl7"))


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def sample(request) -> bytes:
    """Each message of the project's worked example, then an ADT^A08."""
    return request.param.read_bytes()


@pytest.fixture
def booked() -> bytes:
    return (Path(__file__).parent / "samples/siu_s12.hl7").read_bytes()


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 23, 9, 30, 15, tzinfo=timezone(timedelta(hours=-5)))
