"""A scene: everything that decides the pixels of one clip, drawn from a seed.

One number, the difficulty, scales all nuisances: camera pan and jitter, distractors,
background contrast, flicker and noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from tam_viz.motionpairs import textures
from tam_viz.motionpairs.motions import MOTIONS, Track
from tam_viz.types import Truth

Split = Literal["train", "validation", "test"]
_POOL: dict[Split, int] = {"train": 0, "validation": 1, "test": 2}
FPS = 12.0
MIN_FRAMES, MAX_FRAMES = 32, 48


@dataclass(frozen=True, eq=False)
class Scene:
    """One clip before it is drawn.

    Times `u` run from 0 at the start of the clip to 1 at its end.

    Attributes:
        tracks: What is in the scene, back to front.
        sprites: Index in the pool of the sprite of each track (unused for an occluder).
        event: Start and end of the event in u.
        backwards: True if the scene is the reversal of what the tracks say.
        smooth: True if the event starts and stops gently.
        jitter_phase: Phases of the camera's jitter, for (x, y) and two harmonics.
    """

    truth: Truth
    pool: int
    video_frames: int
    tracks: tuple[Track, ...]
    sprites: tuple[int, ...]
    background: int
    contrast: float
    event: tuple[float, float]
    backwards: bool
    smooth: bool
    pan: tuple[float, float]
    jitter: float
    jitter_phase: Float[np.ndarray, "2 2"]
    gain: float
    flicker: float
    noise: float
    noise_seed: int

    def phase(self, u: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
        """Progress of the event, in [0, 1], at times `u`."""
        start, end = self.event
        progress = np.clip((u - start) / (end - start), 0.0, 1.0)
        return progress * progress * (3 - 2 * progress) if self.smooth else progress

    def camera(self, u: Float[np.ndarray, " t"]) -> Float[np.ndarray, "t 2"]:
        """Shift (right, down) in frame widths of everything in the picture at times `u`."""
        steady = (u[:, None] - 0.5) * np.array(self.pan)
        turns = 2 * math.pi * np.array([2.3, 5.1]) * u[:, None, None] + self.jitter_phase
        shift: np.ndarray = steady + self.jitter * np.sin(turns).mean(-1)
        return shift


def _extras(rng: np.random.Generator, d: float) -> tuple[list[Track], list[Track]]:
    """Distractors that never move: an object behind everything, a box that hides nothing."""
    behind, boxes = [], []
    if rng.random() < 0.6 * d:
        x, y = rng.uniform(0.08, 0.92, size=2)
        half, turn = rng.uniform(0.07, 0.11), rng.uniform(0, 2 * math.pi)
        behind.append(Track("object", np.array([[x, y, half, turn]])))
    if rng.random() < 0.3 * d:
        side = rng.choice([0.1, 0.9])
        along, half = rng.uniform(0.1, 0.9), rng.uniform(0.07, 0.12)
        x, y = (side, along) if rng.random() < 0.5 else (along, side)
        boxes.append(Track("occluder", np.array([[x, y, half, 0.0]])))
    return behind, boxes


def draw_scene(seed: int, index: int, label: int, split: Split) -> Scene:
    """The scene number `index` of class number `label`.

    The same arguments give the same scene, on every machine.

    Args:
        seed: Of the whole set.
        index: Of the clip in the set.
        label: Index in `CLASSES`, 0 to 15.
        split: No two of them share random numbers or textures.
    """
    pool = _POOL[split]
    rng = np.random.default_rng([pool, seed, index])
    motion, second = MOTIONS[label // 2], label % 2 == 1
    d = float(rng.random() ** 1.3)
    length = int(rng.integers(MIN_FRAMES, MAX_FRAMES + 1))
    share = rng.uniform(motion.shortest_event, 1.0)
    start = rng.uniform(0, 1 - share)
    moving = motion.build(rng, second)
    behind, boxes = _extras(rng, d)
    tracks = (*behind, *moving, *boxes)
    pan = tuple(float(p) for p in rng.uniform(-0.18, 0.18, size=2) * d)
    backwards = second and motion.reversal
    event = (1 - start - share, 1 - start) if backwards else (start, start + share)
    seconds = length / FPS
    truth = Truth(
        label=motion.classes[label % 2],
        event_s=(event[0] * seconds, event[1] * seconds),
        speed_hz=1 / (share * seconds),
        camera=(-pan[0], -pan[1]) if backwards else (pan[0], pan[1]),
        difficulty=d,
    )
    return Scene(
        truth=truth,
        pool=pool,
        video_frames=length,
        tracks=tracks,
        sprites=tuple(int(i) for i in rng.integers(textures.SPRITES, size=len(tracks))),
        background=int(rng.integers(textures.BACKGROUNDS)),
        contrast=0.25 + 0.75 * d,
        event=(start, start + share),
        backwards=backwards,
        smooth=bool(motion.eased and rng.random() < 0.5),
        pan=(pan[0], pan[1]),
        jitter=float(0.014 * d * (rng.random() < 0.5)),
        jitter_phase=rng.uniform(0, 2 * math.pi, size=(2, 2)),
        gain=float(rng.uniform(0.75, 1.25)),
        flicker=0.05 * d,
        noise=float(rng.uniform(0, 0.05) * d),
        noise_seed=int(rng.integers(2**31)),
    )
