"""How much kernels adapt, in sentences with numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.adaptivity import Adaptation, Loss


def describe_reliance(answer: Adaptation) -> str:
    """Two sentences on what Θ that does not adapt costs."""
    held, plain = answer.relies.mean, answer.untrained_relies.mean
    most = int(np.argmax([loss.mean for loss in held[:-1]]))
    sure = sum(loss.low > 0 for loss in held[:-1])
    return (
        f"Held at its mean in all blocks, Θ costs the true class {_interval(held[-1])} in "
        f"log-odds (untrained {_interval(plain[-1])}); of single blocks most in "
        f"{answer.blocks[most]}, {_interval(held[most])}, and in {sure} of {len(answer.blocks)} "
        "the interval lies above 0. Θ of a clip of the mirrored class costs "
        f"{_interval(answer.relies.mirrored[-1])}."
    )


def _interval(loss: Loss) -> str:
    return f"{_two(loss.mean)} [{_two(loss.low)}, {_two(loss.high)}]"


def _two(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # adding zero takes the sign off a zero


def describe_readouts(answer: Adaptation) -> str:
    """One sentence on the first and the last block, over all pairs."""
    ours, plain = (
        np.array(list(probes.direction.values())).mean(axis=0)
        for probes in (answer.trained, answer.untrained)
    )
    said = [
        f"{answer.blocks[i]} {ours[i]:.2f} (untrained {plain[i]:.2f})"
        for i in dict.fromkeys((0, len(answer.blocks) - 1))
    ]
    return f"Mean over the pairs: {', '.join(said)}; ½ is chance."


def describe_held(
    name: str, asked: str, known: bool, places: Sequence[str], lost: Float[np.ndarray, " b"]
) -> str:
    """One sentence on one clip.

    Args:
        name: What it is called.
        asked: The class that is asked about.
        known: Whether that is the true one.
        places: Blocks, then all of them.
        lost: Log-odds lost in each.
    """
    most = int(np.abs(lost[:-1]).argmax())
    whose = "the true class" if known else "the class that the network names"
    return (
        f"{name}: with Θ of all blocks held, '{asked}', {whose}, {_changes(lost[-1])} in log-odds; "
        f"of single blocks {places[most]} matters most: it {_changes(lost[most])}."
    )


def _changes(lost: float) -> str:
    return f"{'loses' if lost > 0 else 'gains'} {abs(lost):.2f}"
