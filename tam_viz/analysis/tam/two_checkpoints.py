"""V and Θ of two checkpoints of one architecture, on one clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam.importance import departure, without_edges
from tam_viz.analysis.tam.kernels import TAPS, shares
from tam_viz.types import BlockTrace, TAMTrace

_DRAWN, _CHANCE = 999, 0.01
"""Random pairings of channels, and how seldom they may be as near as those of one number."""


@dataclass(frozen=True, eq=False)
class TwoCheckpoints:
    """Two checkpoints of one architecture, given the same clip.

    Attributes:
        names: What they are called.
        traces: What they decided.
    """

    names: tuple[str, str]
    traces: tuple[TAMTrace, TAMTrace]

    @property
    def minus(self) -> str:
        """What the first less the second is called."""
        return " − ".join(self.names)

    def block(self, name: str) -> tuple[BlockTrace, BlockTrace]:
        """The same block of both."""
        return self.traces[0][name], self.traces[1][name]


@dataclass(frozen=True)
class Apart:
    """Distances between channels of the same number in two networks.

    Attributes:
        paired: The mean over channels of one number.
        shuffled: The mean over all pairs of channels.
        chance: Share of random pairings in which channels lie at least as near as `paired`.
    """

    paired: float
    shuffled: float
    chance: float

    @property
    def corresponds(self) -> bool:
        """Whether a channel's number means something in both."""
        return self.chance < _CHANCE


def importance_apart(first: BlockTrace, second: BlockTrace) -> Apart:
    """Of V, away from the edges: root mean square over frames, the mean over channels."""
    first_v, second_v = without_edges(first.importance), without_edges(second.importance)
    return _apart(np.sqrt(((first_v[:, None] - second_v[None]) ** 2).mean(axis=2)))


def kernels_apart(first: BlockTrace, second: BlockTrace) -> Apart:
    """Of Θ: share of a kernel's weight that lies on other taps, the mean over channels."""
    return _apart(0.5 * np.abs(first.kernel[:, None] - second.kernel[None]).sum(axis=2))


def _apart(distances: Float[np.ndarray, "c c"]) -> Apart:
    """A permutation test: are channels of one number nearer than channels paired at random?"""
    rng, count = np.random.default_rng(0), len(distances)
    paired = float(distances.diagonal().mean())
    drawn = [distances[np.arange(count), rng.permutation(count)].mean() for _ in range(_DRAWN)]
    at_least = 1 + int((np.array(drawn) <= paired).sum())  # the pairing itself is one of them
    return Apart(paired, float(distances.mean()), at_least / (_DRAWN + 1))


def describe_importance(both: TwoCheckpoints, block: str) -> str:
    """Sentences on V of one block in both."""
    first, second = both.block(block)
    first_departure, second_departure = departure(first.importance), departure(second.importance)
    apart = importance_apart(first, second)
    return (
        f"V of {block} departs from its channels' means by {first_departure:.3f} in "
        f"{both.names[0]} and by {second_departure:.3f} in {both.names[1]} (root mean square, "
        f"away from the edges). Channels of one number lie {apart.paired:.3f} apart, "
        f"channels paired at random {apart.shuffled:.3f}"
        f"{_correspond(apart)}"
    )


def describe_kernels(both: TwoCheckpoints, block: str) -> str:
    """Sentences on Θ of one block in both."""
    first, second = both.block(block)
    means = [
        f"{name}: "
        + ", ".join(
            f"{tap} {weight:.2f}"
            for tap, weight in zip(TAPS, shares(trace.kernel).mean(axis=0), strict=True)
        )
        for name, trace in zip(both.names, (first, second), strict=True)
    ]
    apart = kernels_apart(first, second)
    return (
        f"Mean weights of {block}, {'; '.join(means)}. Kernels of channels of one number differ in "
        f"{apart.paired:.0%} of their weight, of channels paired at random in {apart.shuffled:.0%}"
        f"{_correspond(apart)}"
    )


def _correspond(apart: Apart) -> str:
    chance = f" (p = {apart.chance:.2g}, {_DRAWN} random pairings): "
    if apart.corresponds:
        return f"{chance}a channel's number means something in both."
    return (
        f"{chance}no sign that a channel of one is the channel of the same number in the other, "
        "so compare blocks, not channels."
    )


def kernel_table(both: TwoCheckpoints) -> pd.DataFrame:
    """Mean weights of each block in both, a row for each block."""
    columns = {
        f"{name}: {tap}": [shares(block.kernel)[:, i].mean() for block in trace.blocks]
        for name, trace in zip(both.names, both.traces, strict=True)
        for i, tap in enumerate(TAPS)
    }
    return pd.DataFrame(columns, index=pd.Index(both.traces[0].names, name="block"))


def importance_table(
    both: TwoCheckpoints, values: tuple[Float[np.ndarray, "b t"], Float[np.ndarray, "b t"]]
) -> pd.DataFrame:
    """Numbers by block and frame of both, a row for each block."""
    columns = {
        f"{name}: frame {frame + 1}": rows[:, frame]
        for name, rows in zip(both.names, values, strict=True)
        for frame in range(rows.shape[1])
    }
    return pd.DataFrame(columns, index=pd.Index(both.traces[0].names, name="block"))
