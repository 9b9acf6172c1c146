"""What an importance map says, without averaging it away.

The mean of V over channels is flat: single channels rise and fall with both signs. So maps are
centred per channel, and blocks are summed up by how far channels depart from their own mean.
Zero padding dominates V in the first and the last frame whatever happens in a clip, so they count
in no mean, order or sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from tam_viz.analysis.formatting import listed, signed
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
    """How far V of each channel is from what it is when nothing happens, edges left out.

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


def _frame_number(inside: int, frames: int) -> int:
    """Number in the view, from 1, of a column of `without_edges`."""
    return inside + (2 if frames > 2 else 1)


def describe_block(block: BlockTrace, references: Mapping[str, BlockTrace]) -> str:
    """One sentence on a block's map beside those of others, by what they are called."""
    shifted = without_edges(centred(block.importance))
    channel, frame = np.unravel_index(np.abs(shifted).argmax(), shifted.shape)
    rise = float(shifted[channel, frame])
    beside = [
        f"{name} {departure(reference.importance):.3f}" for name, reference in references.items()
    ]
    return (
        f"Away from the edges, channels of {block.name} depart from their own mean by "
        f"{departure(block.importance):.3f} ({'; '.join(['root mean square', *beside])}); the "
        f"largest is {signed(rise)}, channel {channel} in frame "
        f"{_frame_number(int(frame), block.importance.shape[1])}."
    )


def departure(importance: Float[np.ndarray, "c t"]) -> float:
    """How far channels depart from their own mean, edges left out: root mean square, in [0, 1)."""
    return float(np.sqrt((without_edges(centred(importance)) ** 2).mean()))


def describe_spread(trace: TAMTrace, references: Mapping[str, TAMTrace]) -> str:
    """One sentence on where in the network and in time V varies, beside other traces."""
    values = without_edges(spread(trace))
    block, frame = np.unravel_index(values.argmax(), values.shape)
    number = _frame_number(int(frame), trace.blocks[0].importance.shape[1])
    beside = [
        f"{name} {without_edges(spread(reference)).mean():.3f}"
        for name, reference in references.items()
    ]
    over_all = ", ".join([f"over all blocks {values.mean():.3f}", *beside])
    return (
        f"Away from the edges, V varies most in {trace.names[block]} at frame {number} "
        f"({values[block, frame]:.3f}); {over_all}."
    )


def describe_channel_importance(block: BlockTrace, channel: int) -> str:
    """Two or three sentences on one channel: extremes, frames above its mean, and its edges."""
    values = block.importance[channel]
    inner = without_edges(values[None])[0]
    raised = [
        str(_frame_number(int(frame), len(values)))
        for frame in np.flatnonzero(inner > inner.mean())
    ]
    extremes = describe_extremes(block, channel)
    if raised:
        frames = "frame" if len(raised) == 1 else "frames"
        extremes += f" It weights {frames} {listed(raised)} above its mean ({inner.mean():.2f})."
    if len(inner) < len(values):
        extremes += (
            f" At the edges, where padding dominates, V is {values[0]:.2f} and {values[-1]:.2f}."
        )
    return extremes


def describe_extremes(block: BlockTrace, channel: int) -> str:
    """One sentence on which frames a channel passes most and least, the edges left out."""
    values = block.importance[channel]
    inner = without_edges(values[None])[0]
    most, least = (
        f"frame {_frame_number(int(frame), len(values))} (V = {inner[frame]:.2f})"
        for frame in (inner.argmax(), inner.argmin())
    )
    return f"Away from the edges, channel {channel} passes most of {most} and least of {least}."


def describe_probe(
    names: Sequence[str],
    scores: Float[np.ndarray, "b t"],
    reference: Float[np.ndarray, "b t"] | None,
    inside: Bool[np.ndarray, " t"] | None,
    block: str,
) -> str:
    """Sentences on how well the probes tell the event on this clip, over all blocks and in one.

    A clip has few frames, so some block is always right by luck: the best one is not named.

    Args:
        names: Of the blocks.
        scores: What the probe of each says of each frame; NaN where it was not asked.
        reference: The same of the untrained network, where there is one.
        inside: Which frames are inside the event, where it is known.
        block: The chosen one.
    """
    seen = None if inside is None else inside[~np.isnan(scores[0])]
    if inside is None or seen is None or seen.all() or not seen.any():
        strongest = int(np.nanargmax(np.nanmax(scores, axis=1) - np.nanmin(scores, axis=1)))
        why = "The event is not annotated for this clip"
        if inside is not None:
            why = "The event fills all frames that are shown or none, so nothing can be checked"
        return (
            f"{why}; the probe varies most in {names[strongest]}, block {strongest + 1} of "
            f"{len(names)}."
        )
    right, here = _ranked(scores, inside), list(names).index(block)
    pairs = int(seen.sum() * (~seen).sum())
    mean, alone = "", ""
    if reference is not None:
        base = _ranked(reference, inside)
        mean, alone = f" (untrained {base.mean():.0%})", f" (untrained {base[here]:.0%})"
    return (
        f"On the mean over blocks, a probe ranks a frame inside the event above one outside it in "
        f"{right.mean():.0%} of the pairs of frames{mean}; ½ is chance. In {block} it does so in "
        f"{right[here]:.0%}{alone}. This clip has {pairs} such pairs, so a single block says "
        "little."
    )


def _ranked(
    scores: Float[np.ndarray, "b t"], inside: Bool[np.ndarray, " t"]
) -> Float[np.ndarray, " b"]:
    """By block, the share of pairs of an inside and an outside frame that are ranked rightly."""
    kept = ~np.isnan(scores[0])
    during, outside = scores[:, kept & inside, None], scores[:, None, kept & ~inside]
    ranked = (during > outside) + 0.5 * (during == outside)
    share: np.ndarray = ranked.mean(axis=(1, 2))
    return share


def describe_emphasis(
    features: Float[np.ndarray, "t h w"], importance: Float[np.ndarray, " t"], frame: int
) -> str:
    """One sentence on what V does to the activations of one channel."""
    pooled = features.mean(axis=(1, 2))
    before, after = int(pooled.argmax()) + 1, int((pooled * importance).argmax()) + 1
    return (
        f"Before V the channel is most active in frame {before}, after it in frame {after}; in "
        f"frame {frame + 1} V passes {importance[frame]:.0%} of an activation of "
        f"{pooled[frame]:.3f} (mean over the frame)."
    )
