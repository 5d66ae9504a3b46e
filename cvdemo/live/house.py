"""What all visitors share: places, and the threads in which networks are loaded and run."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from cvdemo.live.lobby import Lobby
from cvdemo.live.pipeline import Pipeline
from cvdemo.live.protocol import Settings
from cvdemo.settings import LiveSettings, settings


class House:
    """Each visitor has one frame in work at most, and frames are taken in the order in which they came: so everybody
    gets the same number of answers. Loading has a thread of its own, for it takes seconds."""

    def __init__(self, limits: LiveSettings) -> None:
        self.limits = limits
        self.lobby = Lobby(limits.users, limits.queue)
        self._workers = ThreadPoolExecutor(limits.workers, "live")
        self._loader = ThreadPoolExecutor(1, "live-loader")

    async def load(self, wanted: Settings) -> Pipeline:
        """A pipeline for these settings. Raises what Pipeline raises."""
        return await asyncio.get_running_loop().run_in_executor(self._loader, Pipeline, wanted)

    async def answer(
        self, pipeline: Pipeline, number: int, jpeg: bytes, arrived: float
    ) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Head and parts of the answer to a frame. arrived: time.monotonic(). Raises ImageError."""

        def work() -> tuple[dict[str, Any], dict[str, bytes]]:
            waited_s = time.monotonic() - arrived
            head, parts = pipeline.answer(number, jpeg, arrived)
            head["ms"]["wait"] = round(waited_s * 1000, 1)
            return head, parts

        return await asyncio.get_running_loop().run_in_executor(self._workers, work)


@cache
def house() -> House:
    """The house of this process."""
    return House(settings().live)
