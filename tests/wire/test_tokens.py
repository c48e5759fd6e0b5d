import multiprocessing
import stat
from pathlib import Path

import pytest

from ayni.wire.tokens import UnusableSecret, is_bearer, read_or_create


def test_a_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "tokens" / "a-to-b"
    token = read_or_create(path)
    assert len(token) >= 43
    assert read_or_create(path) == token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["a-to-b"]


def test_two_files_hold_two_tokens(tmp_path: Path) -> None:
    assert read_or_create(tmp_path / "a") != read_or_create(tmp_path / "b")


@pytest.mark.parametrize("held", [b"", b"\n", b"short\n", b"contrase\xc3\xb1a-larga", b"\xff" * 40])
def test_a_file_that_protects_nothing_is_refused_by_name_and_kept(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "a-to-b"
    path.write_bytes(held)
    with pytest.raises(UnusableSecret, match="a-to-b"):
        read_or_create(path)
    assert path.read_bytes() == held


def test_a_token_that_a_person_wrote_is_taken_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "a-to-b"
    path.write_text("written-by-a-person\n", "ascii")
    assert read_or_create(path) == "written-by-a-person"


def _race(path: Path, start: object, found: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    found.put(read_or_create(path))  # type: ignore[attr-defined]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    start, found = context.Barrier(6), context.SimpleQueue()
    racers = [context.Process(target=_race, args=(tmp_path / "t" / "x", start, found)) for _ in range(6)]
    for racer in racers:
        racer.start()
    tokens = {found.get() for _ in racers}
    for racer in racers:
        racer.join()
    assert len(tokens) == 1


@pytest.mark.parametrize(
    ("given", "is_right"),
    [
        ("Bearer t", True),
        ("bearer t", True),
        ("Bearer x", False),
        ("Bearer", False),
        ("", False),
        ("t", False),
        ("Basic t", False),
        ("Bearer  t", False),
        ("Bearer ñ", False),
    ],
)
def test_only_the_token_itself_is_the_token(given: str, is_right: bool) -> None:
    assert is_bearer(given, "t") is is_right
