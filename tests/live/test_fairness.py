"""Pages and streams share the networks: a page waits for one live forward pass at most, and starves no stream."""

from __future__ import annotations

import threading
import time

import numpy as np

from cvdemo.engine import Engine
from cvdemo.imaging import image_from_pixels
from cvdemo.registry import REGISTRY
from cvdemo.settings import Settings, settings
from cvdemo.types import Image

SPEC = REGISTRY.get("nanodet")


def _picture(seed: int) -> Image:
    return image_from_pixels(np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8))


class _Streams:
    """Threads that send frames through a network without a break."""

    def __init__(self, engine: Engine, count: int) -> None:
        self.done, self._stop = [0] * count, threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(engine, i), daemon=True) for i in range(count)]

    def _run(self, engine: Engine, index: int) -> None:
        frame = _picture(index)
        while not self._stop.is_set():
            engine.forward_once(SPEC, frame)
            self.done[index] += 1

    def __enter__(self) -> _Streams:
        for thread in self._threads:
            thread.start()
        while min(self.done) < 1:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


def _engine() -> Engine:
    return Engine(Settings(device="cpu", threads=1, cache_dir=settings().cache_dir))


def test_a_page_waits_for_one_live_forward_at_most() -> None:
    engine = _engine()
    engine.forward(SPEC, _picture(100))
    with _Streams(engine, 4):
        for seed in range(101, 107):
            before = engine.forward_count
            engine.forward(SPEC, _picture(seed))
            # The page's own pass, and the live one that was running when it asked. One more may have been counted
            # before the page had begun to ask.
            assert engine.forward_count - before <= 3


def test_pages_starve_no_stream() -> None:
    engine = _engine()
    engine.forward(SPEC, _picture(0))
    stop = threading.Event()

    def browse(seed: int) -> None:
        while not stop.is_set():
            seed += 10
            engine.forward(SPEC, _picture(seed))

    pages = [threading.Thread(target=browse, args=(seed,), daemon=True) for seed in range(1000, 1003)]
    with _Streams(engine, 1) as streams:
        for page in pages:
            page.start()
        before, end = streams.done[0], time.monotonic() + 60
        while streams.done[0] < before + 3 and time.monotonic() < end:
            time.sleep(0.05)
        stop.set()
        assert streams.done[0] >= before + 3
    for page in pages:
        page.join(60)
