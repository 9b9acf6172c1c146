"""Decoding from the first packet to the last: what it gives is the truth about a file."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Int
from PIL import Image

from tam_viz.video.frame_index import FrameIndex
from tam_viz.video.frames import Prepare
from tam_viz.video.opening import blame_memory, opened, packets
from tam_viz.video.pictures import Colours, display_matrix, picture

LOG = logging.getLogger(__name__)
_THREADS = min(4, os.cpu_count() or 1)
"""More would each hold frames of their own: 8K would not fit into the limit on memory."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """The result of decoding.

    Attributes:
        numbers: Of the packet that each frame came from, in the order in which frames came.
        pictures: Those that were wanted, by their index.
        failed: True if a packet could not be decoded; nothing after it was used.
    """

    numbers: Int[np.ndarray, " n"]
    pictures: dict[int, Image.Image]
    failed: bool


class Film:
    """The film of an open container, frame after frame."""

    def __init__(self, container: InputContainer, index: FrameIndex) -> None:
        stream = container.streams[index.stream]
        assert isinstance(stream, VideoStream)
        self._container, self._stream = container, stream
        self._decoder = stream.codec_context
        self._colours = Colours.stated(self._decoder)
        self._matrices: dict[int, np.ndarray | None] = {}
        self._decoder.copy_opaque = True  # each frame tells which packet it came from
        self._decoder.thread_type = "AUTO"
        self._decoder.thread_count = _THREADS

    def packets(self) -> Iterator[tuple[int, Packet[Stream]]]:
        """The packets with their numbers in the index."""
        for number, packet in enumerate(packets(self._container, self._stream)):
            # A list of its own: PyAV finds it by its address, and loses shared objects.
            packet.opaque = [number]
            yield number, packet

    def decode(self, packet: Packet[Stream] | None) -> list[tuple[int, VideoFrame]]:
        """Frames with the numbers of their packets; None gets those that are still inside."""
        frames = self._decoder.decode(packet)
        return [
            (frame.opaque[0] if isinstance(frame.opaque, list) else -1, frame) for frame in frames
        ]

    def restart(self) -> None:
        """Forgets what was decoded so far."""
        self._decoder.flush_buffers()

    def picture(self, frame: VideoFrame, size: tuple[int, int] | None = None) -> Image.Image:
        """A frame, upright and in RGB; scaled to a width and height first, if they are given.

        A frame whose side data are looked at holds them and they hold it, so it stays in memory
        until Python looks for cycles. One frame for each angle is looked at.
        """
        if frame.rotation not in self._matrices:
            self._matrices[frame.rotation] = display_matrix(frame)
        return picture(frame, self._colours, size, self._matrices[frame.rotation])


def decode_all(
    path: Path, name: str, index: FrameIndex, wanted: Collection[int], prepare: Prepare
) -> Decoded:
    """Decodes the whole film, or as far as it can be decoded.

    Packets before the first frame may fail: a recording may begin anywhere.

    Raises:
        MemoryError: The limit on memory was met.
    """
    numbers: list[int] = []
    pictures: dict[int, Image.Image] = {}

    def take(film: Film, frames: list[tuple[int, VideoFrame]]) -> None:
        for number, frame in frames:
            if len(numbers) in wanted:
                pictures[len(numbers)] = prepare(film.picture(frame))
            numbers.append(number)

    with opened(path, name) as container:
        film = Film(container, index)
        try:
            for _, packet in film.packets():
                try:
                    frames = film.decode(packet)
                except av.FFmpegError as error:
                    blame_memory(error)
                    if numbers:
                        raise
                    continue
                take(film, frames)
            take(film, film.decode(None))
        except av.FFmpegError as error:
            blame_memory(error)
            LOG.info("%s stops at frame %d (%s)", name, len(numbers), error)
            return Decoded(np.array(numbers, np.int64), pictures, failed=True)
    return Decoded(np.array(numbers, np.int64), pictures, failed=False)
