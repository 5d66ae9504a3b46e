"""Downloads against a server of our own that behaves well, badly, or not at all."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cvdemo import downloads
from cvdemo.downloads import download, job_for, start
from cvdemo.errors import DownloadCancelledError, DownloadError, WeightsError

BODY = bytes(range(256)) * 8192  # 2 MiB
PREFIX = hashlib.sha256(BODY).hexdigest()[:8]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.end_headers()
            return
        self.send_response(200)
        if self.path != "/unsized":
            self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.path == "/truncated":
            self.wfile.write(BODY[: len(BODY) // 2])
        elif self.path == "/slow":
            for i in range(0, len(BODY), 65536):
                self.wfile.write(BODY[i : i + 65536])
                time.sleep(0.1)
        elif self.path == "/stalled":
            self.wfile.write(BODY[:1000])
            time.sleep(3)
        else:
            self.wfile.write(BODY)

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client under test goes away, as it should
            super().handle()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested is this code, not a proxy that answers in a server's place."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()


def _nothing_left(folder: Path) -> bool:
    return not any(folder.rglob("*"))


@pytest.mark.parametrize("page", ["good", "moved", "unsized"])
def test_a_good_file_arrives_whole_with_progress(server: str, tmp_path: Path, page: str) -> None:
    steps: list[tuple[int, int | None]] = []
    path = download(f"{server}/{page}", tmp_path / "new" / "file.pth", PREFIX, lambda *step: steps.append(step))
    assert path.read_bytes() == BODY
    assert [p.name for p in path.parent.iterdir()] == ["file.pth"]
    assert steps[0][0] == 0
    assert steps[-1] == (len(BODY), None if page == "unsized" else len(BODY))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("page", "prefix", "sentence"),
    [
        ("truncated", PREFIX, "stopped sending in the middle of the file; try again."),
        ("good", "0" * 8, r"sent another file than file.pth \(its SHA-256 differs\)"),
        ("missing", PREFIX, r"does not hand the file out \(error 404\); try again later."),
    ],
)
def test_a_bad_answer_is_one_sentence_and_leaves_nothing(
    server: str, tmp_path: Path, page: str, prefix: str, sentence: str
) -> None:
    with pytest.raises(DownloadError, match=sentence):
        download(f"{server}/{page}", tmp_path / "file.pth", prefix)
    assert _nothing_left(tmp_path)


def test_a_failed_download_keeps_the_file_that_was_there(server: str, tmp_path: Path) -> None:
    path = tmp_path / "file.pth"
    path.write_bytes(b"older")
    with pytest.raises(DownloadError):
        download(f"{server}/truncated", path, PREFIX)
    assert path.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["file.pth"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://does-not-exist.invalid/x"])
def test_an_unreachable_server_is_one_sentence_within_seconds(tmp_path: Path, url: str) -> None:
    begin = time.monotonic()
    with pytest.raises(DownloadError, match=r"cannot be reached; check the internet connection and try again\.$"):
        download(url, tmp_path / "file.pth", PREFIX)
    assert time.monotonic() - begin < downloads.CONNECT_SECONDS + 1
    assert _nothing_left(tmp_path)


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "CONNECT_SECONDS", 0.6)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = time.monotonic()
        with pytest.raises(DownloadError, match="cannot be reached"):
            download(f"http://127.0.0.1:{silent.getsockname()[1]}/x", tmp_path / "file.pth", PREFIX)
        assert time.monotonic() - begin < 1.5


def test_a_name_that_takes_forever_to_look_up_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: time.sleep(2) or [])
    begin = time.monotonic()
    with pytest.raises(DownloadError, match=r"example\.org cannot be reached"):
        download("http://example.org/x", tmp_path / "file.pth", PREFIX)
    assert time.monotonic() - begin < 1.5


def test_a_stalled_server_is_given_up(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "STALL_SECONDS", 0.5)
    begin = time.monotonic()
    with pytest.raises(DownloadError, match="stopped sending"):
        download(f"{server}/stalled", tmp_path / "file.pth", PREFIX)
    assert time.monotonic() - begin < 2.5
    assert _nothing_left(tmp_path)


def test_only_the_web_is_asked(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="is not a web address"):
        download("file:///etc/hostname", tmp_path / "file.pth", PREFIX)


def test_too_short_a_checksum_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="eight digits"):
        download("http://127.0.0.1:9/x", tmp_path / "file.pth", "ab")


def test_a_full_disk_is_named_before_a_byte_is_written(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with pytest.raises(DownloadError, match="has 2 MB, more than the disk has free"):
        download(f"{server}/good", tmp_path / "file.pth", PREFIX)
    assert _nothing_left(tmp_path)


def test_cancelling_stops_it_at_once_and_leaves_nothing(server: str, tmp_path: Path) -> None:
    stop = threading.Event()

    def watch(done: int, total: int | None) -> None:
        if done:
            stop.set()

    begin = time.monotonic()
    with pytest.raises(DownloadCancelledError):
        download(f"{server}/slow", tmp_path / "file.pth", PREFIX, watch, stop)
    assert time.monotonic() - begin < 2
    assert _nothing_left(tmp_path)


def _finish(job: downloads.Job) -> None:
    end = time.monotonic() + 20
    while not job.finished and time.monotonic() < end:
        time.sleep(0.02)
    assert job.finished


def test_two_sessions_share_one_download(server: str, tmp_path: Path) -> None:
    path = tmp_path / "file.pth"
    first = start(f"{server}/slow", path, PREFIX)
    assert start(f"{server}/slow", path, PREFIX) is first
    assert job_for(path) is first
    _finish(first)
    assert first.error is None
    assert (first.done, first.total) == (len(BODY), len(BODY))
    assert path.read_bytes() == BODY


def test_a_job_that_failed_says_why_and_can_begin_again(server: str, tmp_path: Path) -> None:
    path = tmp_path / "file.pth"
    job = start(f"{server}/missing", path, PREFIX)
    _finish(job)
    assert "error 404" in (job.error or "")
    again = start(f"{server}/good", path, PREFIX)
    assert again is not job
    _finish(again)
    assert path.exists()


def test_a_stopped_job_has_no_error(server: str, tmp_path: Path) -> None:
    job = start(f"{server}/slow", tmp_path / "file.pth", PREFIX)
    while not job.done:
        time.sleep(0.01)
    job.stop()
    _finish(job)
    assert job.error is None
    assert _nothing_left(tmp_path)


def test_a_file_without_a_published_checksum_is_recorded_and_refused_once_it_changes(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from cvdemo import weights
    from cvdemo.registry import yolo_spec
    from cvdemo.settings import settings

    here = replace(settings(), weights_dir=tmp_path)
    monkeypatch.setattr(weights, "settings", lambda: here)
    path = download(f"{server}/good", tmp_path / "yolo11n.pt", None)
    spec = yolo_spec("yolo11n.pt", tmp_path)
    assert weights.verified_path(spec, pinned=False) == path
    path.write_bytes(BODY[:-1] + b"x")
    with pytest.raises(WeightsError, match="not the file that was fetched"):
        weights.verified_path(spec, pinned=False)
    (tmp_path / weights.RECORD).write_text("{")
    with pytest.raises(WeightsError, match="cannot be read"):
        weights.verified_path(spec, pinned=False)
