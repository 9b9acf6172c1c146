"""A scene: everything that decides the pixels of one clip, drawn from a seed.

One number, the difficulty, scales all nuisances: camera pan and jitter, drifting distractors,
boxes in the way, background contrast, flicker, noise, and how far the speed strays from the
ordinary one. Training and testing share its ranges; the *shift* set leaves them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from tam_viz.motionpairs import textures
from tam_viz.motionpairs.motions import CLASSES, MOTIONS, Track
from tam_viz.types import Generation, Truth

Split = Literal["train", "validation", "test", "shift"]
_POOL: dict[Split, int] = {"train": 0, "validation": 1, "test": 2, "shift": 3}

SHIFTS = ("faster", "slower", "camera", "smaller", "crowded")
"""What is outside the training range in a clip of the shift set; they take turns."""

LEVELS = ("calm", "busy", "hard")
"""Thirds of the range of difficulty, for reports."""

_SPEED_RANGE = 2.0
"""Speeds in training lie between the ordinary one divided by this and multiplied by it."""
_PAN_RANGE = 0.18
"""Largest pan of the camera in training, over the whole clip and along each axis, in widths."""
_SHRUNK = (0.45, 0.6)
"""Sizes of objects in a *smaller* clip as multiples of those in training."""
_CROWD, _BOXES = 4, 3
"""Drifting objects and boxes in a *crowded* clip; training has at most one of each."""
FPS = 12.0
MIN_FRAMES, MAX_FRAMES = 32, 48


@dataclass(frozen=True, eq=False)
class Scene:
    """One clip before it is drawn.

    Times `u` run from 0 at the start of the clip to 1 at its end.

    Attributes:
        tracks: What is in the scene, back to front.
        sprites: Index in the pool of the sprite of each track (unused for an occluder).
        event: Start and end of the event in u; a slow one begins or ends outside the clip.
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

    def poses(self, track: Track, u: Float[np.ndarray, " t"]) -> Float[np.ndarray, "t 4"]:
        """Poses of a track at times `u`."""
        return track.at(u if track.drifts else self.phase(u))

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
    """What has no part in the event: an object that drifts behind it, a small box before it."""
    behind, boxes = [], []
    if rng.random() < 0.6 * d:
        behind.append(_drifter(rng))
    if rng.random() < 0.4 * d:
        boxes.append(_box(rng))
    return behind, boxes


def _drifter(rng: np.random.Generator) -> Track:
    x, y = rng.uniform(0.08, 0.92, size=2)
    half, turn = rng.uniform(0.06, 0.09), rng.uniform(0, 2 * math.pi)
    dx, dy = rng.uniform(-0.08, 0.08, size=2)
    path = [[x - dx, y - dy, half, turn], [x + dx, y + dy, half, turn]]
    return Track("object", np.array(path), drifts=True)


def _box(rng: np.random.Generator) -> Track:
    x, y = rng.uniform(0.1, 0.9, size=2)
    return Track("occluder", np.array([[x, y, rng.uniform(0.05, 0.075), 0.0]]))


def _shrunk(tracks: tuple[Track, ...], factor: float) -> tuple[Track, ...]:
    """The same paths with smaller objects; boxes stay, so that what hides is still hidden."""
    scale = np.array([1.0, 1.0, factor, 1.0])
    return tuple(
        Track(t.what, t.poses * scale, t.drifts) if t.what == "object" else t for t in tracks
    )


def _speed(rng: np.random.Generator, d: float, shift: str | None) -> float:
    """Speed of the event as a multiple of the ordinary one."""
    if shift == "faster":
        return float(_SPEED_RANGE * rng.uniform(1.0, 1.5))
    if shift == "slower":
        return float(1 / (_SPEED_RANGE * rng.uniform(1.0, 1.5)))
    return float(_SPEED_RANGE ** (rng.uniform(-1, 1) * max(d, 0.3)))


def _pan(rng: np.random.Generator, d: float, shift: str | None) -> tuple[float, float]:
    """Pan of the camera over the clip, (right, down), in frame widths."""
    if shift == "camera":
        angle, far = rng.uniform(0, 2 * math.pi), _PAN_RANGE * rng.uniform(1.5, 2.0)
        return float(far * math.cos(angle)), float(far * math.sin(angle))
    right, down = rng.uniform(-_PAN_RANGE, _PAN_RANGE, size=2) * d
    return float(right), float(down)


def draw_scene(
    seed: int, index: int, label: int, split: Split, classes: int = len(CLASSES)
) -> Scene:
    """The scene number `index` of class number `label`.

    The same arguments give the same scene, on every machine.

    Args:
        seed: Of the whole set.
        index: Of the clip in the set.
        label: Index in `CLASSES`, 0 to 15.
        split: No two of them share random numbers or textures.
        classes: How many classes take turns in the set.
    """
    pool = _POOL[split]
    rng = np.random.default_rng([pool, seed, index])
    motion, second = MOTIONS[label // 2], label % 2 == 1
    shift = shift_of(index, classes) if split == "shift" else None
    d = float(rng.random() ** 1.3)
    length = int(rng.integers(MIN_FRAMES, MAX_FRAMES + 1))
    speed = _speed(rng, d, shift)
    share = motion.share / speed
    start = float(rng.uniform(min(0.0, 1 - share), max(0.0, 1 - share)))
    moving = motion.build(rng, second)
    behind, boxes = _extras(rng, d)
    if shift == "smaller":
        moving = _shrunk(moving, float(rng.uniform(*_SHRUNK)))
    if shift == "crowded":
        behind = [_drifter(rng) for _ in range(_CROWD)]
        boxes = [_box(rng) for _ in range(_BOXES)]
    tracks = (*behind, *moving, *boxes)
    pan = _pan(rng, d, shift)
    backwards = second and motion.reversal
    event = (1 - start - share, 1 - start) if backwards else (start, start + share)
    seconds = length / FPS
    truth = Truth(
        label=motion.classes[label % 2],
        event_s=(max(0.0, event[0]) * seconds, min(1.0, event[1]) * seconds),
        generation=Generation(speed, (-pan[0], -pan[1]) if backwards else pan, d),
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
        pan=pan,
        jitter=float(0.014 * d * (rng.random() < 0.5)),
        jitter_phase=rng.uniform(0, 2 * math.pi, size=(2, 2)),
        gain=float(rng.uniform(0.75, 1.25)),
        flicker=0.05 * d,
        noise=float(rng.uniform(0, 0.05) * d),
        noise_seed=int(rng.integers(2**31)),
    )


def shift_of(index: int, classes: int = len(CLASSES)) -> str:
    """Which of `SHIFTS` the clip number `index` of the shift set has.

    Classes take turns, and then the shifts do, so every class gets all.
    """
    return SHIFTS[index // classes % len(SHIFTS)]


def level_of(difficulty: float) -> str:
    """Which of `LEVELS` a clip of this difficulty belongs to."""
    return LEVELS[min(int(difficulty * len(LEVELS)), len(LEVELS) - 1)]
