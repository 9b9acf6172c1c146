"""The inside of one TAM block: its arrays, arithmetic and cost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8


def band(
    importance: Float[np.ndarray, " t"], kernel: Float[np.ndarray, " k"]
) -> Float[np.ndarray, "t t"]:
    """The matrix of one channel over time: `A_ts = Θ_{s−t} · V_s`.

    Equation 6 of the paper as a matrix. Its taps are numbered from −1 to 1, so Θ_{s−t} is
    `kernel[s − t + K // 2]`. Nothing is read beyond the ends of the clip.
    """
    frames = np.arange(len(importance))
    tap = frames[None, :] - frames[:, None] + len(kernel) // 2
    inside = (tap >= 0) & (tap < len(kernel))
    weights = np.where(inside, kernel[tap.clip(0, len(kernel) - 1)], 0.0)
    matrix: np.ndarray = weights * importance
    return matrix


def passed(matrix: Float[np.ndarray, "t t"], given: Float[np.ndarray, "t ..."]) -> np.ndarray:
    """Applies a matrix over time to frames of any shape."""
    out: np.ndarray = np.tensordot(matrix, given, axes=1)
    return out


def blended(
    matrix: Float[np.ndarray, "t t"], frames: UInt8[np.ndarray, "t h w 3"]
) -> UInt8[np.ndarray, "t h w 3"]:
    """Frames as pixels through a matrix whose rows sum to at most 1."""
    mixed = passed(matrix, frames.astype(np.float64))
    return mixed.round().clip(0, 255).astype(np.uint8)


def brightened(importance: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
    """V over its largest value away from the padded ends, at most 1: frames that can be seen.

    V is often small everywhere, and at the first and the last frame zero padding moves it. What is
    left of it are the differences between frames.
    """
    inner = importance[1:-1] if len(importance) > 2 else importance
    high = float(inner.max()) or float(importance.max())
    if high == 0:
        return importance
    return np.minimum(importance / high, 1.0)


SIGNALS: Mapping[str, str] = {
    "channel": "this channel",
    "frame": "one frame",
    "step": "a step",
    "ramp": "a ramp",
}
"""What each signal that can be played through a channel is called."""


def signals(profile: Float[np.ndarray, " t"]) -> dict[str, Float[np.ndarray, " t"]]:
    """Signals to play through a channel, by the keys of `SIGNALS`: its own, and three in [0, 1]."""
    frames = len(profile)
    return {
        "channel": profile.astype(np.float64),
        "frame": np.eye(frames)[frames // 2],
        "step": (np.arange(frames) >= frames // 2).astype(np.float64),
        "ramp": np.linspace(0.0, 1.0, frames),
    }


REARRANGED: Mapping[str, str] = {
    "as_is": "as it is",
    "mirrored": "mirrored",
    "scrambled": "scrambled",
    "left_half": "left half only",
}
"""What can be done to the cells of every map of a channel, and what it is called."""


def rearranged(maps: Float[np.ndarray, "t h w"], how: str) -> Float[np.ndarray, "t h w"]:
    """Every map with its cells rearranged, in all frames alike; `how` is one of `REARRANGED`."""
    t, h, w = maps.shape
    if how == "mirrored":
        return maps[:, :, ::-1]
    if how == "scrambled":
        return maps.reshape(t, -1)[:, np.random.default_rng(0).permutation(h * w)].reshape(t, h, w)
    if how == "left_half":
        kept = maps.copy()
        kept[:, :, w // 2 :] = 0
        return kept
    return maps


def shrunk(maps: Float[np.ndarray, "t h w"], side: int = 28) -> Float[np.ndarray, "t a b"]:
    """Maps of at most `side` cells a side, each the mean of those that it stands for."""
    for axis in (1, 2):
        size = maps.shape[axis]
        if size > side:
            starts = np.linspace(0, size, side, endpoint=False).astype(int)
            counts = np.diff([*starts, size])
            sums = np.add.reduceat(maps, starts, axis=axis)
            maps = sums / counts.reshape([-1 if i == axis else 1 for i in range(3)])
    return maps


def by_frame_table(columns: dict[str, Float[np.ndarray, " t"]]) -> pd.DataFrame:
    """Numbers by frame, a column for each name."""
    frames = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.RangeIndex(1, frames + 1, name="frame"))


def channel_by_frame_table(values: Float[np.ndarray, "c t"], name: str = "channel") -> pd.DataFrame:
    """Numbers by channel and frame."""
    index = pd.RangeIndex(len(values), name=name)
    return pd.DataFrame(values, index=index, columns=range(1, values.shape[1] + 1))


def means(maps: Float[np.ndarray, "t h w"]) -> Float[np.ndarray, " t"]:
    """Mean activation of each frame."""
    return maps.mean(axis=(1, 2), dtype=np.float64)
