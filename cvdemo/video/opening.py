"""Bytes -> an open container: which formats and codecs are accepted, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cvdemo.errors import VideoError
from cvdemo.imaging.signatures import picture_format, what_is_it
from cvdemo.video.limits import FORMATS, LIMITS, Limits

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

#: A file, or its bytes.
Source = Path | bytes
#: FFmpeg's name of the codec. Rare ones are left out: each decoder is code that strangers' bytes reach.
CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mjpeg", "prores", "gif"})
_DAMAGED = "This video is damaged or cut short; export or download it again."


def container_of(head: bytes) -> str | None:
    """FFmpeg's name of the container that a file with this beginning is, None when it is none of the accepted."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip") and picture_format(head) is None:
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    return "gif" if head[:6] in (b"GIF87a", b"GIF89a") else None


def _stream_of(source: Source) -> tuple[IO[bytes], int]:
    """The source to read from, and its size in bytes. Raises VideoError."""
    if isinstance(source, bytes):
        return BytesIO(source), len(source)
    try:
        if not source.is_file():
            problem = "is not a regular file" if source.exists() else "does not exist"
            raise VideoError(f"This file {problem}; name a video file.")
        return source.open("rb"), source.stat().st_size
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"This file cannot be opened ({reason}); check its name and permissions.") from error


def _check(stream: IO[bytes], size: int, limits: Limits) -> str:
    """The container of a file within the limits, looked at without decoding. Raises VideoError."""
    if size == 0:
        raise VideoError("This file is empty; choose a video.")
    if size > limits.bytes:
        limit = limits.bytes // 2**20
        raise VideoError(f"This file has {size / 2**20:.1f} MB; choose a video of at most {limit} MB.")
    head = stream.read(1024)
    stream.seek(0)
    container = container_of(head)
    if container is None:
        raise VideoError(f"This is {_what(head)}, which is not read here; save it as {FORMATS} first.")
    return container


def _what(head: bytes) -> str:
    if picture_format(head):
        return "a picture"
    if head[4:8] == b"ftyp" or head[:4] == b"RIFF":
        return "a video of another kind"
    return what_is_it(head).replace("a picture file", "a video file")


@contextmanager
def opened(source: Source, limits: Limits = LIMITS) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A container and its first video stream. Whatever the decoder stumbles over becomes a VideoError.

    Only the named file is read: the container's demuxer is fixed beforehand, and neither it nor anything the file
    refers to may open an address or another file.
    """
    import av

    av.logging.set_level(av.logging.PANIC)  # FFmpeg's own lines on damaged files help nobody here
    stream, size = _stream_of(source)
    nothing_else = {"protocol_whitelist": "", "enable_drefs": "0"}
    try:
        with stream:
            name = _check(stream, size, limits)
            # Titles and the like are in any encoding.
            with av.open(stream, "r", format=name, options=nothing_else, metadata_errors="replace") as container:
                yield container, _picture_stream(container)
    except (av.error.FFmpegError, EOFError) as error:
        raise VideoError(_DAMAGED) from error
    except MemoryError as error:
        raise VideoError("This machine has too little memory for this video; scale it down.") from error


def _picture_stream(container: InputContainer) -> VideoStream:
    from cvdemo.settings import settings

    if not len(container.streams):  # an MP4 whose index, at its end, is missing
        raise VideoError(_DAMAGED)
    # A cover picture in a music file is a video stream with one frame.
    streams = [s for s in container.streams.video if not (s.disposition and "attached_pic" in str(s.disposition))]
    if not streams:
        raise VideoError(f"This file holds no moving picture; choose a video as {FORMATS}.")
    stream = streams[0]
    context = stream.codec_context
    if context is None or context.name not in CODECS:
        codec = context.name if context is not None else "unknown"
        raise VideoError(f"This video is coded in {codec}, which is not read here; export it as MP4 with H.264.")
    context.thread_count = settings().threads
    return stream
