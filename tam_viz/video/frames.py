"""Chosen frames of a video: what every reader gives, whatever it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from PIL import Image

MAX_PIXELS = 36_000_000
"""Largest frame that is decoded, in pixels (8K video has 33 million)."""

DAMAGED = "The file is damaged or cut short"
"""How the notice on a video begins of which not all frames can be decoded."""

Choose = Callable[[int], Int[np.ndarray, " t"]]
"""From the number of frames of a video to the indices that are wanted."""

Prepare = Callable[[Image.Image], Image.Image]
"""Makes a picture small as soon as it is decoded, so that one large picture is held at a time."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Chosen frames of a video, in the order of `indices`, each once or more.

    Attributes:
        images: The frames as they were prepared.
        indices: Of the frames in the video, from 0.
        times_s: Of the frames, in seconds after the first frame of the video.
        video_frames: How many frames the video has.
        duration_s: From its first frame to the end of its last one, in seconds.
        notices: Sentences that a person should read.
        reader: What read it, with its version.
    """

    images: list[Image.Image]
    indices: Int[np.ndarray, " t"]
    times_s: Float[np.ndarray, " t"]
    video_frames: int
    duration_s: float
    notices: tuple[str, ...] = ()
    reader: str = ""
