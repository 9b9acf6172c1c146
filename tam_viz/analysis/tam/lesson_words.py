"""Sentences of the lesson that are computed for the clip and the channel at hand."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.tam.kernels import moved, shares
from tam_viz.analysis.tam.lesson import triple
from tam_viz.analysis.tam.lesson_outcomes import SAME, apart
from tam_viz.types import BlockTrace

_MOST = 0.9
"""Above this share of the weight the other taps add almost nothing."""


def describe_carried(kernel: Float[np.ndarray, "c k"], channel: int) -> str:
    """Whether frames of the output carry content of other frames, in one channel and on average."""
    parts = shares(kernel)
    past, present, future = parts[channel]
    others = float((parts[:, 0] + parts[:, 2]).mean())
    if present >= _MOST:
        sentence = (
            f"In channel {channel} a frame keeps {present:.0%} of the weight on itself, so it "
            "carries almost nothing of its neighbours."
        )
    elif max(past, future) >= _MOST:
        which = "previous" if past > future else "next"
        sentence = (
            f"In channel {channel} the kernel puts {max(past, future):.0%} of its weight on the "
            f"{which} frame: content moves by one frame, and almost nothing is blended."
        )
    else:
        sentence = (
            f"In channel {channel} a frame takes {past + future:.0%} of the kernel's weight from "
            "its neighbours, so **it now carries something of them**."
        )
    return (
        f"{sentence} On average over the {len(parts)} channels of the block, {others:.0%} of the "
        "weight lies on neighbours."
    )


def describe_ends(kernel: Float[np.ndarray, "c k"], channel: int) -> str:
    """Sentences on the effect of zero padding on the first and the last frame of a channel."""
    past, _, future = shares(kernel)[channel]
    return (
        f"At the ends a tap reads zeros: in channel {channel} the first frame keeps "
        f"{1 - past:.0%} of the kernel's weight and the last one {1 - future:.0%}."
    )


def describe_adapted(first: BlockTrace, second: BlockTrace, channel: int, source: str) -> str:
    """Sentences on the difference of V and Θ of a block for a second clip.

    Args:
        first: Of the clip.
        second: Of the second clip, in the same block of the same network.
        channel: The channel that is followed.
        source: What the second clip is called.
    """
    share = float(apart(first.kernel[[channel]], second.kernel[[channel]])[0])
    v = float(np.abs(first.importance[channel] - second.importance[channel]).max())
    before, after = triple(first.kernel[channel]), triple(second.kernel[channel])
    if share < SAME:
        sentence = f"channel {channel} gets nearly the same kernel: {after} instead of {before}"
    else:
        sentence = f"channel {channel} gets another kernel: {after} instead of {before}"
    mean = moved(first.kernel, second.kernel)
    return (
        f"For the second clip ({source}) {sentence}. Its V differs by up to {v:.2f}. The average "
        f"kernel of the block moves {mean:.0%} of its weight."
    )
