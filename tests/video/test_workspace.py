"""Temporary files: everybody's own, and gone afterwards, also after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cvdemo.errors import VideoError
from cvdemo.video.workspace import Workspace

LIVES = """
import sys, time
from pathlib import Path
from cvdemo.video.workspace import Workspace
place = Workspace(Path(sys.argv[1]))
(place.job() / "film.mp4").write_bytes(b"half written")
print(place.folder, flush=True)
time.sleep(60)
"""


def test_jobs_have_folders_of_their_own_and_go_with_the_workspace(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    jobs = {place.job() for _ in range(5)}
    assert len(jobs) == 5
    if os.name == "posix":
        assert all(job.stat().st_mode & 0o077 == 0 for job in jobs)
    place.close()
    assert not place.folder.exists()


def test_a_living_neighbour_is_left_alone(tmp_path: Path) -> None:
    first, second = Workspace(tmp_path), Workspace(tmp_path)
    assert first.folder != second.folder
    assert first.folder.is_dir()
    second.close()
    first.close()


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LIVES, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        try:
            Workspace(tmp_path).close()
            assert any(left.glob("job-*/film.mp4"))  # it lives: nothing is taken from it
        finally:
            process.send_signal(signal.SIGKILL)
    assert left.exists()
    Workspace(tmp_path).close()
    assert not left.exists()


def test_a_folder_without_a_lock_is_left_behind_too(tmp_path: Path) -> None:
    (tmp_path / "process-old" / "job-1").mkdir(parents=True)
    (tmp_path / "of somebody else").mkdir()
    Workspace(tmp_path).close()
    assert not (tmp_path / "process-old").exists()
    assert (tmp_path / "of somebody else").exists()


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VideoError, match="set TMPDIR to another folder"):
        Workspace(tmp_path / "file" / "deeper")
