"""Sentences on how much kernels adapt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.formatting import plain
from tam_viz.analysis.tam.adaptivity import Adaptation, Loss


def describe_reliance(answer: Adaptation) -> str:
    """Two sentences on what Θ that does not adapt costs."""
    ablated, base = answer.relies.mean, answer.untrained_relies.mean
    most = int(np.argmax([loss.mean for loss in ablated[:-1]]))
    sure = sum(loss.low > 0 for loss in ablated[:-1])
    return (
        f"With Θ at its mean in all blocks the log-odds of the true class fall by "
        f"{_interval(ablated[-1])} (untrained {_interval(base[-1])}); with one block at a time "
        f"most in {answer.blocks[most]}, by {_interval(ablated[most])}, and in {sure} of "
        f"{len(answer.blocks)} blocks the interval lies above 0. With Θ of a clip of the other "
        f"class of the pair they fall by {_interval(answer.relies.mirrored[-1])}."
    )


def _interval(loss: Loss) -> str:
    return f"{plain(loss.mean)} [{plain(loss.low)}, {plain(loss.high)}]"


def describe_readouts(answer: Adaptation) -> str:
    """One sentence on the first and the last block, over all pairs."""
    ours, base = (
        np.array(list(probes.direction.values())).mean(axis=0)
        for probes in (answer.trained, answer.untrained)
    )
    parts = [
        f"{answer.blocks[i]} {ours[i]:.2f} (untrained {base[i]:.2f})"
        for i in dict.fromkeys((0, len(answer.blocks) - 1))
    ]
    return f"Mean over the pairs: {', '.join(parts)}; ½ is chance."


def describe_ablated(
    name: str, asked: str, known: bool, blocks: Sequence[str], lost: Float[np.ndarray, " b"]
) -> str:
    """One sentence on one clip.

    Args:
        name: What it is called.
        asked: The class that is asked about.
        known: Whether that is the true one.
        blocks: Blocks, then all of them.
        lost: Log-odds lost in each.
    """
    most = int(np.abs(lost[:-1]).argmax())
    whose = "the true class" if known else "the predicted class"
    return (
        f"{name}: with Θ of all blocks at its mean, the log-odds of '{asked}', {whose}, "
        f"{_changes(lost[-1])}; of single blocks {blocks[most]} matters most: they "
        f"{_changes(lost[most])}."
    )


def _changes(lost: float) -> str:
    rounded = round(lost, 2)
    if rounded == 0:
        return "do not change"
    return f"{'fall' if rounded > 0 else 'rise'} by {abs(rounded):.2f}"
