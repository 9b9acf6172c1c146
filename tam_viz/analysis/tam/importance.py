"""Statistics of the importance map V that keep its channels.

The mean of V over channels is flat: single channels rise and fall with both signs. So maps are
centred per channel, and blocks are summed up by how far channels depart from their own mean.
Zero padding dominates V in the first and the last frame whatever happens in a clip, so they count
in no mean, order or sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from tam_viz.types import BlockTrace, Clip, TAMTrace

Order = Literal["peak", "variance", "stored"]


def centred(importance: Float[np.ndarray, "c t"]) -> Float[np.ndarray, "c t"]:
    """V minus each channel's mean over time, to which the edges do not count; in (-1, 1)."""
    shifted: np.ndarray = importance - without_edges(importance).mean(axis=1, keepdims=True)
    return shifted


def channel_order(importance: Float[np.ndarray, "c t"], by: Order) -> Int[np.ndarray, " c"]:
    """Channels in the order in which to draw them.

    `peak` sorts by the frame of the largest V, then by how far it rises; `variance` puts the
    channels that vary most over time first; `stored` keeps the order of the weights. What V is at
    the edges does not count.
    """
    if by == "stored":
        return np.arange(len(importance))
    shifted = without_edges(centred(importance))
    if by == "variance":
        return np.argsort(-shifted.var(axis=1), kind="stable")
    return np.lexsort((-shifted.max(axis=1), shifted.argmax(axis=1)))


def varies(
    importance: Float[np.ndarray, "c t"], frozen: Float[np.ndarray, "c t"]
) -> Float[np.ndarray, " c"]:
    """Distance of V of each channel from that of the frozen clip, edges left out.

    Root mean square over frames, in [0, 1). V varies over time without any event too, since
    padding reaches inwards from block to block.

    Args:
        importance: V on a clip.
        frozen: V on one frame of it, repeated.
    """
    return np.sqrt((without_edges(importance - frozen) ** 2).mean(axis=1))


def liveliest(importance: Float[np.ndarray, "c t"], frozen: Float[np.ndarray, "c t"]) -> int:
    """The channel with the largest `varies`."""
    return int(varies(importance, frozen).argmax())


def without_edges(values: Float[np.ndarray, "r t"]) -> Float[np.ndarray, "r u"]:
    """Without the padded first and last frame; as they are where nothing would be left."""
    return values[:, 1:-1] if values.shape[1] > 2 else values


def spread(trace: TAMTrace) -> Float[np.ndarray, "b t"]:
    """Root mean square over channels of centred V, by block and frame; in [0, 1)."""
    return np.stack([np.sqrt((centred(b.importance) ** 2).mean(axis=0)) for b in trace.blocks])


def colour_limit(values: Float[np.ndarray, "r t"]) -> float:
    """Largest absolute value away from the padded edges, for a colour scale; at least 0.02."""
    return max(float(np.nanmax(np.abs(without_edges(values)), initial=0.0)), 0.02)


def inside_event(clip: Clip) -> Bool[np.ndarray, " t"] | None:
    """Which frames lie inside the true event; None where it is not known."""
    if clip.truth is None or clip.truth.event_s is None:
        return None
    start, end = clip.truth.event_s
    inside: np.ndarray = (clip.times_s >= start) & (clip.times_s <= end)
    return inside


def importance_table(block: BlockTrace, clip: Clip) -> pd.DataFrame:
    """V of one block, a row per channel and a column per frame."""
    index = pd.RangeIndex(len(block.importance), name="channel")
    return pd.DataFrame(block.importance, columns=_frame_names(clip), index=index)


def spread_table(trace: TAMTrace, clip: Clip) -> pd.DataFrame:
    """`spread`, a row per block and a column per frame."""
    return frame_table_of(spread(trace), trace.names, clip)


def frame_table_of(
    values: Float[np.ndarray, "b t"], names: Sequence[str], clip: Clip
) -> pd.DataFrame:
    """Numbers with a row per block and a column per frame."""
    index = pd.Index(names, name="block")
    return pd.DataFrame(values, columns=_frame_names(clip), index=index)


def emphasis_table(
    features: Float[np.ndarray, "t h w"], importance: Float[np.ndarray, " t"], clip: Clip
) -> pd.DataFrame:
    """Mean activation of one channel by frame, its V, and their product."""
    pooled = features.mean(axis=(1, 2))
    columns = {"mean activation": pooled, "V": importance, "after V": pooled * importance}
    return pd.DataFrame(columns, index=pd.Index(_frame_names(clip), name="frame"))


def _frame_names(clip: Clip) -> list[str]:
    return [f"{i}: {time:.2f} s" for i, time in enumerate(clip.times_s, start=1)]


def departure(importance: Float[np.ndarray, "c t"]) -> float:
    """Departure of channels from their own mean, edges left out: root mean square, in [0, 1)."""
    return float(np.sqrt((without_edges(centred(importance)) ** 2).mean()))
