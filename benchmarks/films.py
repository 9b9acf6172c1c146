"""The videos that benchmarks read: a moving texture, encoded once and repeated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np


@dataclass(frozen=True)
class Source:
    """A video of a benchmark: `seconds` of new pictures, again and again.

    `groups` is the distance of its key frames; x264 decides for 0.
    """

    width: int
    height: int
    fps: int
    seconds: int
    times: int = 1
    groups: int = 0


TEN_SECONDS = Source(340, 256, 30, 10)


def make(folder: Path, name: str, source: Source) -> Path:
    """A moving texture as H.264 in an mp4."""
    path, part = folder / f"{name}.mp4", folder / "part.mp4"
    encode(part, source)
    if source.times == 1:
        return part.rename(path)
    repeat(part, path, source.times)
    return path


def encode(path: Path, source: Source) -> None:
    """Writes the pictures of a source once."""
    width, height = source.width, source.height
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (height // 8 + 2, width // 8 + 66, 3), dtype=np.uint8)
    texture = coarse.repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=source.fps, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if source.groups:
            stream.codec_context.gop_size = source.groups
        for i in range(source.fps * source.seconds):
            across = 2 * i % 512
            pixels = np.ascontiguousarray(texture[:height, across : across + width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def repeat(source: Path, path: Path, times: int) -> None:
    """Writes the packets of a video again and again, each time later."""
    with av.open(str(source)) as read, av.open(str(path), "w") as written:
        stream = read.streams.video[0]
        out = written.add_stream_from_template(stream)
        packets = [
            (bytes(p), p.pts or 0, p.dts or 0, p.duration, p.is_keyframe)
            for p in read.demux(stream)
            if p.size
        ]
        length = len(packets) * (packets[0][3] or 1)
        for turn in range(times):
            for data, pts, dts, duration, key in packets:
                packet = av.Packet(data)
                packet.pts, packet.dts = pts + turn * length, dts + turn * length
                packet.duration, packet.is_keyframe = duration, key
                if stream.time_base is not None:
                    packet.time_base = stream.time_base
                packet.stream = out
                written.mux(packet)
