"""Who may stream: so many at a time, the next ones wait in order, the rest are told that there is no room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from cvdemo.errors import CvdemoError

#: Told its position in the queue (1 is next) whenever that changes.
OnPosition = Callable[[int], Awaitable[None]]


class FullError(CvdemoError):
    """All places are taken, and those to wait in too."""


class Lobby:
    """Places for users, and a queue for those who wait; all in one event loop."""

    def __init__(self, users: int, queue: int) -> None:
        self.users, self.queue = users, queue
        self.inside = 0
        self._waiting: list[asyncio.Event] = []
        self._admitted: set[asyncio.Event] = set()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @asynccontextmanager
    async def place(self, on_position: OnPosition) -> AsyncIterator[None]:
        """Hold a place within the block, after waiting for one. Raises FullError when even the queue is full."""
        await self._enter(on_position)
        try:
            yield
        finally:
            self.inside -= 1
            self._admit()

    async def _enter(self, on_position: OnPosition) -> None:
        if self.inside < self.users and not self._waiting:
            self.inside += 1
            return
        if len(self._waiting) >= self.queue:
            raise FullError("The live page is full at the moment; try again in a few minutes.")
        changed = asyncio.Event()
        self._waiting.append(changed)
        try:
            while changed not in self._admitted:
                await on_position(self._waiting.index(changed) + 1)
                await changed.wait()
                changed.clear()
        except BaseException:
            self._give_up(changed)
            raise
        self._admitted.discard(changed)

    def _give_up(self, changed: asyncio.Event) -> None:
        """Whoever leaves the queue, perhaps in the moment of being let in."""
        if changed in self._admitted:
            self._admitted.discard(changed)
            self.inside -= 1
        else:
            self._waiting.remove(changed)
        self._admit()

    def _admit(self) -> None:
        """Let in who fits, and tell the others that they have moved up."""
        while self._waiting and self.inside < self.users:
            first = self._waiting.pop(0)
            self._admitted.add(first)
            self.inside += 1
            first.set()
        for changed in self._waiting:
            changed.set()
