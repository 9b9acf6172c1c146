"""Writing frames as a playable mp4."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8

from tam_viz.types import UserError

_FINEST = 1001
"""Denominator of a frame rate, as in 30000/1001; files hold no finer ones."""


def write_mp4(path: Path, frames: UInt8[np.ndarray, "n h w 3"], fps: float) -> None:
    """Writes RGB frames as H.264 in 4:2:0, which every browser plays.

    Raises:
        UserError: The height or the width is odd.
    """
    if frames.shape[1] % 2 or frames.shape[2] % 2:
        raise UserError(
            f"H.264 video needs an even size; {frames.shape[2]}×{frames.shape[1]} was asked for."
        )
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        rate = Fraction(fps).limit_denominator(_FINEST)
        stream = container.add_stream("libx264", rate=rate, options={"crf": "18"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
