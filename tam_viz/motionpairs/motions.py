"""The eight motions, each a pair of classes, as keyframes of what moves.

Seven of the pairs show the same frames in another order: the second class is the first one
played backwards under the same law, so single frames of the two have the same distribution by
construction. *Passes behind* and *turns back* are each their own reversal: they differ in the
side on which the object comes out, and the side itself is random.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

Thing = Literal["object", "occluder"]


@dataclass(frozen=True, eq=False)
class Track:
    """Path of one thing: poses (x, y, half size, angle) at equally spaced phases of the event.

    Positions and sizes are in frame widths, x to the right and y downwards, angles in radians
    clockwise. Tracks outside the event (`drifts`) follow clip time, not event time.
    """

    what: Thing
    poses: Float[np.ndarray, "knots 4"]
    drifts: bool = False

    def at(self, phase: Float[np.ndarray, " t"]) -> Float[np.ndarray, "t 4"]:
        """Poses at the given phases in [0, 1]."""
        knots = np.linspace(0, 1, len(self.poses))
        return np.stack([np.interp(phase, knots, column) for column in self.poses.T], axis=-1)


Build = Callable[[np.random.Generator, bool], tuple[Track, ...]]


@dataclass(frozen=True)
class Motion:
    """One pair of classes.

    Attributes:
        family: Name of the pair.
        classes: The two class names.
        build: Draws the tracks of the first class, back to front. The flag asks for the second
            class and is heeded only by a pair that is not made by reversal.
        reversal: True if playing one class backwards gives the other.
        eased: True if the pace of the event carries no meaning and may be eased.
        share: Length of the event at its ordinary speed, as a share of the clip.
    """

    family: str
    classes: tuple[str, str]
    build: Build
    reversal: bool = True
    eased: bool = True
    share: float = 0.55


def _half_size(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.125, 0.18))


def _poses(*poses: tuple[float, float, float, float]) -> Float[np.ndarray, "knots 4"]:
    return np.array(poses, dtype=np.float64)


def _line(rng: np.random.Generator, angle: float, shortest: float = 0.32) -> Track:
    """A straight move along `angle`, centred somewhere near the middle of the frame."""
    half = _half_size(rng)
    travel = rng.uniform(shortest, 0.58)
    slip = rng.uniform(-0.18, 0.18)
    x, y = 0.5 - slip * math.sin(angle), 0.5 + slip * math.cos(angle)
    dx, dy = travel / 2 * math.cos(angle), travel / 2 * math.sin(angle)
    turn = rng.uniform(0, 2 * math.pi)
    return Track("object", _poses((x - dx, y - dy, half, turn), (x + dx, y + dy, half, turn)))


def _left(rng: np.random.Generator, _second: bool) -> tuple[Track, ...]:
    return (_line(rng, math.pi + rng.uniform(-0.15, 0.15)),)


def _up(rng: np.random.Generator, _second: bool) -> tuple[Track, ...]:
    return (_line(rng, -math.pi / 2 + rng.uniform(-0.15, 0.15)),)


def _approach(rng: np.random.Generator, _second: bool) -> tuple[Track, ...]:
    ratio = rng.uniform(1.7, 2.8)
    far = rng.uniform(0.085, 0.12)
    x, y = rng.uniform(0.38, 0.62, size=2)
    turn = rng.uniform(0, 2 * math.pi)
    return (Track("object", _poses((x, y, far, turn), (x, y, far * ratio, turn))),)


def _clockwise(rng: np.random.Generator, _second: bool) -> tuple[Track, ...]:
    half = rng.uniform(0.24, 0.32)
    x, y = rng.uniform(0.4, 0.6, size=2)
    start, turn = rng.uniform(0, 2 * math.pi), math.radians(rng.uniform(110, 190))
    return (Track("object", _poses((x, y, half, start), (x, y, half, start + turn))),)


def _occluded(
    rng: np.random.Generator, stops: Callable[[float], tuple[float, ...]]
) -> tuple[Track, ...]:
    """An object moving along a random line through a box; `stops` are distances from the box."""
    half = float(rng.uniform(0.1, 0.13))
    box = half * rng.uniform(1.1, 1.3)
    x, y = rng.uniform(0.44, 0.56, size=2)
    angle, turn = rng.uniform(0, 2 * math.pi, size=2)
    reach = half + box + rng.uniform(0.03, 0.09)
    line = [(x + d * math.cos(angle), y + d * math.sin(angle), half, turn) for d in stops(reach)]
    return (Track("object", _poses(*line)), Track("occluder", _poses((x, y, box, 0.0))))


def _hide(rng: np.random.Generator, _second: bool) -> tuple[Track, ...]:
    return _occluded(rng, lambda reach: (reach, 0.0))


def _behind(rng: np.random.Generator, second: bool) -> tuple[Track, ...]:
    return _occluded(rng, lambda reach: (reach, 0.0, reach if second else -reach))


def _meet(rng: np.random.Generator, _second: bool) -> tuple[Track, ...]:
    half = float(rng.uniform(0.11, 0.14))
    x, y = rng.uniform(0.44, 0.56, size=2)
    angle, turn, other = rng.uniform(0, 2 * math.pi, size=3)
    far, near = half + rng.uniform(0.14, 0.22), half * rng.uniform(0.8, 1.0)
    dx, dy = math.cos(angle), math.sin(angle)
    first = _poses(
        (x - far * dx, y - far * dy, half, turn), (x - near * dx, y - near * dy, half, turn)
    )
    second = _poses(
        (x + far * dx, y + far * dy, half, other), (x + near * dx, y + near * dy, half, other)
    )
    return Track("object", second), Track("object", first)


def _speed_up(rng: np.random.Generator, _second: bool) -> tuple[Track, ...]:
    line = _line(rng, rng.uniform(0, 2 * math.pi), shortest=0.45)
    power = rng.uniform(2.2, 3.2)
    phase = np.linspace(0, 1, 33) ** power
    return (Track("object", line.at(phase)),)


MOTIONS: tuple[Motion, ...] = (
    Motion("horizontal", ("moves left", "moves right"), _left),
    Motion("vertical", ("moves up", "moves down"), _up),
    Motion("depth", ("approaches", "recedes"), _approach),
    Motion(
        "rotation",
        ("turns clockwise", "turns counter-clockwise"),
        _clockwise,
        share=0.7,
    ),
    Motion("hiding", ("hides", "comes out"), _hide),
    Motion(
        "behind",
        ("passes behind", "turns back behind"),
        _behind,
        reversal=False,
        share=0.7,
    ),
    Motion("meeting", ("come together", "move apart"), _meet),
    Motion("pace", ("speeds up", "slows down"), _speed_up, eased=False, share=0.8),
)

CLASSES: tuple[str, ...] = tuple(name for motion in MOTIONS for name in motion.classes)
"""The sixteen class names; two neighbours make a pair."""


def reversed_label(name: str) -> str:
    """The class of a clip of class `name` played backwards."""
    for motion in MOTIONS:
        if name in motion.classes:
            first, second = motion.classes
            if not motion.reversal:
                return name
            return second if name == first else first
    raise KeyError(f"no class {name!r} in MotionPairs")
