"""Reading chosen frames of a file: decord, PyAV where decord fails.

This runs in the decoding process only (`worker`), which has limits on time and memory.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video.containers import DEMUXERS, not_opened
from tam_viz.video.frames import MAX_PIXELS, Choose, Frames

LOG = logging.getLogger(__name__)
ASSUMED_FPS = 25.0


@dataclass(frozen=True)
class _Probe:
    """What the container says, and what is really in it."""

    packets: int
    declared_frames: int
    declared_s: float
    fps: float

    @property
    def seconds(self) -> float:
        """Length of the pictures that are there."""
        return self.packets / self.fps

    @property
    def cut_short(self) -> bool:
        """True if the file holds clearly less than its header promises."""
        late = self.declared_s - self.seconds > max(1.0, 0.1 * self.declared_s)
        return self.packets < self.declared_frames or late


def read_video(path: Path, name: str, choose: Choose, *, use_decord: bool) -> Frames:
    """Reads the frames that `choose` asks for.

    Args:
        path: A file whose first bytes are those of a video.
        name: What to call it in a sentence.
        choose: Sampling of the frames that can be read.
        use_decord: Try decord first.

    Raises:
        UserError: The file has no video stream, or no frame of it can be decoded.
    """
    probe = _probe(path, name)
    if use_decord and not probe.cut_short:
        try:
            return _with_decord(path, choose)
        except Exception as error:  # noqa: BLE001  # decord raises bare RuntimeErrors of many kinds
            LOG.info("decord could not read %s (%s); PyAV reads it", name, error)
    return _with_pyav(path, name, probe, choose)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[InputContainer]:
    try:
        allowed = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
        with av.open(str(path), options=allowed) as container:
            if not container.streams.video:
                raise UserError(f"'{name}' has no video stream, only sound or data.")
            yield container
    except (av.FFmpegError, OSError) as error:
        if error.errno == errno.ENOMEM:
            raise MemoryError from error  # a limit of ours, not a fault of the file
        raise not_opened(path, name, error.strerror or str(error)) from error


def _probe(path: Path, name: str) -> _Probe:
    with _opened(path, name) as container:
        stream = container.streams.video[0]
        if stream.width * stream.height > MAX_PIXELS:
            raise UserError(
                f"'{name}' has frames of {stream.width}×{stream.height} pixels; "
                f"at most {MAX_PIXELS // 1_000_000} million pixels are decoded."
            )
        packets = 0
        try:
            packets = sum(1 for packet in container.demux(stream) if packet.size)
        except av.FFmpegError as error:
            LOG.info("%s stops at a damaged packet (%s)", name, error)
        rate = float(stream.average_rate or stream.base_rate or ASSUMED_FPS)
        declared = (container.duration or 0) / av.time_base
        return _Probe(packets, stream.frames, declared, rate)


def _with_decord(path: Path, choose: Choose) -> Frames:
    import decord  # noqa: PLC0415  # not on every platform; its absence is one more failure

    reader = decord.VideoReader(str(path), num_threads=1)
    count = len(reader)
    indices = choose(count)
    unique, places = np.unique(indices, return_inverse=True)
    pixels = reader.get_batch(unique.tolist()).asnumpy()
    starts = reader.get_frame_timestamp([0, *unique.tolist()])[:, 0].astype(np.float64)
    seconds = float(reader.get_frame_timestamp([count - 1])[0, 1]) - starts[0]
    images = [Image.fromarray(frame) for frame in pixels]
    times = (starts[1:] - starts[0])[places]
    return Frames([images[p] for p in places], indices, times, count, seconds)


def _with_pyav(path: Path, name: str, probe: _Probe, choose: Choose) -> Frames:
    count = probe.packets
    picked: dict[int, tuple[Image.Image, float]] = {}
    while count:
        indices = choose(count)
        picked, decoded = _decode(path, name, {int(i) for i in indices}, probe.fps)
        if len(picked) == len(set(indices.tolist())):
            images, times = zip(*(picked[int(i)] for i in indices), strict=True)
            seconds = count / probe.fps
            notices = _damage(probe, count)
            return Frames(list(images), indices, np.array(times), count, seconds, notices)
        count = decoded
    raise UserError(f"No frame of '{name}' can be decoded; the file is damaged.")


def _damage(probe: _Probe, count: int) -> tuple[str, ...]:
    if not probe.cut_short and count == probe.packets:
        return ()
    whole = max(probe.declared_s, probe.packets / probe.fps)
    return (
        f"The file is damaged or cut short: the first {count} frames "
        f"({count / probe.fps:.1f} s of {whole:.1f} s) could be read and are all that is used.",
    )


def _decode(
    path: Path, name: str, wanted: set[int], fps: float
) -> tuple[dict[int, tuple[Image.Image, float]], int]:
    """The wanted frames with their times, and how many frames were decoded on the way."""
    picked: dict[int, tuple[Image.Image, float]] = {}
    last, decoded = max(wanted), 0
    with _opened(path, name) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        start = float((stream.start_time or 0) * (stream.time_base or 0))
        try:
            for frame in container.decode(video=0):
                if decoded in wanted:
                    upright = np.rot90(frame.to_ndarray(format="rgb24"), frame.rotation // 90)
                    time = decoded / fps if frame.pts is None else frame.time - start
                    picked[decoded] = Image.fromarray(np.ascontiguousarray(upright)), time
                decoded += 1
                if decoded > last:
                    break
        except av.FFmpegError as error:
            LOG.info("%s stops at frame %d (%s)", name, decoded, error)
    return picked, decoded
