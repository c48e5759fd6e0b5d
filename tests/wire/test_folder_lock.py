import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ayni.wire.folder_lock import FolderTaken, FolderUnusable, hold, holder

HOLD = """
import sys, time
from pathlib import Path
from ayni.wire.folder_lock import hold

with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_folder_is_one_process_s_and_the_next_one_is_told_whose(tmp_path: Path) -> None:
    with hold(tmp_path):
        assert holder(tmp_path) == str(os.getpid())
        line = f"the data folder {tmp_path} is in use by process {os.getpid()}: .* another AYNI_VAR"
        with pytest.raises(FolderTaken, match=line), hold(tmp_path):
            pass
        assert holder(tmp_path) == str(os.getpid())
    assert holder(tmp_path) is None


def test_a_process_that_is_killed_gives_its_folder_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert holder(tmp_path) == str(process.pid)
        process.kill()
    with hold(tmp_path):
        assert holder(tmp_path) == str(os.getpid())


def test_only_the_owner_can_look_into_a_folder_that_was_made(tmp_path: Path) -> None:
    with hold(tmp_path / "var" / "qhali"):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var").rglob("*")}
    assert modes == {"qhali": 0o700, "lock": 0o600}


@pytest.mark.parametrize("below", ["", "qhali"])
def test_what_is_no_folder_is_said_in_one_line(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(FolderUnusable, match=r"cannot use the data folder .*/file.*: choose another AYNI_VAR"),
        hold(tmp_path / "file" / below),
    ):
        pass
    assert holder(tmp_path / "file" / below) is None


def test_what_fails_inside_is_not_the_folder_s_fault(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError), hold(tmp_path):
        raise ConnectionError
