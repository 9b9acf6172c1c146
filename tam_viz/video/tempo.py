"""The same frames in another order in time: reversed, shuffled, frozen, slower, faster.

A network is given as many frames as before, each of them one that it was given before, so what
changes in its answer is owed to time alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from tam_viz.types import Clip, UserError

Order = Callable[[int, int], Int[np.ndarray, " t"]]
"""From the number of frames T and a chosen frame to the T frames to show, from 0."""


@dataclass(frozen=True)
class Tempo:
    """One way to play the frames: what it is called for a person, and which frames it shows."""

    says: str
    order: Order


def _reversed(frames: int, _chosen: int) -> Int[np.ndarray, " t"]:
    return np.arange(frames)[::-1]


def _shuffled(frames: int, _chosen: int) -> Int[np.ndarray, " t"]:
    order = np.random.default_rng(0).permutation(frames)
    return np.roll(order, 1) if (order == np.arange(frames)).all() else order


def _frozen(frames: int, chosen: int) -> Int[np.ndarray, " t"]:
    return np.full(frames, chosen)


def _half_speed(frames: int, _chosen: int) -> Int[np.ndarray, " t"]:
    return frames // 4 + np.arange(frames) // 2


def _double_speed(frames: int, _chosen: int) -> Int[np.ndarray, " t"]:
    return np.minimum(2 * np.arange(frames), frames - 1)


TEMPI: Mapping[str, Tempo] = {
    "reversed": Tempo("played backwards", _reversed),
    "shuffled": Tempo("frames shuffled", _shuffled),
    "frozen": Tempo("one frame, frozen", _frozen),
    "half": Tempo("half speed: the middle half, each frame twice", _half_speed),
    "double": Tempo("double speed: every second frame, then the last one repeated", _double_speed),
}
"""The ways by name."""


def retimed(clip: Clip, name: str, chosen: int = 0) -> Clip:
    """The clip played in another way; times and indices go with their frames.

    Args:
        clip: Any clip.
        name: One of `TEMPI`.
        chosen: Frame, from 0, that `frozen` shows.

    Raises:
        UserError: There is no such way, or the clip has no such frame.
    """
    if name not in TEMPI:
        raise UserError(f"A clip cannot be played '{name}'; choose one of {', '.join(TEMPI)}.")
    if not 0 <= chosen < len(clip.frames):
        raise UserError(
            f"The clip has frames 1 to {len(clip.frames)}; there is no frame {chosen + 1}."
        )
    order = TEMPI[name].order(len(clip.frames), chosen)
    which = f"-{chosen}" if name == "frozen" else ""
    return dataclasses.replace(
        clip,
        id=f"{clip.id}-{name}{which}",
        frames=clip.frames[order],
        frame_indices=clip.frame_indices[order],
        times_s=clip.times_s[order],
        source=f"{clip.source}, {TEMPI[name].says}",
    )


def middle(frames: int) -> int:
    """The frame, from 0, that is frozen where nobody chose one."""
    return (frames - 1) // 2
