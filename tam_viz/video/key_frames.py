"""Decoding only what is needed of a long film, from key frames on, and checking all of it.

The packets between are read and not decoded, so each has its number and nothing depends on how a
container seeks. Every frame that comes out is compared with the index: it must be of the packet
that the index has at its position. The first frames and the last ones are always decoded, for it is
there that decoders give fewer frames than there are packets.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from jaxtyping import Int
from PIL import Image

from tam_viz.video.frame_index import FrameIndex
from tam_viz.video.frames import Prepare
from tam_viz.video.opening import blame_memory, opened
from tam_viz.video.sequential import Film

_BEGINNING = 24
"""Frames at the beginning that are compared with the index; decoders keep back up to 16."""


_PATIENCE = 64
"""Packets within which a key frame must come out of the decoder."""


class DiffersError(Exception):
    """Decoding gives other frames than the index says."""


class EndsError(Exception):
    """Decoding ends before the last frame of the index.

    Attributes:
        frames: How many frames of the index there are.
        failed: Whether a packet could not be decoded.
    """

    def __init__(self, frames: int, *, failed: bool) -> None:
        super().__init__(f"ends after {frames} frames")
        self.frames, self.failed = frames, failed


@dataclass
class Stretch:
    """Part of a film that is decoded: from a key frame to the last frame that is needed.

    Attributes:
        packet: Number of the packet with the key frame.
        first: Index of its frame.
        last: Index of the last frame.
    """

    packet: int
    first: int
    last: int


def plan(index: FrameIndex, order: Int[np.ndarray, " n"], wanted: Collection[int]) -> list[Stretch]:
    """The stretches that hold the wanted frames, the beginning and the end.

    Args:
        index: Of the film.
        order: Numbers of its packets in the order of presentation.
        wanted: Indices of frames.
    """
    is_key = index.packets.key[order]
    is_key[0] = True
    keys = np.flatnonzero(is_key)
    ends = {*wanted, min(_BEGINNING, len(order)) - 1, len(order) - 1}
    stretches: list[Stretch] = []
    for last in sorted(ends):
        first = int(keys[np.searchsorted(keys, last, side="right") - 1])
        if stretches and first <= stretches[-1].last:
            stretches[-1].last = last
        else:
            stretches.append(Stretch(int(order[first]), first, last))
    stretches[0].packet = 0  # what comes before the first frame in the file goes along
    return stretches


def share(stretches: list[Stretch], frames: int) -> float:
    """The share of a film that the stretches cover."""
    return sum(s.last - s.first + 1 for s in stretches) / frames


def first_frames(
    path: Path, name: str, index: FrameIndex, order: Int[np.ndarray, " n"]
) -> Int[np.ndarray, " n"] | None:
    """The order of presentation without the frames at the beginning that decoding does not give.

    A recording may begin anywhere: what is predicted from pictures before it is not shown.

    Returns:
        The order; None if decoding gives frames in another one.

    Raises:
        MemoryError: The limit on memory was met.
    """
    position = np.full(len(index.packets.pts), -1)
    position[order] = np.arange(len(order))
    starts: list[int] = []
    with opened(path, name) as container:
        film = Film(container, index)
        for _, packet in chain(film.packets(), [(-1, None)]):
            try:
                starts += [int(position[number]) for number, _ in film.decode(packet)]
            except av.FFmpegError as error:
                blame_memory(error)
                if starts:
                    return None
            if len(starts) >= _BEGINNING:
                break
    if not starts or min(starts) < 0 or (np.diff(starts) <= 0).any():
        return None
    return np.concatenate([order[starts], order[starts[-1] + 1 :]])


class _Checked:
    """Takes frames as they come and holds them against the index."""

    def __init__(
        self, film: Film, order: Int[np.ndarray, " n"], wanted: Collection[int], prepare: Prepare
    ) -> None:
        self._film, self._order, self._wanted, self._prepare = film, order, wanted, prepare
        self.pictures: dict[int, Image.Image] = {}
        self.at = -1
        """Index of the frame that came last; -1 before the key frame."""

    def take(self, stretch: Stretch, frames: list[tuple[int, VideoFrame]]) -> bool:
        """Takes frames; True when the stretch is over.

        Raises:
            DiffersError: A frame is not the one that the index has at its position.
        """
        for number, frame in frames:
            if self.at < 0:
                if number != self._order[stretch.first]:
                    if stretch.first == 0:
                        raise DiffersError
                    continue  # shown before the key frame and predicted from what is not decoded
                if not frame.key_frame and stretch.first:
                    raise DiffersError
                self.at = stretch.first
            else:
                self.at += 1
            if self.at >= len(self._order) or number != self._order[self.at] or frame.is_corrupt:
                raise DiffersError
            if self.at in self._wanted:
                self.pictures[self.at] = self._prepare(self._film.picture(frame))
            if self.at == stretch.last and stretch.last < len(self._order) - 1:
                return True
        return False

    def up_to_here(self, *, failed: bool) -> dict[int, Image.Image]:
        """The wanted frames, if the last frame of the index has come.

        Raises:
            EndsError: It has not, and no more frames come.
        """
        if self.at != len(self._order) - 1:
            raise EndsError(self.at + 1, failed=failed)
        return self.pictures


def decode_stretches(
    path: Path,
    name: str,
    index: FrameIndex,
    order: Int[np.ndarray, " n"],
    stretches: list[Stretch],
    wanted: Collection[int],
    prepare: Prepare,
) -> dict[int, Image.Image]:
    """The wanted frames by their index.

    Raises:
        DiffersError: Decoding gives other frames than the index says.
        EndsError: It fails at a packet, or gives fewer frames at the end.
        MemoryError: The limit on memory was met.
    """
    with opened(path, name) as container:
        film = Film(container, index)
        checked = _Checked(film, order, wanted, prepare)
        waiting = list(stretches)
        now: Stretch | None = None
        for number, packet in film.packets():
            if waiting and number == waiting[0].packet:
                following = waiting.pop(0)
                if now is None:
                    now, checked.at = following, -1
                    film.restart()
                else:  # decoding goes on across the next key frame
                    now.last = following.last
            if now is None:
                continue
            frames = _frames(film, packet, now, checked.at)
            if frames is None:
                return checked.up_to_here(failed=True)
            if checked.take(now, frames):
                now = None
                if not waiting:
                    return checked.pictures
            elif checked.at < 0 and number - now.packet > _PATIENCE:
                raise DiffersError
        if now is not None:
            checked.take(now, _frames(film, None, now, checked.at) or [])
        if waiting or checked.at < 0:
            raise DiffersError
        return checked.up_to_here(failed=False)


def _frames(
    film: Film, packet: Packet[Stream] | None, stretch: Stretch, at: int
) -> list[tuple[int, VideoFrame]] | None:
    """What comes out of the decoder; None if it fails at a packet after the first frame."""
    try:
        return film.decode(packet)
    except av.FFmpegError as error:
        blame_memory(error)
        if at >= 0:
            return None
        if stretch.first == 0:
            return []  # before the first frame, as `first_frames` found
        raise DiffersError from error
