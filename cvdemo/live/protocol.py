"""What travels over the socket. The browser's half is cvdemo/ui/components/live_view/link.js.

Browser to server
  binary  a frame: 4 bytes frame number (big-endian), then a JPEG
  text    JSON {"type": "settings", ...}: fields of Settings; what is left out keeps its value

Server to browser
  text    JSON with a "type":
            hello     a place is free, frames may come: limits
            queue     all places are taken: position in the queue, 1 is next
            loading   settings have arrived whose model has to be loaded
            ready     settings hold from the next frame on: what the answers' numbers mean
            problem   a sentence; with "frame", that frame gets no answer and the next one may come
  binary  an answer: 4 bytes length of the head (big-endian), the head as JSON, then the parts that the head's
          "parts" names with their lengths, in that order (PNG files: "mask", "maps")

One frame is in flight: the browser sends the next when the answer to the last one is there. A frame that comes before
that takes the place of the one that waits.

When the server closes, its code says why; see the CLOSE_ constants.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cvdemo.errors import UsageError

CLOSE_ORIGIN, CLOSE_FULL, CLOSE_IDLE, CLOSE_FLOOD, CLOSE_TOO_LARGE, CLOSE_SLOW = 4403, 4503, 4408, 4429, 4413, 4410
_NUMBER = struct.Struct(">I")
#: Longest text message in characters; settings need a few hundred.
MAX_TEXT = 8192
MAX_CHANNELS = 24
_MAX_CLASSES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a visitor has chosen.

    model: registered name. side: longest side of the network's input, 0 for the model's live default. score: lowest
    score shown, negative for the model's default. classes: class numbers shown, None for all. smooth: whether joints
    go through the One-Euro filter. cutoff, beta: its settings. track: whether things keep a number from frame to
    frame. layer: whose channels are sent along, empty for none. channels: how many of them. pick: changes when the
    channels are to be chosen anew.
    """

    model: str = ""
    side: int = 0
    score: float = -1.0
    classes: tuple[int, ...] | None = None
    smooth: bool = True
    cutoff: float = 1.5
    beta: float = 8.0
    track: bool = True
    layer: str = ""
    channels: int = 12
    pick: int = 0


def read_frame(message: bytes) -> tuple[int, bytes]:
    """Number and JPEG of a frame. Raises UsageError."""
    if len(message) <= _NUMBER.size:
        raise UsageError("This message is too short to be a frame; send its number and a JPEG.")
    return _NUMBER.unpack_from(message)[0], message[_NUMBER.size :]


def write_frame(number: int, jpeg: bytes) -> bytes:
    """A frame as a message."""
    return _NUMBER.pack(number) + jpeg


def read_settings(text: str, before: Settings) -> Settings:
    """The settings after a text message. Raises UsageError for what is none."""
    if len(text) > MAX_TEXT:
        raise UsageError(f"These settings are too long; send at most {MAX_TEXT} characters.")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("This message is not JSON; send settings as a JSON object.") from error
    if not isinstance(fields, dict) or fields.pop("type", None) != "settings":
        raise UsageError("This message is not known here; send one of type 'settings'.")
    checked = {name: _field(name, value) for name, value in fields.items()}
    return replace(before, **checked)


#: Range of each number.
_RANGES: Mapping[str, tuple[float, float]] = {
    "side": (0, 1024),
    "score": (-1, 1),
    "cutoff": (0.05, 30),
    "beta": (0, 100),
    "channels": (1, MAX_CHANNELS),
    "pick": (0, 2**31),
}


def _field(name: str, value: Any) -> Any:
    """One checked setting."""
    if name in ("smooth", "track") and isinstance(value, bool):
        return value
    if name in ("model", "layer") and isinstance(value, str) and len(value) <= 200:
        return value
    if name in _RANGES and isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = _RANGES[name]
        number = float(value)
        if low <= number <= high:
            return number if name in ("score", "cutoff", "beta") else int(number)
    if name == "classes" and (value is None or isinstance(value, list)):
        if value is None:
            return None
        if len(value) <= _MAX_CLASSES and all(type(item) is int and 0 <= item < _MAX_CLASSES for item in value):
            return tuple(value)
    raise UsageError(f"The setting '{name[:40]}' is unknown or out of its range; reload the page.")


def write_text(message: Mapping[str, Any]) -> str:
    """A text message."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False)


def write_answer(head: Mapping[str, Any], parts: Mapping[str, bytes]) -> bytes:
    """An answer as a message."""
    lengths = [[name, len(part)] for name, part in parts.items()]
    text = json.dumps({**head, "parts": lengths}, separators=(",", ":"), allow_nan=False).encode()
    return b"".join([_NUMBER.pack(len(text)), text, *parts.values()])


def read_answer(message: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Head and parts of an answer; what a client does."""
    length = _NUMBER.unpack_from(message)[0]
    at = _NUMBER.size + length
    head: dict[str, Any] = json.loads(message[_NUMBER.size : at])
    parts = {}
    for name, size in head.pop("parts"):
        parts[name] = message[at : at + size]
        at += size
    return head, parts
