"""What an importance map says, without averaging it away.

The mean of V over channels is flat: single channels rise and fall with both signs. So maps are
centred per channel, and blocks are summed up by how far channels depart from their own mean.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from tam_viz.types import BlockTrace, Clip, TAMTrace

Order = Literal["peak", "variance", "stored"]


def centred(importance: Float[np.ndarray, "c t"]) -> Float[np.ndarray, "c t"]:
    """V minus each channel's mean over time; in (-1, 1)."""
    shifted: np.ndarray = importance - importance.mean(axis=1, keepdims=True)
    return shifted


def channel_order(importance: Float[np.ndarray, "c t"], by: Order) -> Int[np.ndarray, " c"]:
    """Channels in the order in which to draw them.

    `peak` sorts by the frame of the largest V, then by how far it rises; `variance` puts the
    channels that vary most over time first; `stored` keeps the order of the weights.
    """
    if by == "stored":
        return np.arange(len(importance))
    shifted = centred(importance)
    if by == "variance":
        return np.argsort(-shifted.var(axis=1), kind="stable")
    return np.lexsort((-shifted.max(axis=1), shifted.argmax(axis=1)))


def most_variable(importance: Float[np.ndarray, "c t"]) -> int:
    """The channel whose V varies most over time, the padded first and last frame left out."""
    return int(without_edges(importance).var(axis=1).argmax())


def without_edges(values: Float[np.ndarray, "r t"]) -> Float[np.ndarray, "r u"]:
    """Without the padded first and last frame; as they are where nothing would be left."""
    return values[:, 1:-1] if values.shape[1] > 2 else values


def spread(trace: TAMTrace) -> Float[np.ndarray, "b t"]:
    """Root mean square over channels of centred V, by block and frame; in [0, 1)."""
    return np.stack([np.sqrt((centred(b.importance) ** 2).mean(axis=0)) for b in trace.blocks])


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
    index = pd.Index(trace.names, name="block")
    return pd.DataFrame(spread(trace), columns=_frame_names(clip), index=index)


def _frame_names(clip: Clip) -> list[str]:
    return [f"{i}: {time:.2f} s" for i, time in enumerate(clip.times_s, start=1)]


def _frame_number(inside: int, frames: int) -> int:
    """Number in the view, from 1, of a column of `without_edges`."""
    return inside + (2 if frames > 2 else 1)


def describe_block(block: BlockTrace, reference: BlockTrace) -> str:
    """One sentence on a block's map beside that of an untrained block."""
    shifted = without_edges(centred(block.importance))
    base = without_edges(centred(reference.importance))
    channel, frame = np.unravel_index(np.abs(shifted).argmax(), shifted.shape)
    rise = shifted[channel, frame]
    return (
        f"Away from the edges, channels of {block.name} depart from their own mean by "
        f"{np.sqrt((shifted**2).mean()):.3f} (root mean square; untrained "
        f"{np.sqrt((base**2).mean()):.3f}); the largest departure is {rise:+.2f}, channel "
        f"{channel} in frame {_frame_number(int(frame), block.importance.shape[1])}."
    )


def describe_spread(trace: TAMTrace, reference: TAMTrace) -> str:
    """One sentence on where in the network and in time V varies."""
    values, base = without_edges(spread(trace)), without_edges(spread(reference))
    block, frame = np.unravel_index(values.argmax(), values.shape)
    number = _frame_number(int(frame), trace.blocks[0].importance.shape[1])
    return (
        f"Away from the edges, V varies most in {trace.names[block]} at frame {number} "
        f"({values[block, frame]:.3f}); over all blocks {values.mean():.3f}, untrained "
        f"{base.mean():.3f}."
    )


def describe_channel(block: BlockTrace, channel: int) -> str:
    """One sentence on one channel."""
    values = block.importance[channel]
    return (
        f"Channel {channel} listens most in frame {int(values.argmax()) + 1} "
        f"(V = {values.max():.2f}) and least in frame {int(values.argmin()) + 1} "
        f"(V = {values.min():.2f})."
    )
