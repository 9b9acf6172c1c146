"""Batches and whole videos of MotionPairs, by seed and number.

What is drawn depends on the arguments alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, UInt8

from tam_viz.motionpairs.motions import CLASSES
from tam_viz.motionpairs.render import render
from tam_viz.motionpairs.scene import FPS, Scene, Split, draw_scene
from tam_viz.types import Clip, InputSpec, Truth, UserError

TEST_SEED, TEST_CLIPS, SHIFT_CLIPS = 2, 1600, 1600
"""The sets that all networks are measured on."""


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
    for row, index in enumerate(range(first, first + count)):
        scene = _scene(seed, index, split, classes)
        jitter = np.random.default_rng([seed, index, 7])
        u = random_moments(frames, jitter) if split == "train" else middle_moments(frames)
        clips[row] = render(scene, u, size)
    return clips, labels


def clip(spec: InputSpec, seed: int, index: int, split: Split) -> Clip:
    """Clip number `index` of a set as a network is given it; the sixteen classes take turns."""
    scene = _scene(seed, index, split, CLASSES)
    u = middle_moments(spec.frames)
    seconds = scene.video_frames / FPS
    return Clip(
        id=f"motionpairs-{split}-{seed}-{index}-{spec.frames}x{spec.size}",
        frames=render(scene, u, spec.size),
        frame_indices=(u * scene.video_frames).astype(np.int64),
        times_s=u * seconds,
        source=_called(split, seed, index),
        video_frames=scene.video_frames,
        duration_s=seconds,
        truth=scene.truth,
    )


def _called(split: Split, seed: int, index: int) -> str:
    """What a clip is called: those of the test set by their number alone."""
    if (split, seed) == ("test", TEST_SEED):
        return f"test clip {index}"
    return f"MotionPairs {split} {seed}/{index}"


def truths(seed: int, count: int, *, split: Split, classes: Sequence[str] = CLASSES) -> list[Truth]:
    """The ground truth of clips number 0 to `count - 1` of a set."""
    return [_scene(seed, index, split, classes).truth for index in range(count)]


def _scene(seed: int, index: int, split: Split, classes: Sequence[str]) -> Scene:
    label = class_number(classes[index % len(classes)])
    return draw_scene(seed, index, label, split, len(classes))


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
