"""A real server with the live route alone, and clients as a browser would be."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from cvdemo.live import protocol
from cvdemo.live.endpoint import PATH, live_route
from cvdemo.live.house import House
from cvdemo.settings import LiveSettings
from cvdemo.types import Image

PATIENCE_S = 120.0


class Client:
    """One visitor's socket."""

    def __init__(self, inner: ClientConnection) -> None:
        self.inner = inner

    def receive(self, timeout: float = PATIENCE_S) -> dict[str, Any] | bytes:
        """The next message, text messages decoded."""
        message = self.inner.recv(timeout)
        return json.loads(message) if isinstance(message, str) else message

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The next text message of that type; what comes before is dropped."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            message = self.receive()
            if isinstance(message, dict) and message["type"] == kind:
                return message
        raise AssertionError(f"no message of type {kind}")

    def settings(self, **fields: Any) -> dict[str, Any]:
        """Send settings and wait until they hold."""
        self.inner.send(json.dumps({"type": "settings", **fields}))
        return self.wait_for("ready")

    def ask(self, jpeg: bytes, number: int = 1) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Send a frame and wait for its answer."""
        self.inner.send(protocol.write_frame(number, jpeg))
        while True:
            message = self.receive()
            if isinstance(message, bytes):
                return protocol.read_answer(message)
            assert message["type"] != "problem", message["text"]


class Server:
    """The route on a port of its own, in a thread."""

    def __init__(self, limits: LiveSettings) -> None:
        self.house = House(limits)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{probe.getsockname()[1]}"
        config = uvicorn.Config(
            Starlette(routes=[live_route(self.house)]),
            port=int(self.host.rpartition(":")[2]),
            log_level="warning",
            ws="websockets-sansio",
        )
        self.uvicorn = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.uvicorn.run, daemon=True)
        self.clients: list[ClientConnection] = []
        self.open = ExitStack()

    def start(self) -> None:
        self.thread.start()
        while not self.uvicorn.started:
            assert self.thread.is_alive()
            time.sleep(0.02)

    def join(self, origin: str | None = "", hello: bool = True) -> Client:
        """A new client; by default from the server's own page, and past the greeting."""
        origin = f"http://{self.host}" if origin == "" else origin
        address = f"ws://{self.host}{PATH}"
        inner = self.open.enter_context(
            connect(address, origin=origin, proxy=None, open_timeout=30, max_size=None, compression=None)
        )
        self.clients.append(inner)
        client = Client(inner)
        if hello:
            assert client.receive()["type"] == "hello"
        return client

    def wait_until(self, holds: Callable[[], bool], timeout: float = 30.0) -> None:
        end = time.monotonic() + timeout
        while not holds():
            assert time.monotonic() < end, "it did not come true in time"
            time.sleep(0.02)

    def stop(self) -> None:
        for client in self.clients:
            client.close_socket()
        self.open.close()
        self.uvicorn.should_exit = True
        self.thread.join(20)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start a server with these limits."""
    servers: list[Server] = []

    def start(**limits: Any) -> Server:
        server = Server(LiveSettings(**limits))
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def jpeg(bus: Image) -> bytes:
    """The street with the bus as a frame of 360 x 480."""
    return as_jpeg(bus.pixels)


def as_jpeg(pixels: Any, size: tuple[int, int] = (360, 480)) -> bytes:
    """Pixels as a baseline JPEG of that width and height."""
    from io import BytesIO

    from PIL import Image as PILImage

    stream = BytesIO()
    PILImage.fromarray(pixels).resize(size).save(stream, "JPEG", quality=85)
    return stream.getvalue()
