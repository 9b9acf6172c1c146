"""Whether a block does the same to every clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tam_viz.types import Mean, TAMTrace

SAME = 0.05
"""Of a block's kernels that lie nearer to their mean than this, on average, nothing is seen to
depend on the clip."""


def spread_over_clips(traces: Sequence[TAMTrace]) -> dict[str, float]:
    """By block, how far kernels lie from their mean over clips.

    It is the share of a kernel's weight that lies on other taps than in the mean, averaged over
    clips and channels; in [0, 1).
    """
    spread = {}
    for name in traces[0].names:
        kernels = np.stack([trace[name].kernel for trace in traces])
        spread[name] = float(0.5 * np.abs(kernels - kernels.mean(axis=0)).sum(axis=-1).mean())
    return spread


def same_blocks(mean: Mean) -> tuple[str, ...]:
    """Blocks that do nearly the same to every clip, in forward order."""
    return tuple(name for name, share in mean.spread.items() if share < SAME)


def describe_sameness(mean: Mean, block: str) -> str | None:
    """One sentence where a block does nearly the same to every clip; else None."""
    if block not in same_blocks(mean):
        return None
    kernel = mean.trace[block].kernel.mean(axis=0)
    weights = ", ".join(f"{weight:.2f}" for weight in kernel)
    return (
        f"Over {mean.over}, Θ of {block} is nearly the same every time: on average "
        f"{mean.spread[block]:.1%} of a kernel's weight lies on other taps than in its mean. "
        f"Averaged over channels, that mean is ({weights}), from the past to the future."
    )
