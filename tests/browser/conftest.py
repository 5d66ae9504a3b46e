"""The app as a visitor meets it: a server process of its own and headless Chromium."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from PIL import Image as PilImage

from tests.conftest import CHROMIUM, need

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
#: Runs in the server before anything else: writes down every address that it connects or sends to, or asks a name of.
WATCH = """
import os, sys
_EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}
def _watch(event, args):
    if event in _EVENTS:
        where = args[_EVENTS[event]]
        host = where[0] if isinstance(where, tuple) else where
        with open(os.environ["CVDEMO_WATCH"], "a") as file:
            file.write(f"{event} {host!r}\\n")
sys.addaudithook(_watch)
with open(os.environ["CVDEMO_WATCH"], "a") as file:
    file.write("watching '127.0.0.1'\\n")
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running app. contacts: where its process wrote down whom it talked to."""

    url: str
    contacts: Path

    def outside(self) -> list[str]:
        """Contacts that were not with this machine."""
        home = ("'127.", "'::1'", "'localhost'", "None", "'0.0.0.0'", "'::'", "''", "'/", "b'/")
        lines = self.contacts.read_text().splitlines() if self.contacts.exists() else []
        return [line for line in lines if not line.split(" ", 1)[1].startswith(home)]


@dataclass(slots=True)
class Visit:
    """A browser tab. requests: addresses it asked for. errors: what its console complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def outside(self) -> list[str]:
        """Requests that left this machine."""
        parts = [urlparse(url) for url in self.requests]
        away = [part for part in parts if part.hostname not in ("localhost", "127.0.0.1")]
        return [part.geturl() for part in away if part.scheme in ("http", "https", "ws", "wss")]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a free port, started as the README says."""
    need(CHROMIUM.exists(), "chromium")
    folder = tmp_path_factory.mktemp("server")
    (folder / "sitecustomize.py").write_text(WATCH)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "PYTHONPATH": str(folder), "CVDEMO_WATCH": str(folder / "contacts")}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://localhost:{port}"
        _wait_until_it_answers(f"{url}/_stcore/health", process)
        yield Server(url, folder / "contacts")
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert process.poll() is None, "the server stopped"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail("the server did not answer within two minutes")


@pytest.fixture(scope="module")  # a thread holds one Playwright at a time, and other modules start their own
def browser() -> Iterator[Any]:
    """Headless Chromium from the system."""
    need(CHROMIUM.exists(), "chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def visit(server: Server, browser: Any) -> Iterator[Callable[..., Visit]]:
    """Open a path of the app in a tab of its own."""
    contexts = []

    def open_it(path: str, width: int = 1440, height: int = 900) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, permissions=["camera"])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(240_000)
        tab = Visit(page)
        page.on("request", lambda request: tab.requests.append(request.url))
        page.on("websocket", lambda websocket: tab.requests.append(websocket.url))
        page.on("pageerror", lambda error: tab.errors.append(str(error)))
        page.goto(f"{server.url}/{path}")
        return tab

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG of people and a bus that is none of the samples: mirrored, 600 x 800."""
    from cvdemo.samples import SAMPLES

    file = next(sample for sample in SAMPLES if sample.name == "street").file
    assert file is not None
    picture = PilImage.open(file).convert("RGB").transpose(PilImage.Transpose.FLIP_LEFT_RIGHT).resize((600, 800))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    path = tmp_path_factory.mktemp("photo") / "my street.jpg"
    path.write_bytes(stream.getvalue())
    return path
