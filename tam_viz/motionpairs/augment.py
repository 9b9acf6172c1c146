"""Other clips from one clip, their labels following exactly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Int, UInt8

from tam_viz.motionpairs.motions import CLASSES, reversed_label

_LEFT, _RIGHT, _UP, _DOWN = "moves left", "moves right", "moves up", "moves down"
_TURNS = ("turns clockwise", "turns counter-clockwise")


def _table(*swaps: tuple[str, str]) -> Int[np.ndarray, " k"]:
    """For every class, the class that it becomes when each named pair changes places."""
    other: Mapping[str, str] = {a: b for pair in swaps for a, b in (pair, pair[::-1])}
    return np.array([CLASSES.index(other.get(name, name)) for name in CLASSES])


FLIPPED = _table((_LEFT, _RIGHT), _TURNS)
"""The class of a clip seen in a mirror that swaps left and right."""
UPSIDE_DOWN = _table((_UP, _DOWN), _TURNS)
"""The class of a clip whose top and bottom are swapped."""
TRANSPOSED = _table((_LEFT, _UP), (_RIGHT, _DOWN), _TURNS)
"""The class of a clip whose two axes of space are swapped."""
REVERSED = np.array([CLASSES.index(reversed_label(name)) for name in CLASSES])
"""The class of a clip played backwards."""


def augment(
    frames: UInt8[np.ndarray, "t s s 3"], label: int, rng: np.random.Generator
) -> tuple[UInt8[np.ndarray, "t s s 3"], int]:
    """Flips, transposes and recolours a clip at random; returns it with its class number."""
    flip, turn, swap = rng.random(3) < 0.5
    if flip:
        frames, label = frames[:, :, ::-1], int(FLIPPED[label])
    if turn:
        frames, label = frames[:, ::-1], int(UPSIDE_DOWN[label])
    if swap:
        frames, label = frames.transpose(0, 2, 1, 3), int(TRANSPOSED[label])
    return frames[..., rng.permutation(3)], label
