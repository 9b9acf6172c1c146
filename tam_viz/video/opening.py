"""Opening a file with FFmpeg, and telling its film from covers and thumbnails."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from tam_viz.types import UserError
from tam_viz.video.containers import DEMUXERS, not_opened
from tam_viz.video.frames import MAX_PIXELS

FFMPEG = av.ffmpeg_version_info
READER = f"PyAV {av.__version__} (FFmpeg {FFMPEG})"
"""What reads videos, with its versions."""

_STILLS = (
    Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
)  # covers, thumbnails


@contextmanager
def opened(path: Path, name: str) -> Iterator[InputContainer]:
    """The container of a file, its text fields read in whatever encoding they are.

    Raises:
        UserError: FFmpeg cannot read it.
        MemoryError: The limit on memory was met.
    """
    try:
        allowed = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
        with av.open(str(path), metadata_errors="ignore", options=allowed) as container:
            yield container
    except (av.FFmpegError, OSError) as error:
        blame_memory(error)
        absurd = error.errno == errno.ENOMEM
        reason = "a size in it is absurd" if absurd else error.strerror or str(error)
        raise not_opened(path, name, reason) from error


def packets(container: InputContainer, *streams: VideoStream) -> Iterator[Packet[Stream]]:
    """The packets of some streams, or of all, in the order of the file; empty ones are left out."""
    try:
        for packet in container.demux(*streams):
            if packet.size:
                yield packet
    except IndexError:
        return  # PyAV, at the end of a file, does not find streams that appeared on the way


def blame_memory(error: av.FFmpegError | OSError) -> None:
    """Tells lack of memory, a limit of ours, from a fault of the file.

    It is asked where the error comes up, before anything is set free. FFmpeg speaks of a lack of
    memory in damaged files that state absurd sizes too, while most of the memory is free; some
    decoders call data invalid when what they lack is memory, while none is left; and a thread
    cannot be started where address space is reserved, however little of it is in use. (Some of
    it is free again by then.)

    Raises:
        MemoryError: FFmpeg failed for lack of memory.
    """
    reserved, used = _memory()
    no_thread = error.errno == errno.EAGAIN and reserved > 0.75
    if no_thread or (used > 0.25 and (error.errno == errno.ENOMEM or reserved > 0.9)):
        raise MemoryError from error


def _memory() -> tuple[float, float]:
    """Shares of the address space that may be used: reserved, and really in use.

    Where that cannot be told they are such that only FFmpeg's own word counts.
    """
    try:
        import resource  # noqa: PLC0415  # Unix only

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        reserved, used = Path("/proc/self/statm").read_text().split()[:2]
    except (ImportError, OSError):
        return 0.5, 0.5
    if limit <= 0:
        return 0.5, 0.5
    page = resource.getpagesize()
    return int(reserved) * page / limit, int(used) * page / limit


def films(container: InputContainer, name: str) -> list[VideoStream]:
    """The video streams that are no covers and that FFmpeg can decode.

    Raises:
        UserError: There are none, or their frames are too large.
    """
    if not container.streams.video:
        raise UserError(f"'{name}' has no video stream, only sound or data.")
    moving = [s for s in container.streams.video if not s.disposition & _STILLS]
    if not moving:
        raise UserError(f"'{name}' has no video stream, only a cover picture.")
    known = [stream for stream in moving if getattr(stream, "codec_context", None) is not None]
    if not known:
        raise UserError(
            f"'{name}' is in a video format that FFmpeg {FFMPEG} has no decoder for, or its "
            f"header is damaged."
        )
    small = [stream for stream in known if stream.width * stream.height <= MAX_PIXELS]
    if not small:
        raise UserError(
            f"'{name}' has frames of {known[0].width}×{known[0].height} pixels; "
            f"at most {MAX_PIXELS // 1_000_000} million pixels are decoded."
        )
    return small


def main_film(
    streams: Sequence[VideoStream], packets: Sequence[int], seconds: Sequence[float]
) -> int:
    """Picks the film among several video streams.

    One that moves before a still picture, the file's default before others, one that lasts before
    one that is over sooner than half of the longest, the largest picture, the first.

    Args:
        streams: The candidates.
        packets: How many packets each has.
        seconds: How long each lasts.
    """
    longest = max(seconds)

    def rank(i: int) -> tuple[bool, bool, bool, int, int]:
        stream = streams[i]
        return (
            packets[i] > 1,
            bool(stream.disposition & Disposition.default),
            2 * seconds[i] >= longest,
            stream.width * stream.height,
            -i,
        )

    return max(range(len(streams)), key=rank)
