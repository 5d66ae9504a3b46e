"""The live page measured: answers a second, round trip, memory over time, and how several visitors share a server.

    python -m benchmarks.live [--tasks NAME ...] [--seconds 20] [--minutes 30] [--clients 8]

The server runs as `streamlit run app.py` does, and a headless Chromium whose camera plays a film of a real photo visits
its page, both on this machine. Results a second and the round trip (from taking a frame to drawing its answer) are what
the page itself shows; CPU is what the server's process spends on one answer, the figure that means something on a busy
machine. Memory is the server's resident set while the browser streams MoveNet Lightning; --minutes 0 leaves it out, as
--clients 0 does the shares. The exit status is 1 where a limit is broken: 20 results a second for the pose (Lightning),
10 for the detection (CenterNet), a median round trip of 120 ms, memory within 5 % of what it was after the first
minute, and shares within 20 % without an error.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fake_camera import film_frames, flags, write_film
from cvdemo.live import protocol
from cvdemo.live.endpoint import PATH

_ROOT = Path(__file__).parents[1]
_CHROMIUM = "/usr/bin/chromium"
#: task as the page names it -> (its first network, least answers a second or None where there is no limit).
_TASKS: dict[str, tuple[str, float | None]] = {
    "Pose": ("movenet-lightning", 20.0),
    "Detect": ("centernet", 10.0),
    "Segment": ("unet-clothing", None),
    "Classify": ("efficientnet-lite0", None),
}
_ROUND_TRIP_MS, _GROWTH, _UNFAIR = 120.0, 0.05, 0.20
_WARM_UP_S, _LOOK_S = 5.0, 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """A figure. kept: whether its limit is, None where there is none."""

    text: str
    kept: bool | None = None


def main() -> int:
    """Print the figures as they come; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="*", default=list(_TASKS), choices=list(_TASKS))
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each task and the shares are measured")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long memory is watched")
    parser.add_argument("--clients", type=int, default=8, help="visitors at a time when shares are measured")
    options = parser.parse_args()
    with _serving(max(options.clients, 8)) as (address, process):
        lines = [*_browser_lines(address, process, options)]
        if options.clients:
            lines += _report(_shares(address, options.clients, options.seconds))
    return int(any(line.kept is False for line in lines))


def _browser_lines(address: str, process: subprocess.Popen[bytes], options: argparse.Namespace) -> Iterator[Line]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        film = write_film(Path(folder) / "film.mjpeg")
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=flags(film))
        page = browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["camera"]).new_page()
        page.set_default_timeout(180_000)
        page.goto(f"{address}/live")
        page.get_by_role("button", name="Start the camera").click()
        page.locator('.root[data-state="running"]').wait_for()
        for task in options.tasks:
            yield from _report([_pace(page, process.pid, task, options.seconds)])
        if options.minutes:
            yield from _report([_memory(page, process, options.minutes)])
        browser.close()


def _report(lines: list[Line]) -> list[Line]:
    for line in lines:
        verdict = {True: "  within its limit", False: "  BEYOND ITS LIMIT", None: ""}[line.kept]
        print(f"{line.text}{verdict}", flush=True)
    return lines


def _pace(page: Any, server: int, task: str, seconds: float) -> Line:
    """Answers a second and the round trip of a task, as the page shows them."""
    network, least = _TASKS[task]
    _choose(page, task)
    first, began, cpu, trips = _answers(page), time.monotonic(), _cpu_s(server), []
    while time.monotonic() - began < seconds:
        time.sleep(_LOOK_S)
        trips.append(float(page.locator(".trip").inner_text()))
    count = _answers(page) - first
    rate, each = count / (time.monotonic() - began), 1000 * (_cpu_s(server) - cpu) / max(count, 1)
    trip = statistics.median(trips)
    split = " · ".join(page.locator(".parts span").all_inner_texts())
    kept = None if least is None else rate >= least and trip <= _ROUND_TRIP_MS
    return Line(
        f"{task:9}{network:20}{rate:6.1f} results/s{trip:7.0f} ms round trip{each:7.0f} ms CPU   ({split})", kept
    )


def _choose(page: Any, task: str) -> None:
    """Go over to a task and wait until its answers flow."""
    page.get_by_role("radio", name=task, exact=True).click()
    time.sleep(1)
    page.locator('.root[data-state="running"]').wait_for()
    goal, end = _answers(page) + 3, time.monotonic() + 120
    while _answers(page) < goal and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(_WARM_UP_S)


def _answers(page: Any) -> int:
    return int(page.locator(".root[data-state]").get_attribute("data-answers") or 0)


def _memory(page: Any, process: subprocess.Popen[bytes], minutes: float) -> Line:
    """The server's resident set after a minute of streaming and at the end."""
    _choose(page, "Pose")
    began, first = time.monotonic(), 0.0
    while (left := began + 60 * minutes - time.monotonic()) > 0:
        time.sleep(min(left, 5))
        if not first and time.monotonic() - began >= min(60.0, 30 * minutes):
            first = _resident_mb(process.pid)
    last = _resident_mb(process.pid)
    growth = last / first - 1
    after = f"{first:.0f} MB after {min(1.0, minutes / 2):.2g} min, {last:.0f} MB after {minutes:g} min ({growth:+.1%})"
    return Line(f"Memory of the server: {after}", growth <= _GROWTH)


def _cpu_s(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    for row in Path(f"/proc/{pid}/status").read_text().splitlines():
        if row.startswith("VmRSS:"):
            return int(row.split()[1]) / 1024
    raise SystemExit("The server has ended.")


def _shares(address: str, clients: int, seconds: float) -> list[Line]:
    """Several visitors with the same wishes, each as fast as it is answered."""
    frames, counts, errors = film_frames(), [0] * clients, []
    ready, stop = threading.Barrier(clients + 1), threading.Event()

    def stream(index: int) -> None:
        try:
            with _visitor(address) as inner:
                ready.wait(180)
                while not stop.is_set():
                    inner.send(protocol.write_frame(counts[index], frames[counts[index] % len(frames)]))
                    if isinstance(inner.recv(60), bytes):
                        counts[index] += 1
        except Exception as error:  # any of them is a result of the measurement
            errors.append(f"{type(error).__name__}: {error}")
            ready.abort()

    threads = [threading.Thread(target=stream, args=(i,), daemon=True) for i in range(clients)]
    for thread in threads:
        thread.start()
    try:
        ready.wait(180)
        time.sleep(seconds)
    except threading.BrokenBarrierError:
        pass
    stop.set()
    for thread in threads:
        thread.join(90)
    mean = statistics.mean(counts) or 1
    apart = max(abs(count / mean - 1) for count in counts)
    rates = ", ".join(f"{count / seconds:.1f}" for count in counts)
    text = (
        f"{clients} clients of movenet-lightning: {rates} results/s each; {apart:.0%} from equal, {len(errors)} errors"
    )
    return [Line(text, apart <= _UNFAIR and not errors), *(Line(error) for error in errors[:3])]


@contextmanager
def _visitor(address: str) -> Iterator[Any]:
    """A socket past greeting and settings."""
    from websockets.sync.client import connect
    from websockets.typing import Origin

    url = address.replace("http", "ws", 1) + PATH
    with connect(url, origin=Origin(address), proxy=None, max_size=None, compression=None) as inner:
        inner.send(json.dumps({"type": "settings", "model": "movenet-lightning"}))
        while True:
            message = inner.recv(180)
            if isinstance(message, str) and json.loads(message)["type"] == "ready":
                break
        yield inner


@contextmanager
def _serving(users: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    environ = {**os.environ, "CVDEMO_LIVE_USERS": str(users)}
    process = subprocess.Popen(command, cwd=_ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        for _ in range(240):
            if process.poll() is not None:
                raise SystemExit("The server ended at once; try `streamlit run app.py` to see why.")
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.5)
        yield address, process
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    raise SystemExit(main())
