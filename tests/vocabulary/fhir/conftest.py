"""The official examples of FHIR R4, read once for all tests."""

import tarfile
from pathlib import Path

import pytest

ARCHIVE = Path(__file__).with_name("r4_examples.tar.xz")


@pytest.fixture(scope="session")
def r4_examples() -> dict[str, bytes]:
    """The JSON text of each official example by file name."""
    with tarfile.open(ARCHIVE) as archive:
        files = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: file.read() for name, file in files if file is not None}
