"""Where videos lie while they are needed: one folder a job, gone afterwards, also after a crash."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from cvdemo.errors import VideoError

_LOCK = "in-use"


class Workspace:
    """A folder of this process inside root. What processes that are no more left in root is removed first.

    A process holds a lock on a file in its folder; whose lock can be had is no more.
    """

    def __init__(self, root: Path) -> None:
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if hasattr(os, "getuid") and root.lstat().st_uid != os.getuid():
                raise VideoError(f"'{root}' belongs to somebody else; set TMPDIR to a folder of your own.")
            # Locked before it can be seen: another process that starts just now must not take it for left behind.
            self._starting = _lock(root / "starting", wait=True)
            try:
                _remove_leftovers(root)
                self.folder = Path(tempfile.mkdtemp(prefix="process-", dir=root))
                self._held = _lock(self.folder / _LOCK)
            finally:
                _unlock(self._starting)
        except OSError as error:
            reason = error.strerror or error
            raise VideoError(f"'{root}' cannot be written to ({reason}); set TMPDIR to another folder.") from error

    def job(self) -> Path:
        """A new empty folder that nobody else has."""
        try:
            return Path(tempfile.mkdtemp(prefix="job-", dir=self.folder))
        except OSError as error:
            reason = error.strerror or error
            raise VideoError(f"There is no room for another video here ({reason}); try again later.") from error

    def close(self) -> None:
        """Remove the folder with all jobs in it."""
        _unlock(self._held)
        shutil.rmtree(self.folder, ignore_errors=True)


def _remove_leftovers(root: Path) -> None:
    for folder in root.glob("process-*"):
        try:
            held = _lock(folder / _LOCK)
        except OSError:
            continue  # its process lives
        _unlock(held)
        shutil.rmtree(folder, ignore_errors=True)


def _lock(path: Path, wait: bool = False) -> IO[bytes]:
    """Open a file with a lock that ends with the process. Raises OSError when somebody else holds it."""
    stream = path.open("ab")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        stream.close()
        raise
    return stream


def _unlock(stream: IO[bytes]) -> None:
    with suppress(OSError):
        stream.close()


@cache
def workspace() -> Workspace:
    """The workspace of this process, removed when it ends."""
    user = os.getuid() if hasattr(os, "getuid") else ""
    mine = Workspace(Path(tempfile.gettempdir()) / f"cvdemo-video-{user}".rstrip("-"))
    atexit.register(mine.close)
    return mine
