"""The frames of a view that lie inside the true event, shaded each by itself.

A view need not run through the video in one go: a dense window that is longer than a short video
begins again at its start, and then frames outside the event stand between frames inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool

from tam_viz.plots.shared import theme


def stretches(inside: Bool[np.ndarray, " t"] | None) -> list[tuple[int, int]]:
    """First and last frame, from 0, of every run of frames inside; none where it is not known."""
    if inside is None:
        return []
    steps = np.diff(np.concatenate([[0], inside.astype(int), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1
    return [(int(first), int(last)) for first, last in zip(starts, ends, strict=True)]


def bars(
    inside: Bool[np.ndarray, " t"] | None,
    axis: str = "",
    span: tuple[float, float] = (1.005, 1.025),
) -> list[dict[str, Any]]:
    """Orange bars over the frames inside, as shapes of the axes `x{axis}` and `y{axis}`.

    Args:
        inside: Which frames are inside; frame i stands at x = i.
        axis: Ending of the names of the axes.
        span: From where to where they reach, in heights of the axes from the lower end.
    """
    solid = {"fillcolor": theme.EVENT, "line": {"width": 0}}
    return [_shape(run, axis, span) | solid for run in stretches(inside)]


def bands(inside: Bool[np.ndarray, " t"] | None, axis: str = "") -> list[dict[str, Any]]:
    """Bands behind what is drawn over the frames inside, as shapes; else like `bars`."""
    tint = {
        "fillcolor": theme.EVENT_FILL,
        "line": {"width": 1, "color": theme.EVENT},
        "layer": "below",
    }
    return [_shape(run, axis, (0.0, 1.0)) | tint for run in stretches(inside)]


def _shape(run: Sequence[int], axis: str, span: tuple[float, float]) -> dict[str, Any]:
    first, last = run
    return {
        "type": "rect",
        "xref": f"x{axis}",
        "yref": f"y{axis} domain",
        "x0": first - 0.5,
        "x1": last + 0.5,
        "y0": span[0],
        "y1": span[1],
    }
