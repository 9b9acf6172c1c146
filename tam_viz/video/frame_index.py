"""The truth about a file: which pictures its packets hold, in which order they are shown.

It is made from the packets alone, without decoding: their presentation times, the lead-in that an
edit list hides, pictures that are decoded but never shown. Decoding then confirms or corrects it
(`key_frames`) or replaces it (`sequential`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from jaxtyping import Float, Int

from tam_viz.types import UserError
from tam_viz.video.edit_list import unplayed_edit
from tam_viz.video.opening import blame_memory, films, main_film, opened, packets
from tam_viz.video.packets import PacketList, Packets

LOG = logging.getLogger(__name__)
_PROMISING = ("matroska", "avi", "flv", "asf")
"""Containers whose header states how long the longest stream is; others list frames or state
nothing, and FFmpeg estimates."""

_NO_TIMESTAMPS = 0x80
"""FFmpeg's flag (AVFMT_NOTIMESTAMPS) of formats that hold pictures and no times."""

_JUMP_S = 1.0
"""Decoding times further apart than this are of two clocks, or of a picture that stands long;
the order of frames is the same whichever it is."""

_LONGEST_S = 7 * 24 * 3600.0
_LONGEST_STEP_S = 10.0
"""A nominal pace that is slower is an error of the header."""

_TOLERANCE_S, _TOLERANCE = 0.5, 0.05


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """The frames of a film as its packets describe them.

    Attributes:
        stream: Number of its stream in the container.
        width: Of its frames in pixels, as stored.
        height: The same.
        pixel_ratio: Width of a pixel over its height, as a player shows it.
        time_base: Seconds of a tick of its clock.
        packets: Those of the film, in the order of decoding.
        promised_s: Length that the header of the container states; 0 for none, or an absurd one.
        cut_off: True if packets are missing that the container promises.
        step_s: Nominal time from one frame to the next.
        has_clock: False for bare streams that say neither when a frame is shown nor how many
            there are in a second; FFmpeg assumes a rate then.
    """

    stream: int
    width: int
    height: int
    pixel_ratio: Fraction
    time_base: Fraction
    packets: Packets
    promised_s: float
    cut_off: bool
    step_s: float
    has_clock: bool = True

    @cached_property
    def shown(self) -> Int[np.ndarray, " n"]:
        """Numbers of the packets whose picture is shown, in the order of decoding."""
        return np.flatnonzero(self.packets.shown)

    @cached_property
    def order(self) -> Int[np.ndarray, " n"] | None:
        """The same in the order of presentation; None if the packets do not tell it."""
        pts = self.packets.pts[self.shown] - self._set_anew()
        if self.packets.packed or np.isnan(pts).any() or len(np.unique(pts)) < len(pts):
            return None
        return self.shown[np.argsort(pts)]

    def _set_anew(self) -> Float[np.ndarray, " n"]:
        """By how many ticks the clock was set anew before each shown packet, all in all."""
        dts = self.packets.dts[self.shown]
        steps = np.diff(dts, prepend=dts[:1])
        usual = self.step_s / float(self.time_base)
        jumps = np.where(np.abs(steps) * float(self.time_base) > _JUMP_S, steps - usual, 0.0)
        shift: np.ndarray = np.cumsum(jumps)
        return shift

    def clock(self, numbers: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Presentation times in seconds of frames by the packets that they came from.

        NaN where there is none: frames then follow each other at the nominal pace. So do all
        frames of MPEG-4 with packed B-frames, and all where one came from an unknown packet.
        """
        if self.packets.packed or (numbers < 0).any():
            return np.full(len(numbers), np.nan)
        times = self.packets.pts[numbers]
        if np.isnan(times).all():
            times = np.sort(self.packets.dts[numbers])
        seconds: np.ndarray = times * float(self.time_base)
        return seconds

    def durations(self, numbers: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Durations in seconds that packets state; 0 where they do not."""
        seconds: np.ndarray = self.packets.durations[numbers] * float(self.time_base)
        return seconds


def frame_index(path: Path, name: str) -> FrameIndex:
    """Reads all packets of a file, decoding none.

    Raises:
        UserError: The file cannot be opened, holds no film, or is edited in a way that FFmpeg
            does not play.
        MemoryError: The limit on memory was met.
    """
    with opened(path, name) as container:
        streams = films(container, name)
        lists = {stream.index: PacketList(stream.codec_context.name) for stream in streams}
        begin, end, broken = _read(container, lists, name)
        tables = [lists[stream.index].table() for stream in streams]
        seconds = [t.span * float(s.time_base or 0) for t, s in zip(tables, streams, strict=True)]
        best = main_film(streams, [len(table.pts) for table in tables], seconds)
        stream, table = streams[best], tables[best]
        _require_played(path, name, container, stream)
        promised = _promised(container)
        stated = container.format.name.startswith(_PROMISING) and end >= begin
        lacking = promised - max(end, end - begin) if stated else 0.0
        return FrameIndex(
            stream=stream.index,
            width=stream.width,
            height=stream.height,
            pixel_ratio=stream.sample_aspect_ratio or Fraction(1),
            time_base=stream.time_base or Fraction(1, 1000),
            packets=table,
            promised_s=promised,
            cut_off=broken
            or _fewer_than_listed(container, stream, len(table.pts))
            or lacking > max(_TOLERANCE_S, _TOLERANCE * promised),
            step_s=_step(stream, table),
            has_clock=_has_clock(container, stream),
        )


def _require_played(path: Path, name: str, container: InputContainer, stream: VideoStream) -> None:
    """Raises a UserError if FFmpeg would give other frames than the edit list asks for."""
    if not container.format.name.startswith("mov"):
        return
    edit = unplayed_edit(path, stream.id)
    if edit:
        raise UserError(
            f"'{name}' is edited in a way that FFmpeg does not play: its edit list has {edit}, and "
            f"other frames would be read than a player shows. Export it anew, for example as mp4."
        )


def _has_clock(container: InputContainer, stream: VideoStream) -> bool:
    bare = container.format.flags & _NO_TIMESTAMPS
    return not bare or bool(stream.codec_context.framerate)


def _read(
    container: InputContainer, lists: dict[int, PacketList], name: str
) -> tuple[float, float, bool]:
    """Fills the lists; when the first packet of any stream begins, when the last one ends."""
    begin, end = np.inf, -np.inf
    bases = {stream.index: float(stream.time_base or 0) for stream in container.streams}
    try:
        for packet in packets(container):
            known = lists.get(packet.stream_index)
            if known is not None:
                known.add(packet)
            time = packet.dts if packet.pts is None else packet.pts
            if time is not None:
                base = bases[packet.stream_index]
                begin = min(begin, time * base)
                end = max(end, (time + (packet.duration or 0)) * base)
    except av.FFmpegError as error:
        blame_memory(error)
        LOG.info("%s stops at a damaged packet (%s)", name, error)
        return begin, end, True
    return begin, end, False


def _promised(container: InputContainer) -> float:
    stated = container.format.name.startswith((*_PROMISING, "mov"))
    seconds = (container.duration or 0) / av.time_base if stated else 0.0
    return seconds if 0 < seconds <= _LONGEST_S else 0.0


def _fewer_than_listed(container: InputContainer, stream: VideoStream, packets: int) -> bool:
    """True if the list of samples in the header of an mp4 has more than could be read."""
    if not container.format.name.startswith("mov"):
        return False
    return packets < sum(1 for entry in stream.index_entries if entry.size)


def _step(stream: VideoStream, table: Packets) -> float:
    stated = table.durations[table.durations > 0]
    step = float(np.median(stated)) * float(stream.time_base or 0) if len(stated) else 0.0
    if 0.001 <= step <= _LONGEST_STEP_S:
        return step
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    return 1 / rate if 1 <= rate <= 1000 else 1 / 25
