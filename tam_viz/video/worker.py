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
from jaxtyping import UInt8
from PIL import Image

from tam_viz.types import InputSpec, UserError
from tam_viz.video.readers import Frames, read_images, read_video
from tam_viz.video.sampling import sample

REFUSED = 3
"""Exit code with which the answer is a sentence for a person, not frames."""


@dataclass(frozen=True)
class Request:
    """What the decoding process is asked for."""

    path: str
    name: str
    spec: InputSpec
    view: int
    use_decord: bool
    memory_bytes: int

    @classmethod
    def parse(cls, text: str) -> Request:
        """Reads a request written by `json.dumps(dataclasses.asdict(request))`."""
        data = json.loads(text)
        return cls(**{**data, "spec": InputSpec(**data["spec"])})


def serve(request: Request) -> tuple[UInt8[np.ndarray, "t s s 3"], Frames]:
    """Decodes, resizes and crops the frames of one view."""
    path = Path(request.path)

    def choose(count: int) -> np.ndarray:
        indices: np.ndarray = sample(count, request.spec)[request.view]
        return indices

    if path.is_dir():
        frames = read_images(path, request.name, choose)
    else:
        frames = read_video(path, request.name, choose, use_decord=request.use_decord)
    cropped = [resize_crop(image, request.spec) for image in frames.images]
    return np.stack([np.asarray(image) for image in cropped]), frames


def resize_crop(image: Image.Image, spec: InputSpec) -> Image.Image:
    """Shorter side to `resize` (antialiased bilinear), then the centre square of `size`."""
    width, height = image.size
    if width <= height:
        scaled = spec.resize, max(spec.size, int(spec.resize * height / width))
    else:
        scaled = max(spec.size, int(spec.resize * width / height)), spec.resize
    if image.size != scaled:
        image = image.resize(scaled, Image.Resampling.BILINEAR)
    left, top = round((scaled[0] - spec.size) / 2), round((scaled[1] - spec.size) / 2)
    return image.crop((left, top, left + spec.size, top + spec.size))


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
            pixels, frames = serve(request)
        except UserError as error:
            answer.write(str(error).encode())
            return REFUSED
        np.savez(
            answer,
            pixels=pixels,
            indices=frames.indices,
            times_s=frames.times_s,
            video_frames=frames.video_frames,
            duration_s=frames.duration_s,
            notices=np.array(frames.notices, dtype=np.str_),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
