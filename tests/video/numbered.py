"""Videos whose pictures say which frame they are: eight bars, black or white, are its number.

Above the bars are two colours and below them two others, so a picture also tells how it is turned.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from PIL import Image

os.environ.setdefault("SVT_LOG", "1")  # the AV1 encoder tells errors only
BITS = 8
WIDTH, HEIGHT = 128, 96
CORNERS = ((220, 30, 30), (30, 200, 30), (30, 30, 220), (220, 220, 30))
"""Top left, top right, bottom left, bottom right."""


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """RGB (height, width, 3); the bars lie within the central square."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = CORNERS[:2]
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = CORNERS[2:]
    side = min(width, height)
    left, bar = (width - side) // 2, side // BITS
    rows = slice(height // 2 - side // 6, height // 2 + side // 6)
    for bit in range(BITS):
        level = 235 if number >> (BITS - 1 - bit) & 1 else 16
        pixels[rows, left + bit * bar : left + (bit + 1) * bar] = level
    return pixels


def number(image: Image.Image | np.ndarray) -> int:
    """Reads the number back, from a picture of any size with its central square in it."""
    pixels = np.asarray(image).astype(float).mean(axis=2)
    height, width = pixels.shape
    side = min(width, height)
    left, bar = (width - side) / 2, side / BITS
    rows = slice(height // 2 - side // 10, height // 2 + side // 10)
    bits = [
        pixels[rows, int(left + (bit + 0.3) * bar) : int(left + (bit + 0.7) * bar) + 1].mean()
        for bit in range(BITS)
    ]
    return sum(int(level > 126) << (BITS - 1 - bit) for bit, level in enumerate(bits))


@dataclass(frozen=True)
class Form:
    """How a film is written.

    Attributes:
        ending: Of the file.
        codec: PyAV's name of the encoder.
        options: Of the encoder.
        muxer: Name of the container's format, if the ending does not say it.
        muxing: Options of the container.
        pixels: Pixel format.
    """

    ending: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)
    muxer: str | None = None
    muxing: dict[str, str] = field(default_factory=dict)
    pixels: str = "yuv420p"


PLAIN = Form("mp4", "libx264", {"g": "12", "bf": "2", "crf": "12"})


_X = {"g": "12", "bf": "2", "crf": "12"}
_B = {"g": "12", "bf": "2"}
_OPEN = "log-level=none:keyint=12:bframes=3:open-gop=1"
_HIDDEN = {"g": "12", "auto-alt-ref": "1", "lag-in-frames": "8", "b": "1M"}
_AV1 = {"g": "12", "crf": "10", "preset": "11", "svtav1-params": "rtc=1:pred-struct=1"}
_PYRAMID = {"g": "12", "crf": "12", "x264-params": "open-gop=1:bframes=3:b-pyramid=normal"}

FORMS = {
    "mp4": PLAIN,
    "mp4, open groups and a pyramid": Form("mp4", "libx264", _PYRAMID),
    "mp4, fragmented": Form("mp4", "libx264", _X, muxing={"movflags": "frag_keyframe+empty_moov"}),
    "mp4, HEVC": Form("mp4", "libx265", {"crf": "12", "x265-params": _OPEN}),
    "mp4, AV1": Form("mp4", "libsvtav1", _AV1),
    "mov, ProRes": Form("mov", "prores_ks", pixels="yuv422p10le"),
    "mov, JPEG": Form("mov", "mjpeg", pixels="yuvj420p"),
    "mkv": Form("mkv", "libx264", _X),
    "webm, VP8 with hidden pictures": Form("webm", "libvpx", _HIDDEN),
    "ivf, VP8 with hidden pictures": Form("ivf", "libvpx", _HIDDEN),
    "webm, VP9": Form("webm", "libvpx-vp9", {**_HIDDEN, "deadline": "realtime", "cpu-used": "8"}),
    "TS": Form("ts", "libx264", _X),
    "TS, MPEG-2": Form("ts", "mpeg2video", _B),
    "TS, HEVC": Form("ts", "libx265", {"crf": "12", "x265-params": _OPEN}),
    "AVCHD": Form("mts", "libx264", _X, "mpegts", {"mpegts_m2ts_mode": "1"}),
    "program stream": Form("mpg", "mpeg2video", _B, "mpeg"),
    "program stream, MPEG-1": Form("mpg", "mpeg1video", _B, "mpeg"),
    "MXF": Form("mxf", "mpeg2video", _B),
    "AVI": Form("avi", "mpeg4", _B),
    "AVI, H.264": Form("avi", "libx264", {"g": "12", "bf": "0", "crf": "12"}),
    "AVI, MS-MPEG-4": Form("avi", "msmpeg4v3", {"g": "12"}),
    "FLV": Form("flv", "libx264", _X),
    "FLV, Sorenson": Form("flv", "flv1", {"g": "12"}),
    "WMV": Form("wmv", "wmv2", {"g": "12"}, "asf"),
    "GIF": Form("gif", "gif", pixels="rgb8"),
    "NUT": Form("nut", "libx264", _X),
    "raw H.264": Form("h264", "libx264", _X, "h264"),
    "raw MPEG-2": Form("m2v", "mpeg2video", _B, "mpeg2video"),
}
"""Containers and codecs, with B-frames, open groups and hidden pictures where they have them."""


@contextmanager
def _scheduling_kept() -> Iterator[None]:
    """SVT-AV1 makes the thread that calls it real-time where it may, and all that it starts.

    Such a browser takes both cores for itself, so that the server never answers it.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


@_scheduling_kept()
def film(
    path: Path,
    form: Form = PLAIN,
    count: int = 40,
    *,
    fps: int = 30,
    times: Sequence[float] | None = None,
    numbers: Iterable[int] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    pixel_ratio: Fraction | None = None,
    sound_s: float = 0.0,
) -> Path:
    """Writes a film.

    Args:
        path: Where.
        form: How.
        count: How many frames.
        fps: Their rate.
        times: When each is shown, in seconds, if not at that rate.
        numbers: What each shows, if not 0, 1, 2, …
        size: Width and height in pixels.
        pixel_ratio: Width of a pixel over its height.
        sound_s: Length of a sound track; none for 0.
    """
    shown = list(range(count) if numbers is None else numbers)
    with av.open(str(path), "w", format=form.muxer, options=form.muxing) as container:
        stream = container.add_stream(form.codec, rate=fps, options=form.options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, form.pixels
        if form.options.get("bf") == "0":
            stream.codec_context.max_b_frames = 0
        if "g" in form.options:
            stream.codec_context.gop_size = int(form.options["g"])
        if pixel_ratio is not None:
            stream.codec_context.sample_aspect_ratio = pixel_ratio
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        sound = container.add_stream("aac", rate=8000, layout="mono") if sound_s else None
        if sound is not None:
            silence = av.AudioFrame.from_ndarray(
                np.zeros((1, int(8000 * sound_s)), np.float32), format="fltp", layout="mono"
            )
            silence.sample_rate = 8000
            container.mux(sound.encode(silence))
        for at, which in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture(which, *size), format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = round(1000 * times[at]), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            container.mux(sound.encode())
    return path
