"""Frame sampling: the test-time formulas of the published code."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from tam_viz.types import InputSpec, UserError

DENSE_WINDOW = 64
"""Frames that the dense window spans."""


def sample(video_frames: int, spec: InputSpec) -> Int[np.ndarray, "v t"]:
    """0-based frame indices of every view of a video of `video_frames` frames (at least one).

    Short videos repeat frames; the dense window wraps round and may not be chronological.

    Raises:
        UserError: There is no such sampling.
    """
    if spec.sampling not in (*_FORMULAS, "interval"):
        raise UserError(
            f"There is no sampling '{spec.sampling}'; choose one of {', '.join(_FORMULAS)} or "
            f"interval."
        )
    if spec.sampling == "interval":
        return interval(video_frames, spec.frames, spec.views, spec.interval)
    return _FORMULAS[spec.sampling](video_frames, spec.frames, spec.views)


def uniform(video_frames: int, frames: int, views: int = 1) -> Int[np.ndarray, "v t"]:
    """One frame from each of T equal segments (TSN's sampling, `uniform-N` of the TAM code).

    One view takes the middle of each segment; several views start at offsets spread over it.
    """
    tick = video_frames / frames
    steps = tick * np.arange(frames)
    if views == 1:
        return (tick / 2 + steps).astype(np.int64)[None]
    starts = np.linspace(0, tick - 1, views, dtype=np.int64)
    return (starts[:, None] + steps).astype(np.int64) % video_frames


def dense(video_frames: int, frames: int, views: int = 1) -> Int[np.ndarray, "v t"]:
    """Every (64 / T)-th frame of a window of 64 (`dense-N` of the TAM code).

    One view takes the middle window; several views spread their windows over the video.
    """
    stride = max(1, DENSE_WINDOW // frames)
    positions = max(1, 1 + video_frames - stride * frames)
    if views == 1:
        starts = np.array([positions // 2])
    else:
        starts = np.linspace(0, positions - 1, views, dtype=np.int64)
    return (starts[:, None] + stride * np.arange(frames)) % video_frames


def interval(
    video_frames: int, frames: int, views: int = 1, step: int = 1
) -> Int[np.ndarray, "v t"]:
    """Every `step`-th frame of a window (`SampleFrames` of mmaction2 in its tests of 3D networks).

    One view takes the middle window; several views spread their windows over the video, from its
    beginning to its end.
    """
    last = max(video_frames - ((frames - 1) * step + 1), 0)
    if views == 1:
        starts = np.array([last // 2])
    else:
        starts = np.round(np.arange(views) * last / (views - 1)).astype(np.int64)
    return (starts[:, None] + step * np.arange(frames)) % video_frames


def twice(video_frames: int, frames: int, views: int = 2) -> Int[np.ndarray, "v t"]:
    """The middles of T equal segments, then their beginnings (`twice_sample` of TSM)."""
    if views != 2:
        raise UserError(f"Sampling twice gives 2 views, not {views}.")
    tick = video_frames / frames
    steps = tick * np.arange(frames)
    return (np.stack([tick / 2 + steps, steps]) % video_frames).astype(np.int64)


_FORMULAS = {"uniform": uniform, "twice": twice, "dense": dense}
