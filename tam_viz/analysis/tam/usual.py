"""Is what a channel does on this clip usual? Its V and Θ among those on many clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from tam_viz.analysis.formatting import listed
from tam_viz.analysis.tam.kernels import TAPS, shares
from tam_viz.types import TAMTrace

_FEW, _TAIL = 20, 0.05


@dataclass(frozen=True, eq=False)
class Usual:
    """One channel of one block on many clips.

    Attributes:
        importance: Its V, a row for each clip.
        shares: Its weight on past, present and future, a row for each clip.
        same: Which clips are of the same class as the one that is looked at.
        over: The clips, in words.
    """

    importance: Float[np.ndarray, "n t"]
    shares: Float[np.ndarray, "n 3"]
    same: Bool[np.ndarray, " n"]
    over: str


def usual_of(
    traces: Sequence[TAMTrace],
    labels: Sequence[str | None],
    over: str,
    block: str,
    channel: int,
    label: str | None,
) -> Usual:
    """One channel on many clips.

    Args:
        traces: One for each clip.
        labels: The class of each, where it is known.
        over: The clips, in words.
        block: Of the channel.
        channel: Its number.
        label: The class of the clip that is looked at, where it is known.
    """
    return Usual(
        np.stack([trace[block].importance[channel] for trace in traces]),
        np.concatenate([shares(trace[block].kernel[[channel]]) for trace in traces]),
        np.array([label is not None and name == label for name in labels]),
        over,
    )


def below(
    values: Float[np.ndarray, "n m"], here: Float[np.ndarray, " m"]
) -> Float[np.ndarray, " m"]:
    """Share of clips whose value is smaller, equal ones counting half; in [0, 1]."""
    return (values < here).mean(axis=0) + 0.5 * (values == here).mean(axis=0)


def describe_kernel(usual: Usual, here: Float[np.ndarray, " 3"], channel: int) -> str:
    """One sentence on where the weights of a channel lie among those on many clips."""
    ranks = below(usual.shares, here)
    parts = [f"{tap} {rank:.0%}" for tap, rank in zip(TAPS, ranks, strict=True)]
    return (
        f"Share of {usual.over} on which channel {channel} gives less weight than here: "
        f"{', '.join(parts)}.{_verdict(ranks, usual)}"
    )


def describe_importance(usual: Usual, here: Float[np.ndarray, " t"], channel: int) -> str:
    """One sentence on the frames in which V of a channel is unusual, the edges left out."""
    if len(usual.importance) < _FEW:
        return _few(usual)
    ranks = below(usual.importance, here)
    inner = range(1, len(here) - 1) if len(here) > 2 else range(len(here))
    odd = [
        f"{i + 1} ({here[i]:.2f}, {'above' if ranks[i] > 0.5 else 'below'} "
        f"{max(ranks[i], 1 - ranks[i]):.0%})"
        for i in inner
        if not _TAIL <= ranks[i] <= 1 - _TAIL
    ]
    if not odd:
        edges = " but the first and the last" if len(here) > 2 else ""
        return (
            f"In every frame{edges} V of channel {channel} lies within the middle 90% of its "
            f"values on {usual.over}: nothing unusual."
        )
    frames = "frame" if len(odd) == 1 else "frames"
    return (
        f"V of channel {channel} lies outside the middle 90% of its values on {usual.over} in "
        f"{frames} {listed(odd)}."
    )


def _verdict(ranks: Float[np.ndarray, " m"], usual: Usual) -> str:
    if len(usual.shares) < _FEW:
        return f" {_few(usual)}"
    odd = [tap for tap, rank in zip(TAPS, ranks, strict=True) if not _TAIL <= rank <= 1 - _TAIL]
    if not odd:
        return " All lie within the middle 90%: this kernel is nothing unusual."
    return f" Outside the middle 90%: {listed(odd)}."


def _few(usual: Usual) -> str:
    return f"Over so few ({usual.over}) nothing can be called unusual."
