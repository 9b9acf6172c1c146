"""The decoding process: reads one request, decodes within limits, answers, ends.

A file from a stranger may crash the decoder, hang it or make it eat all memory; here it takes
nothing else with it. Run as `python -m tam_viz.video.worker` by `tam_viz.video.decode`.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from tam_viz.types import InputSpec, UserError
from tam_viz.video.crops import crops, cut, resized
from tam_viz.video.frames import Frames
from tam_viz.video.images import read_images
from tam_viz.video.readers import read_video
from tam_viz.video.sampling import sample

REFUSED = 3
"""Exit code with which the answer is a sentence for a person, not frames."""


@dataclass(frozen=True)
class Request:
    """What the decoding process is asked for: one view, or all of them for None."""

    path: str
    name: str
    spec: InputSpec
    view: int | None
    use_decord: bool
    memory_bytes: int

    @classmethod
    def parse(cls, text: str) -> Request:
        """Reads a request written by `json.dumps(dataclasses.asdict(request))`."""
        data = json.loads(text)
        return cls(**{**data, "spec": InputSpec(**data["spec"])})


@dataclass(frozen=True, eq=False)
class Served:
    """Views of a video, resized and cropped.

    Attributes:
        pixels: Of each view.
        frames: What was read, its indices and times those of the views one after the other.
        crops: Of each view: left, top, right, bottom, width and height, and whether mirrored.
    """

    pixels: UInt8[np.ndarray, "v t s s 3"]
    frames: Frames
    crops: Int[np.ndarray, "v 7"]


def serve(request: Request) -> Served:
    """Decodes what the views need, each frame once, and cuts them out."""
    path, spec = Path(request.path), request.spec
    views = list(range(spec.all_views)) if request.view is None else [request.view]
    positions = sorted({view // spec.crops for view in views})

    def choose(count: int) -> np.ndarray:
        indices: np.ndarray = sample(count, spec)[positions].ravel()
        return indices

    if path.is_dir():
        frames = read_images(path, request.name, choose)
    else:
        frames = read_video(path, request.name, choose, use_decord=request.use_decord)
    images = dict(zip(frames.indices.tolist(), frames.images, strict=True))
    scaled = {index: resized(image, spec) for index, image in images.items()}
    width, height = scaled[int(frames.indices[0])].size
    squares = crops(width, height, spec)
    by_position = frames.indices.reshape(len(positions), -1)
    pixels, told = [], []
    for view in views:
        crop = squares[view % spec.crops]
        row = by_position[positions.index(view // spec.crops)]
        pixels.append(np.stack([np.asarray(cut(scaled[int(i)], crop, spec)) for i in row]))
        right, bottom = crop.left + spec.size, crop.top + spec.size
        told.append([crop.left, crop.top, right, bottom, width, height, crop.mirrored])
    return Served(np.stack(pixels), frames, np.array(told, dtype=np.int64))


def _limit_memory(limit: int) -> None:
    try:
        import resource  # noqa: PLC0415  # Unix only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> int:
    """Reads a request from standard input, writes an .npz or a sentence to standard output."""
    request = Request.parse(sys.stdin.read())
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a decoder prints must not mix with the answer
    _limit_memory(request.memory_bytes)
    with answer:
        try:
            served = serve(request)
        except UserError as error:
            answer.write(str(error).encode())
            return REFUSED
        np.savez(
            answer,
            pixels=served.pixels,
            crops=served.crops,
            indices=served.frames.indices,
            times_s=served.frames.times_s,
            video_frames=served.frames.video_frames,
            duration_s=served.frames.duration_s,
            notices=np.array(served.frames.notices, dtype=np.str_),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
