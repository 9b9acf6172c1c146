"""The process that makes previews: decodes a stranger's video within limits, encodes H.264.

Run as `python -m tam_viz.video.preview_worker` by `tam_viz.video.movie`: one line of JSON on
standard input, answers (`wire`) on standard output, the last of them the movie.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video.containers import played_as
from tam_viz.video.frame_index import FrameIndex, frame_index
from tam_viz.video.image_sequence import image_sequence
from tam_viz.video.images import Levels
from tam_viz.video.opening import blame_memory, opened
from tam_viz.video.sequential import Film
from tam_viz.video.wire import Reply, send
from tam_viz.video.worker import limit_memory

LONGEST_SIDE = 480
LONGEST_S = 60.0
"""Of a preview, in seconds of the film."""

_FASTEST = 61.0
"""Frames per second; those that come sooner are left out."""

_SHORTEST_S = 1e-3
"""A clock that goes in smaller steps is none."""

_LARGEST_BYTES = 256 << 20
"""A file that is larger is not sent to a browser as it is."""

_TICKS = 1000
_TOLD_S = 0.25
Timed = Iterator[tuple[float, Image.Image]]
"""Frames with their times in seconds after the first one."""


@dataclass(frozen=True)
class PreviewRequest:
    """Which video to make a preview of, and what that may cost.

    Attributes:
        path: Of a file, or of a folder of images.
        name: What to call it in a sentence.
        seconds: After so many the preview ends with what there is.
        memory_bytes: Address space of the process.
    """

    path: str
    name: str
    seconds: float
    memory_bytes: int

    def line(self) -> bytes:
        """As it goes to the process."""
        return json.dumps(dataclasses.asdict(self)).encode() + b"\n"


def make(request: PreviewRequest, tell: Callable[[float], None]) -> Reply:
    """The media type of a file that browsers play as it is, else a preview of it.

    Raises:
        UserError: It cannot be read.
        MemoryError: The limit on memory was met.
    """
    path = Path(request.path)
    end = time.monotonic() + request.seconds
    if path.is_dir():
        sequence = image_sequence(path, request.name)
        levels = Levels(sequence.files)
        shown = (
            (t, levels.read(f))
            for t, f in zip(sequence.times_s.tolist(), sequence.files, strict=True)
        )
        return _encoded(shown, sequence.duration_s, end, tell)
    index = frame_index(path, request.name)
    with opened(path, request.name) as container:
        whole = not index.cut_off and path.stat().st_size <= _LARGEST_BYTES
        kind = played_as(path, container, index.stream) if whole else None
        if kind is not None:
            return Reply("movie", fields={"media_type": kind})
        return _encoded(_frames(Film(container, index), index), _length(index), end, tell)


def _length(index: FrameIndex) -> float:
    """About how long a film is in seconds, by its packets."""
    if index.order is None:
        return len(index.shown) * index.step_s
    clock = index.clock(index.order)
    return float(clock[-1] - clock[0]) + index.step_s


def _frames(film: Film, index: FrameIndex) -> Timed:
    """The frames of a film, made small, with pixels that are as wide as high."""
    width, height = index.width * float(index.pixel_ratio), float(index.height)
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    first, last = None, -index.step_s
    packets = chain((packet for _, packet in film.packets()), [None])
    for packet in packets:
        try:
            decoded = film.decode(packet)
        except av.FFmpegError as error:
            blame_memory(error)
            continue  # players skip what is damaged, too
        for number, frame in decoded:
            clock = float(index.clock(np.array([number]))[0])
            first = clock if first is None else first
            sooner = not np.isfinite(clock) or not _SHORTEST_S < clock - first - last < LONGEST_S
            last = last + index.step_s if sooner else clock - first
            yield last, film.picture(frame, size)


def _encoded(frames: Timed, length: float, end: float, tell: Callable[[float], None]) -> Reply:
    """H.264 in 4:2:0, the first frame's size for all: others are fitted into it.

    Raises:
        UserError: There is no frame.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "preview.mp4"
        seconds = _write(path, frames, min(length, LONGEST_S), end, tell)
        data = np.frombuffer(path.read_bytes(), np.uint8)
    fields = {"media_type": "video/mp4", "seconds": seconds, "whole_s": max(length, seconds)}
    return Reply("movie", fields=fields, arrays={"movie": data})


def _write(
    path: Path, frames: Timed, length: float, end: float, tell: Callable[[float], None]
) -> float:
    """Writes the frames that there is time for; the moment of the last one in seconds."""
    begun = reported = time.monotonic()
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        quality = {"crf": "27", "preset": "veryfast", "maxrate": "2M", "bufsize": "4M", "bf": "0"}
        stream = container.add_stream("libx264", rate=30, options=quality)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        last, canvas = -1.0, None
        for at, image in frames:
            if canvas is None:
                canvas = _even(image)
                stream.width, stream.height = canvas
            if last >= 0 and at - last < 1 / _FASTEST:
                continue
            frame = av.VideoFrame.from_ndarray(np.asarray(_fitted(image, canvas)), "rgb24")
            frame.pts, frame.time_base = round(at * _TICKS), Fraction(1, _TICKS)
            container.mux(stream.encode(frame))
            last, now = at, time.monotonic()
            if at >= LONGEST_S or now > end:
                break
            if now - reported > _TOLD_S:
                reported = now
                tell(min(1.0, max(at / max(length, 1e-3), (now - begun) / (end - begun))))
        if canvas is None:
            raise UserError("No frame of the video can be decoded.")
        if last < length - 2 / _FASTEST and time.monotonic() < end:
            frame.pts = round((length - 1 / _FASTEST) * _TICKS)  # it stands until the end
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return last


def _even(image: Image.Image) -> tuple[int, int]:
    """An even size of at most `LONGEST_SIDE` for an image."""
    scale = min(1.0, LONGEST_SIDE / max(image.size))
    width, height = (max(2, round(side * scale / 2) * 2) for side in image.size)
    return width, height


def _fitted(image: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    """An image within a size, in its own proportions, black around it."""
    scale = min(canvas[0] / image.width, canvas[1] / image.height)
    size = tuple(max(1, round(side * scale)) for side in image.size)
    near = abs(size[0] - canvas[0]) <= 2 and abs(size[1] - canvas[1]) <= 2
    small = image.resize(canvas if near else (size[0], size[1]), Image.Resampling.BILINEAR)
    if near:
        return small
    whole = Image.new("RGB", canvas)
    whole.paste(small, ((canvas[0] - small.width) // 2, (canvas[1] - small.height) // 2))
    return whole


def main() -> int:
    """Serves one request."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a decoder prints must not mix with the answer
    request = PreviewRequest(**json.loads(sys.stdin.buffer.readline()))

    def tell(share: float) -> None:
        send(answers, Reply("progress", fields={"share": share}))

    with answers:
        try:
            limit_memory(request.memory_bytes)
            answer = make(request, tell)
        except UserError as error:
            answer = Reply("refused", str(error))
        except MemoryError:
            answer = Reply("memory")
        send(answers, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
