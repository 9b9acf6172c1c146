"""Small videos for the tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from tam_viz.types import InputSpec

SPEC = InputSpec(frames=8, resize=48, size=32)
CODECS = {
    "mp4": "libx264",
    "mkv": "libx264",
    "mov": "libx264",
    "avi": "mpeg4",
    "webm": "libvpx",
    "gif": "gif",
}


def grey_levels(count: int) -> np.ndarray:
    return np.linspace(20, 235, count).round()


def write(path: Path, count: int = 24, *, fps: int = 12, size: tuple[int, int] = (64, 96)) -> Path:
    """A video whose frame i is one flat grey, brighter from frame to frame."""
    codec = CODECS[path.suffix[1:]]
    options = {"movflags": "faststart"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=Fraction(fps))
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        for level in grey_levels(count):
            pixels = np.full((*size, 3), level, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path
