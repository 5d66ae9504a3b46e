"""Fetch a file when the user asks for it: checked, all or nothing, with progress, and stopped at any moment.

Nothing here is called without a click. Without internet the answer is one sentence within CONNECT_SECONDS.
"""

from __future__ import annotations

import hashlib
import http.client
import queue
import shutil
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cvdemo.errors import CvdemoError, DownloadCancelledError, DownloadError
from cvdemo.weights import record_download

#: Seconds until a server that does not answer is given up, looking up its name included.
CONNECT_SECONDS = 5.0
#: Seconds without a byte after which a download has stalled.
STALL_SECONDS = 20.0
_CHUNK = 256 * 1024
#: (bytes so far, bytes in all or None when the server does not say)
Progress = Callable[[int, int | None], None]


def download(
    url: str,
    path: Path,
    sha256_prefix: str | None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Path:
    """Fetch url into path. The file appears there whole and checked, or not at all.

    sha256_prefix: first hex digits of the file's SHA-256, at least eight of them; None where nobody has published any:
    then the SHA-256 of what came is recorded, and the file is refused once it is another one. progress: called
    after every piece. cancel: set it to stop. Raises DownloadCancelledError then, and DownloadError with one sentence
    when the server cannot be reached, has no such file, sends too little or another file, or the disk is full.
    """
    if sha256_prefix is not None and len(sha256_prefix) < 8:
        raise ValueError("a file is checked against at least eight digits of its SHA-256")
    stop = cancel or threading.Event()
    response = _open(url, stop)
    with response:
        total = _length(response)
        partial = _place(path, total)
        try:
            digest = _receive(response, partial, total, url, progress or (lambda done, total: None), stop)
            if sha256_prefix is not None and not digest.startswith(sha256_prefix.lower()):
                raise DownloadError(
                    f"{_host(url)} sent another file than {path.name} (its SHA-256 differs), so it was thrown away; "
                    "try again later."
                )
            partial.chmod(0o644)
            partial.replace(path)
            if sha256_prefix is None:
                record_download(path, digest, url)
        finally:
            partial.unlink(missing_ok=True)
    return path


def _open(url: str, stop: threading.Event) -> Any:
    """The response, once its first bytes are there.

    In a thread, because looking up a name has no timeout of its own.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(f"'{url}' is not a web address; give one that begins with https://.")
    answer: queue.Queue[Any] = queue.Queue()
    given_up = threading.Event()

    def ask() -> None:
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "cvdemo", "Accept-Encoding": "identity"})
            response = urllib.request.urlopen(request, timeout=CONNECT_SECONDS)
        except (OSError, ValueError, http.client.HTTPException) as error:
            answer.put(error)
            return
        answer.put(response)
        if given_up.is_set():
            response.close()

    threading.Thread(target=ask, daemon=True).start()
    try:
        got = _wait(answer, stop)
    except DownloadCancelledError:
        given_up.set()
        raise
    if isinstance(got, TimeoutError):
        given_up.set()
    if isinstance(got, urllib.error.HTTPError):
        got.close()
        raise DownloadError(f"{_host(url)} does not hand the file out (error {got.code}); try again later.")
    if isinstance(got, Exception):
        raise DownloadError(f"{_host(url)} cannot be reached; check the internet connection and try again.") from got
    response_socket = getattr(getattr(getattr(got, "fp", None), "raw", None), "_sock", None)
    if response_socket is not None:
        response_socket.settimeout(STALL_SECONDS)
    return got


def _wait(answer: queue.Queue[Any], stop: threading.Event) -> Any:
    end = time.monotonic() + CONNECT_SECONDS
    while time.monotonic() < end:
        if stop.is_set():
            raise DownloadCancelledError("The download was stopped.")
        try:
            return answer.get(timeout=0.05)
        except queue.Empty:
            continue
    return TimeoutError()


def _length(response: Any) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def _place(path: Path, total: int | None) -> Path:
    """An empty file beside the path to write into."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if total is not None and shutil.disk_usage(path.parent).free < total + 2**20:
            raise DownloadError(f"{path.name} has {total / 1e6:.0f} MB, more than the disk has free; make room for it.")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            return Path(file.name)
    except OSError as error:
        raise DownloadError(f"The folder {path.parent.name} cannot be written to; allow it and try again.") from error


def _receive(
    response: Any, partial: Path, total: int | None, url: str, progress: Progress, stop: threading.Event
) -> str:
    """Write the body to partial. Returns its SHA-256."""
    digest, done = hashlib.sha256(), 0
    progress(0, total)
    with partial.open("wb") as file:
        while True:
            if stop.is_set():
                raise DownloadCancelledError("The download was stopped.")
            try:
                piece = response.read(_CHUNK)
            except (OSError, http.client.HTTPException) as error:
                raise DownloadError(f"{_host(url)} stopped sending in the middle of the file; try again.") from error
            if not piece:
                break
            try:
                file.write(piece)
            except OSError as error:
                raise DownloadError(f"The disk does not take the file ({error.strerror}); make room for it.") from error
            digest.update(piece)
            done += len(piece)
            progress(done, total)
    if total is not None and done < total:
        raise DownloadError(f"{_host(url)} stopped sending in the middle of the file; try again.")
    return digest.hexdigest()


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The server"


@dataclass(slots=True, eq=False)
class Job:
    """A download in the background. done, total: bytes so far and in all. error: one sentence when it failed; a stopped
    one has none. finished: whether it is over. seconds: since it began."""

    path: Path
    done: int = 0
    total: int | None = None
    error: str | None = None
    finished: bool = False
    began: float = field(default_factory=time.monotonic)
    _cancel: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Ask it to end; the file is then not there."""
        self._cancel.set()

    @property
    def speed(self) -> float | None:
        """Bytes a second so far; None while nobody can tell."""
        passed = time.monotonic() - self.began
        return self.done / passed if self.done and passed >= 1 else None

    @property
    def seconds_left(self) -> float | None:
        """At the speed so far; None while nobody can tell."""
        return (self.total - self.done) / self.speed if self.total and self.speed else None

    def _moved(self, done: int, total: int | None) -> None:
        self.done, self.total = done, total

    def _run(self, url: str, sha256_prefix: str | None) -> None:
        try:
            download(url, self.path, sha256_prefix, self._moved, self._cancel)
        except DownloadCancelledError:
            pass  # what the user asked for needs no sentence
        except CvdemoError as error:
            self.error = str(error)
        finally:
            self.finished = True


_jobs: dict[Path, Job] = {}
_guard = threading.Lock()


def start(url: str, path: Path, sha256_prefix: str | None) -> Job:
    """Begin a download in the background, or join the one that is fetching this file already."""
    with _guard:
        job = _jobs.get(path)
        if job is None or job.finished:
            job = _jobs[path] = Job(path)
            threading.Thread(target=job._run, args=(url, sha256_prefix), daemon=True).start()
        return job


def job_for(path: Path) -> Job | None:
    """The latest download of a file in this process, running or over."""
    return _jobs.get(path)
