"""Batches and whole videos of MotionPairs, by seed and number.

Clips are drawn on the fly, faster than a network on the same core can read them, so nothing
is stored and no clip is seen twice in training.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, UInt8

from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.render import render
from tam_viz.motionpairs.scene import Split, draw_scene
from tam_viz.types import Truth, UserError


def middle_moments(frames: int) -> Float[np.ndarray, " t"]:
    """Middle of each of `frames` equal segments of a clip, in (0, 1)."""
    return (np.arange(frames) + 0.5) / frames


def random_moments(frames: int, rng: np.random.Generator) -> Float[np.ndarray, " t"]:
    """One random moment in each of `frames` equal segments of a clip, in (0, 1)."""
    return (np.arange(frames) + rng.random(frames)) / frames


def batch(
    seed: int,
    first: int,
    count: int,
    *,
    split: Split,
    classes: Sequence[str] = CLASSES,
    frames: int = 8,
    size: int = 64,
) -> tuple[UInt8[np.ndarray, "n t s s 3"], Int[np.ndarray, " n"]]:
    """Clips number `first` to `first + count - 1` of a set, with their labels.

    Classes take turns, so every run of `len(classes)` clips is balanced. In training each frame
    comes from a random moment of its segment, in testing from the middle.

    Returns:
        The clips as RGB in 0 to 255, and indices into `classes`.
    """
    clips = np.empty((count, frames, size, size, 3), dtype=np.uint8)
    labels = np.arange(first, first + count) % len(classes)
    for row, (index, label) in enumerate(zip(range(first, first + count), labels, strict=True)):
        scene = draw_scene(seed, index, class_number(classes[int(label)]), split)
        jitter = np.random.default_rng([seed, index, 7])
        u = random_moments(frames, jitter) if split == "train" else middle_moments(frames)
        clips[row] = render(scene, u, size)
    return clips, labels


def video(
    seed: int, index: int, label: str, *, size: int, split: Split = "test"
) -> tuple[UInt8[np.ndarray, "n s s 3"], Truth]:
    """One whole clip of 32 to 48 frames at 12 frames per second, with what is known of it."""
    scene = draw_scene(seed, index, class_number(label), split)
    return render(scene, middle_moments(scene.video_frames), size), scene.truth


def class_number(name: str) -> int:
    """Index of a class in `CLASSES`.

    Raises:
        UserError: There is no such class.
    """
    if name not in CLASSES:
        raise UserError(
            f"MotionPairs has no class '{name}'; it has {', '.join(repr(c) for c in CLASSES)}."
        )
    return CLASSES.index(name)
