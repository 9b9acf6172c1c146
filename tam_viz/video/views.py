"""The views of a video: chosen frames, made small as they are decoded, and cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from tam_viz.types import InputSpec
from tam_viz.video.crops import Crop, crops, cut, resized
from tam_viz.video.images import read_images
from tam_viz.video.readers import read_video
from tam_viz.video.sampling import sample
from tam_viz.video.wire import Reply


def cut_views(
    path: str, name: str, spec: InputSpec, view: int | None, fps: float | None = None
) -> Reply:
    """Decodes what the views need, each frame once, and cuts each frame by its own size.

    Args:
        path: A video file, or a folder of images.
        name: What to call it in a sentence.
        spec: What the network takes.
        view: Which view, or None for all.
        fps: Images per second of a folder of images, where it is given.

    Returns:
        `pixels` (v, t, s, s, 3); `indices` and `times_s` (p, t) of the temporal positions;
        `crops` (v, 7): left, top, right, bottom, width and height of the first frame as it was
        resized, and whether mirrored; and fields on the video.

    Raises:
        UserError: The file cannot be read.
        MemoryError: The limit on memory was met.
    """
    views = list(range(spec.all_views)) if view is None else [view]
    positions = sorted({number // spec.crops for number in views})

    def choose(count: int) -> np.ndarray:
        indices: np.ndarray = sample(count, spec)[positions].ravel()
        return indices

    def prepare(image: Image.Image) -> Image.Image:
        return resized(image, spec)

    source = Path(path)
    if source.is_dir():
        frames = read_images(source, name, choose, prepare, fps=fps)
    else:
        frames = read_video(source, name, choose, prepare)
    rows = frames.indices.reshape(len(positions), spec.frames)
    small = dict(zip(frames.indices.tolist(), frames.images, strict=True))
    wanted = [(rows[positions.index(n // spec.crops)], n % spec.crops) for n in views]
    pixels, boxes = _cut(small, wanted, spec)
    return Reply(
        "frames",
        fields={
            "video_frames": frames.video_frames,
            "duration_s": frames.duration_s,
            "notices": list(frames.notices),
            "reader": frames.reader,
        },
        arrays={
            "pixels": pixels,
            "indices": rows,
            "times_s": frames.times_s.reshape(rows.shape),
            "crops": boxes,
        },
    )


def _cut(
    small: Mapping[int, Image.Image], wanted: Sequence[tuple[np.ndarray, int]], spec: InputSpec
) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of each view, and the box of its first frame.

    Args:
        small: Resized frames by their index in the video.
        wanted: Of each view the indices of its frames, and which crop it is.
        spec: What the network takes.
    """

    @lru_cache
    def squares(width: int, height: int) -> list[Crop]:
        return crops(width, height, spec)

    pixels = np.empty((len(wanted), spec.frames, spec.size, spec.size, 3), np.uint8)
    boxes = np.empty((len(wanted), 7), np.int64)
    for view, (row, which) in enumerate(wanted):
        for t, i in enumerate(row.tolist()):
            pixels[view, t] = np.asarray(cut(small[i], squares(*small[i].size)[which], spec))
        first = small[int(row[0])].size
        boxes[view] = _box(squares(*first)[which], first, spec)
    return pixels, boxes


def _box(crop: Crop, size: tuple[int, int], spec: InputSpec) -> tuple[int, ...]:
    right, bottom = crop.left + spec.size, crop.top + spec.size
    return crop.left, crop.top, right, bottom, *size, int(crop.mirrored)
