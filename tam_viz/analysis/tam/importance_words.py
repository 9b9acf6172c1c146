"""Sentences on the importance map V."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

from tam_viz.analysis.formatting import listed, signed
from tam_viz.analysis.tam.importance import centred, departure, spread, without_edges
from tam_viz.types import BlockTrace, TAMTrace


def frame_number(inside: int, frames: int) -> int:
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
        f"{frame_number(int(frame), block.importance.shape[1])}."
    )


def describe_spread(trace: TAMTrace, references: Mapping[str, TAMTrace]) -> str:
    """One sentence on where in the network and in time V varies, beside other traces."""
    values = without_edges(spread(trace))
    block, frame = np.unravel_index(values.argmax(), values.shape)
    number = frame_number(int(frame), trace.blocks[0].importance.shape[1])
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
        str(frame_number(int(frame), len(values))) for frame in np.flatnonzero(inner > inner.mean())
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
        f"frame {frame_number(int(frame), len(values))} (V = {inner[frame]:.2f})"
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
        f"Averaged over blocks, a probe ranks a frame inside the event above one outside it in "
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
