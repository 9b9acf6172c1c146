"""Packets of a video stream: their clock, and whether the picture in them is shown."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from av.packet import Packet
from av.stream import Stream
from jaxtyping import Bool, Float

_PICTURE = b"\x00\x00\x01\xb6"
"""Start code of a picture (VOP) in MPEG-4 part 2."""

_LOOK = 64
"""So many packets tell whether B-frames are packed into those of other frames."""


@dataclass(frozen=True, eq=False)
class Packets:
    """Packets in the order of decoding; those without content are left out.

    Attributes:
        pts: Presentation times in ticks; NaN where there is none.
        dts: Decoding times in ticks; NaN where there is none.
        durations: In ticks; 0 where there is none.
        key: Whether decoding can begin here, as the container says.
        shown: Whether there is a picture to show: not hidden by an edit list, not a picture that
            only others are predicted from (VP8, VP9).
        packed: True for MPEG-4 with two pictures in some packets, as DivX and Xvid write AVI;
            presentation times say nothing there.
    """

    pts: Float[np.ndarray, " p"]
    dts: Float[np.ndarray, " p"]
    durations: Float[np.ndarray, " p"]
    key: Bool[np.ndarray, " p"]
    shown: Bool[np.ndarray, " p"]
    packed: bool

    @property
    def span(self) -> float:
        """Ticks from the first packet to the end of the last one."""
        times = self.pts if np.isfinite(self.pts).any() else self.dts
        if not np.isfinite(times).any():
            return float(self.durations.sum())
        return float(np.nanmax(times + self.durations) - np.nanmin(times))


class PacketList:
    """Collects packets of one stream as they are read."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._times = array("d")
        self._flags = bytearray()
        self._packed = False

    def add(self, packet: Packet[Stream]) -> None:
        """Adds a packet that is not empty."""
        none = float("nan")
        self._times.append(none if packet.pts is None else packet.pts)
        self._times.append(none if packet.dts is None else packet.dts)
        self._times.append(max(packet.duration or 0, 0))
        hidden = packet.is_discard or self._never_shown(packet)
        self._flags.append(packet.is_keyframe | hidden << 1)
        if self._codec == "mpeg4" and len(self._flags) < _LOOK and not self._packed:
            self._packed = bytes(packet).count(_PICTURE) > 1

    def table(self) -> Packets:
        """All that were added."""
        times = np.array(self._times, np.float64).reshape(-1, 3)
        flags = np.frombuffer(bytes(self._flags), np.uint8)
        return Packets(
            pts=times[:, 0],
            dts=times[:, 1],
            durations=times[:, 2],
            key=(flags & 1).astype(bool),
            shown=(flags & 2) == 0,
            packed=self._packed,
        )

    def _never_shown(self, packet: Packet[Stream]) -> bool:
        if self._codec == "vp8":
            return not memoryview(packet)[0] & 0x10  # show_frame (RFC 6386, section 9.1)
        return self._codec == "vp9" and _vp9_hidden(memoryview(packet))


def _vp9_hidden(data: memoryview) -> bool:
    """True if a packet holds one VP9 frame and that one is not shown (VP9 specification, 6.2)."""
    superframe = data[-1] & 0xE0 == 0xC0
    shift = 1 if data[0] & 0x30 == 0x30 else 0  # profile 3 has a reserved bit
    show_existing = data[0] >> (3 - shift) & 1
    show_frame = data[0] >> (1 - shift) & 1
    return not (superframe or show_existing or show_frame)
