"""The socket against visitors of every kind; whatever one of them does, the others are served."""

from __future__ import annotations

import asyncio
import json
import random
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cvdemo.live import connection, protocol
from cvdemo.live.house import House
from cvdemo.settings import LiveSettings
from tests.live.conftest import Client, Server

Serve = Callable[..., Server]
FAST = {"model": "efficientnet-lite0", "smooth": False}


def _closed_with(client: Client) -> int:
    """The code with which the server closes, whatever it still says before."""
    try:
        while True:
            client.receive()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def test_frames_are_answered_and_settings_change_without_a_new_connection(serve: Serve, jpeg: bytes) -> None:
    client = serve().join()
    ready = client.settings(model="centernet")
    assert (ready["task"], ready["side"], ready["trained"]) == ("detect", 384, 512)
    head, _ = client.ask(jpeg, 7)
    assert head["frame"] == 7
    assert {ready["classes"][item[5]] for item in head["items"]} == {"person", "bus"}
    assert {"wait", "network"} <= set(head["ms"])
    client.settings(classes=[5])
    head, _ = client.ask(jpeg, 8)
    assert {item[5] for item in head["items"]} == {5}
    assert client.settings(**FAST)["task"] == "classify"
    assert client.ask(jpeg, 9)[0]["items"][0][1]


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
def test_other_pages_are_refused(serve: Serve, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        serve().join(origin=origin)
    assert refused.value.response.status_code == 403


def test_an_allowed_origin_may_stream(serve: Serve) -> None:
    serve(origins=("https://demo.example.org",)).join(origin="https://demo.example.org")


def test_a_wish_that_cannot_be_met_is_explained_and_the_stream_goes_on(serve: Serve, jpeg: bytes) -> None:
    client = serve().join()
    client.settings(**FAST)
    client.inner.send(json.dumps({"type": "settings", "model": "yolo99"}))
    assert "yolo99" in client.wait_for("problem")["text"]
    assert client.ask(jpeg)[0]["task"] == "classify"


def _bad_frames(jpeg: bytes) -> dict[str, bytes]:
    giant = bytearray(jpeg)
    at = giant.index(b"\xff\xc0")
    giant[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    return {
        "truncated": jpeg[: len(jpeg) // 2],
        "head only": jpeg[:30],
        "giant": bytes(giant),
        "noise": random.Random(1).randbytes(2000),
        "noise behind a JPEG's first bytes": b"\xff\xd8\xff" + random.Random(2).randbytes(2000),
        "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "one byte": b"\xff",
    }


def test_bad_frames_never_end_a_stream(serve: Serve, jpeg: bytes) -> None:
    client = serve().join()
    client.settings(**FAST)
    for number, (kind, bad) in enumerate(_bad_frames(jpeg).items(), 1):
        client.inner.send(protocol.write_frame(number, bad))
        problem = client.wait_for("problem")
        assert problem["frame"] == number, kind
        assert problem["text"].endswith("."), kind
        assert client.ask(jpeg, 100 + number)[0]["frame"] == 100 + number, kind


def test_random_messages_never_end_a_stream(serve: Serve, jpeg: bytes) -> None:
    client = serve(rate=10_000).join()
    client.settings(**FAST)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.binary(max_size=300), st.text(max_size=100).filter(lambda t: t.isprintable())))
    def send(message: bytes | str) -> None:
        client.inner.send(message)

    send()
    while True:  # answers to the last of the random frames may still come
        client.inner.send(protocol.write_frame(2**31, jpeg))
        message = client.receive()
        if isinstance(message, bytes) and protocol.read_answer(message)[0]["frame"] == 2**31:
            return


def test_a_message_too_large_ends_that_stream_only(serve: Serve, jpeg: bytes) -> None:
    server = serve(frame_kb=64)
    good, bad = server.join(), server.join()
    good.settings(**FAST)
    bad.inner.send(bytes(65 * 1024))
    assert _closed_with(bad) == protocol.CLOSE_TOO_LARGE
    assert good.ask(jpeg)[0]["items"]


def test_a_flood_is_cut_off_while_others_are_served(serve: Serve, jpeg: bytes) -> None:
    server = serve(rate=30)
    good, bad = server.join(), server.join()
    good.settings(**FAST)
    answered: list[int] = []

    def flood() -> None:
        try:
            for number in range(100_000):
                bad.inner.send(protocol.write_frame(number, b"\xff\xd8\xff" + bytes(1000)))
        except ConnectionClosed:
            pass

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    for number in range(5):
        answered.append(good.ask(jpeg, number)[0]["frame"])
    assert answered == list(range(5))
    assert _closed_with(bad) == protocol.CLOSE_FLOOD
    thread.join(30)
    server.wait_until(lambda: server.house.lobby.inside == 1)


def test_the_newest_frame_counts_and_no_backlog_builds_up(serve: Serve, jpeg: bytes) -> None:
    client = serve().join()
    client.settings(**FAST)
    for number in range(1, 31):
        client.inner.send(protocol.write_frame(number, jpeg))
    frames = []
    while not frames or frames[-1]["frame"] != 30:
        message = client.receive()
        assert isinstance(message, bytes)
        frames.append(protocol.read_answer(message)[0])
    assert len(frames) < 30
    assert frames[-1]["replaced"] == 30 - len(frames)
    assert [f["frame"] for f in frames] == sorted(f["frame"] for f in frames)


def test_who_sends_nothing_gives_up_the_place(serve: Serve) -> None:
    server = serve(idle_s=1)
    client = server.join()
    assert _closed_with(client) == protocol.CLOSE_IDLE
    server.wait_until(lambda: server.house.lobby.inside == 0)


def test_places_queue_and_refusal(serve: Serve, jpeg: bytes) -> None:
    server = serve(users=1, queue=1)
    first = server.join()
    first.settings(**FAST)
    second = server.join(hello=False)
    assert second.receive() == {"type": "queue", "position": 1, "users": 1}
    third = server.join(hello=False)
    assert _closed_with(third) == protocol.CLOSE_FULL
    second.inner.send(protocol.write_frame(1, jpeg))  # too early: not answered before there is a place
    first.inner.close()
    assert second.wait_for("hello")["users"] == 1
    second.settings(**FAST)
    assert second.ask(jpeg, 2)[0]["items"]


def test_a_visitor_who_vanishes_is_forgotten(serve: Serve, jpeg: bytes) -> None:
    server = serve()
    client = server.join()
    client.settings(**FAST)
    client.inner.send(protocol.write_frame(1, jpeg))
    client.inner.close_socket()  # no goodbye, as when a laptop is shut
    server.wait_until(lambda: server.house.lobby.inside == 0)


def test_visitors_get_equal_shares(serve: Serve, jpeg: bytes) -> None:
    server, counts = serve(), [0] * 4
    clients = [server.join() for _ in counts]
    for client in clients:
        client.settings(**FAST)
    enough = threading.Event()

    def stream(index: int) -> None:
        while not enough.is_set():
            clients[index].ask(jpeg, counts[index])
            counts[index] += 1
            if counts[index] >= 15:
                enough.set()

    threads = [threading.Thread(target=stream, args=(i,), daemon=True) for i in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert min(counts) >= 0.8 * max(counts), counts


def test_nothing_grows_for_who_does_not_read(jpeg: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an answer does not get through, one frame waits at most; then the stream ends and its place is free."""
    monkeypatch.setattr(connection, "SEND_S", 0.5)
    house = House(LiveSettings(rate=10_000))
    sent: list[dict[str, Any]] = []

    async def scene() -> int:
        arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        stuck = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            if message.get("bytes") is not None:
                stuck.set()
                await asyncio.Event().wait()
            sent.append(message)

        websocket = WebSocket({"type": "websocket", "headers": []}, arriving.get, send)
        arriving.put_nowait({"type": "websocket.connect"})
        await websocket.accept()
        visitor = connection.Connection(websocket, house)
        running = asyncio.ensure_future(visitor.run())
        text = json.dumps({"type": "settings", **FAST})
        arriving.put_nowait({"type": "websocket.receive", "text": text})
        arriving.put_nowait({"type": "websocket.receive", "bytes": protocol.write_frame(0, jpeg)})
        await stuck.wait()
        for number in range(1, 500):
            arriving.put_nowait({"type": "websocket.receive", "bytes": protocol.write_frame(number, jpeg)})
        await asyncio.sleep(0.2)
        assert arriving.empty()
        waiting = visitor.waiting
        await running
        return waiting

    assert asyncio.run(scene()) == 499
    assert sent[-1]["type"] == "websocket.close"
    assert sent[-1]["code"] == protocol.CLOSE_SLOW
    assert house.lobby.inside == 0
