"""When each frame is shown and how long the video lasts, from the clock of its packets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

_BACK_S = 1.0
"""A clock that goes back further than frames are reordered has been set anew."""

_GAP_S = 3600.0
"""No frame of a video stands longer."""

_SLOWEST_S = 60.0
"""A clock by which frames follow each other more slowly than that is an error of the header."""

_DOUBTED_S = 10.0
"""No frame is believed to stand longer where the file is damaged, or its clock went back."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """Times of all frames in seconds after the first one, never decreasing.

    Attributes:
        times_s: Of each frame.
        duration_s: To the end of the last frame.
        jumps: How often the clock of the file was set anew; time is counted on across.
        doubted_s: What the clock of the file says from one frame to the next, where that is so
            much that frames are taken to follow each other at the nominal pace; else 0.
    """

    times_s: Float[np.ndarray, " n"]
    duration_s: float
    jumps: int
    doubted_s: float = 0.0


def timeline(
    clock: Float[np.ndarray, " n"],
    durations: Float[np.ndarray, " n"],
    step_s: float,
    promised_s: float = 0.0,
    *,
    damaged: bool = False,
) -> Timeline:
    """Times of frames in the order in which they are shown.

    Args:
        clock: Presentation time of each frame in seconds, NaN where there is none. It may begin
            anywhere, be set anew on the way, and be out of order within a second.
        durations: What the file states for each frame in seconds, 0 for nothing.
        step_s: From one frame to the next where the clock does not say; above 0.
        promised_s: Length that the file states, 0 for none: no frame stands longer than that.
        damaged: Whether the file is.
    """
    slow = _pace(clock)
    doubted = slow if slow > _SLOWEST_S else 0.0
    if doubted:
        clock, durations = np.full(len(clock), np.nan), np.zeros(len(durations))
    filled = _complete(clock, step_s)
    longest = min(_GAP_S, max(promised_s, _BACK_S)) if promised_s > 0 else _GAP_S
    if damaged or (np.diff(filled) < -_BACK_S).any():
        longest = min(longest, _DOUBTED_S)
    times, jumps = _ordered(filled, step_s, longest)
    steps = np.diff(times)
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else step_s
    last = min(_last(steps, durations, usual), longest)
    return Timeline(times, float(times[-1]) + last, jumps, doubted)


def _pace(clock: Float[np.ndarray, " n"]) -> float:
    """The usual time from one frame to the next in seconds; 0 where there are too few."""
    steps = np.abs(np.diff(clock[np.isfinite(clock)]))
    return float(np.median(steps)) if len(steps) > 1 else 0.0


def _complete(clock: Float[np.ndarray, " n"], step: float) -> Float[np.ndarray, " n"]:
    """Fills in times that are missing; a clock that stands still is none."""
    known = np.flatnonzero(np.isfinite(clock))
    indices = np.arange(len(clock))
    if not len(known) or (len(known) > 1 and np.ptp(clock[known]) == 0):
        return indices * step
    first, last = known[0], known[-1]
    filled: np.ndarray = np.interp(indices, known, clock[known])
    filled[:first] = clock[first] - step * (first - indices[:first])
    filled[last + 1 :] = clock[last] + step * (indices[last + 1 :] - last)
    return filled


def _ordered(
    times: Float[np.ndarray, " n"], step: float, longest: float
) -> tuple[Float[np.ndarray, " n"], int]:
    steps = np.diff(times)
    jumps = (steps < -_BACK_S) | (steps > longest)
    steps[jumps] = step
    counted = np.sort(np.concatenate([[0.0], np.cumsum(steps)]))
    return counted - counted[0], int(jumps.sum())


def _last(
    steps: Float[np.ndarray, " s"], durations: Float[np.ndarray, " n"], usual: float
) -> float:
    """How long the last frame stands.

    What the file states for it counts if what it states for the frame before is true: files of
    variable rate often state the same for all.
    """
    stated = float(durations[-1])
    if not len(steps):
        return stated if 0 < stated <= _GAP_S else usual
    before = float(steps[-1]) or usual
    if 0 < stated <= _GAP_S and abs(float(durations[-2]) - before) <= 0.25 * before:
        return stated
    return before
