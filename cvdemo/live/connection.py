"""One visitor's socket: what arrives is sorted at once, one frame is worked on, and the newest one waits.

Reading never stops while a frame is worked on, so a flood fills no queue: a newer frame replaces the one that waits.
Sending is awaited with a time limit, so a visitor who does not read makes nothing grow.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from cvdemo.errors import CvdemoError, UsageError
from cvdemo.live import protocol
from cvdemo.live.allowance import Allowance
from cvdemo.live.house import House
from cvdemo.live.lobby import FullError
from cvdemo.live.pipeline import Pipeline
from cvdemo.live.protocol import Settings

#: Seconds that an answer may take to leave.
SEND_S = 15.0
_TEXT_RATE = 20
#: Unforeseen failures in a row after which a stream ends.
_MOST_FAILURES = 5
_log = logging.getLogger("cvdemo")


class Goodbye(Exception):  # noqa: N818 - an end, not an error
    """Close with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Connection:
    """Serves a socket that has been accepted."""

    def __init__(self, socket: WebSocket, house: House) -> None:
        self._socket, self._house, self._limits = socket, house, house.limits
        self._allowance = Allowance(self._limits.rate, 20 * self._limits.rate)
        self._texts = Allowance(_TEXT_RATE, 20 * _TEXT_RATE)
        self._wanted = Settings()
        self._pipeline: Pipeline | None = None
        self._frame: tuple[int, bytes, float] | None = None
        self._news = asyncio.Event()
        self._replaced = self._failures = 0
        self._sending = asyncio.Lock()

    @property
    def waiting(self) -> int | None:
        """Number of the one frame that waits; None where none does."""
        return None if self._frame is None else self._frame[0]

    async def run(self) -> None:
        """Until either side ends it."""
        tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._serve())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Goodbye):
                await self._close(end)
            elif isinstance(end, Exception) and not isinstance(end, WebSocketDisconnect):
                _log.error("a live connection failed", exc_info=end)
                await self._close(Goodbye(1011, "Something went wrong on our side; start again."))

    async def _read(self) -> None:
        """Sort what arrives, as fast as it comes."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data, text = message.get("bytes"), message.get("text")
            if data is not None:
                self._take_frame(data)
            elif text is not None:
                await self._take_text(text)
            if self._allowance.flood or self._texts.flood:
                raise Goodbye(protocol.CLOSE_FLOOD, "Too many messages came from this page; reload it.")

    def _take_frame(self, data: bytes) -> None:
        if len(data) > self._limits.frame_kb * 1024:
            raise Goodbye(protocol.CLOSE_TOO_LARGE, f"A frame may have {self._limits.frame_kb} kB at most.")
        now = time.monotonic()
        if not self._allowance.take(now):
            self._replaced += 1
            return
        try:
            number, jpeg = protocol.read_frame(data)
        except UsageError:
            self._replaced += 1
            return
        self._replaced += self._frame is not None
        self._frame = (number, jpeg, now)
        self._news.set()

    async def _take_text(self, text: str) -> None:
        if not self._texts.take(time.monotonic()):
            return
        try:
            self._wanted = protocol.read_settings(text, self._wanted)
        except UsageError as error:
            await self._tell({"type": "problem", "text": str(error)})
            return
        self._news.set()

    async def _serve(self) -> None:
        """Wait for a place, then answer frame after frame."""
        try:
            async with self._house.lobby.place(self._tell_position):
                await self._tell(self._hello())
                while True:
                    await self._wait_for_news()
                    await self._keep_up_with_settings()
                    await self._answer_newest()
        except FullError as error:
            raise Goodbye(protocol.CLOSE_FULL, str(error)) from error

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(self._limits.idle_s):
                await self._news.wait()
        except TimeoutError as error:
            raise Goodbye(protocol.CLOSE_IDLE, "No picture came for a while; start the camera again.") from error
        self._news.clear()

    async def _keep_up_with_settings(self) -> None:
        """Load what is wanted, and what has been wanted meanwhile; the last wish counts."""
        while self._pipeline is None or self._pipeline.settings != self._wanted:
            wanted, now = self._wanted, self._pipeline
            if now is not None and now.serves(wanted):
                now.settings = wanted
                await self._tell(now.ready())
                continue
            await self._tell({"type": "loading", "model": wanted.model})
            try:
                self._pipeline = await self._house.load(wanted)
            except CvdemoError as error:
                if now is None and wanted == Settings():  # nothing to go on with
                    raise Goodbye(1011, str(error)) from error
                await self._tell({"type": "problem", "text": str(error)})
                if self._wanted == wanted:
                    self._wanted = now.settings if now else Settings()
                continue
            await self._tell(self._pipeline.ready())

    async def _answer_newest(self) -> None:
        if self._frame is None or self._pipeline is None:
            return
        (number, jpeg, arrived), self._frame = self._frame, None
        try:
            head, parts = await self._house.answer(self._pipeline, number, jpeg, arrived)
        except CvdemoError as error:
            await self._tell({"type": "problem", "text": str(error), "frame": number})
            return
        except Exception as error:  # whatever a picture does to a network must not end the stream
            self._failures += 1
            if self._failures > _MOST_FAILURES:
                raise
            _log.error("a live frame failed", exc_info=error)
            text = "This picture could not be worked on; the next one may."
            await self._tell({"type": "problem", "text": text, "frame": number})
            return
        self._failures = 0
        head |= {"replaced": self._replaced, "users": self._house.lobby.inside}
        await self._send(protocol.write_answer(head, parts))

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "frameBytes": self._limits.frame_kb * 1024,
            "users": self._house.lobby.inside,
        }

    async def _tell_position(self, position: int) -> None:
        await self._tell({"type": "queue", "position": position, "users": self._limits.users})

    async def _tell(self, message: dict[str, Any]) -> None:
        await self._send(protocol.write_text(message))

    async def _send(self, message: str | bytes) -> None:
        try:
            async with self._sending, asyncio.timeout(SEND_S):
                if isinstance(message, bytes):
                    await self._socket.send_bytes(message)
                else:
                    await self._socket.send_text(message)
        except RuntimeError as error:  # Starlette's word for a socket that is closed already
            raise WebSocketDisconnect from error
        except TimeoutError as error:
            raise Goodbye(protocol.CLOSE_SLOW, "Answers did not get through; the network is too slow.") from error

    async def _close(self, end: Goodbye) -> None:
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(2):
                await self._socket.close(end.code, end.reason[:120])
