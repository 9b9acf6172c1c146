"""Rankings of the channels of a block: a score for each of them, the largest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam.importance import varies, without_edges
from tam_viz.analysis.tam.kernels import TAPS, shares
from tam_viz.types import BlockTrace


def importance_apart(first: BlockTrace, second: BlockTrace) -> Float[np.ndarray, " c"]:
    """Difference of V of each channel on two clips: root mean square, edges left out."""
    return varies(first.importance, second.importance)


def kernel_apart(first: BlockTrace, second: BlockTrace) -> Float[np.ndarray, " c"]:
    """Share of each kernel's weight that lies on other taps on the second clip; in [0, 1]."""
    return 0.5 * np.abs(first.kernel - second.kernel).sum(axis=1)


def adaptivity(kernels: Sequence[Float[np.ndarray, "c k"]]) -> Float[np.ndarray, " c"]:
    """Variation of each channel's Θ over clips: mean share of its weight off its mean kernel.

    In [0, 1); 0 where the channel does the same to every clip.

    Args:
        kernels: Θ of one block, on several clips.
    """
    stacked = np.stack(kernels)
    return 0.5 * np.abs(stacked - stacked.mean(axis=0)).sum(axis=2).mean(axis=0)


def order(scores: Float[np.ndarray, " c"]) -> list[int]:
    """Channels from the largest score to the smallest, equal ones by number."""
    return [int(channel) for channel in np.argsort(-scores, kind="stable")]


def top(scores: Float[np.ndarray, " c"], count: int, channel: int) -> list[int]:
    """The channels with the largest scores, the chosen one among them.

    It takes the place of the last one where it is not one of them.
    """
    first = order(scores)[:count]
    return first if channel in first else [*first[: count - 1], channel]


def ranking_table(
    block: BlockTrace, scores: Float[np.ndarray, " c"], name: str, count: int, channel: int
) -> pd.DataFrame:
    """The first channels of a ranking with what they do, a row for each.

    Args:
        block: V and Θ on the clip.
        scores: What they are ranked by.
        name: What that is called.
        count: How many rows.
        channel: The chosen one, which is always there.
    """
    rows = top(scores, count, channel)
    parts = shares(block.kernel)[rows]
    inner = without_edges(block.importance)[rows]
    skipped = (block.importance.shape[1] - inner.shape[1]) // 2
    columns = {"channel": rows, name: scores[rows], "V peaks in frame": inner.argmax(1) + skipped}
    columns["V peaks in frame"] = columns["V peaks in frame"] + 1
    columns |= {tap: parts[:, i] for i, tap in enumerate(TAPS)}
    return pd.DataFrame(columns)
