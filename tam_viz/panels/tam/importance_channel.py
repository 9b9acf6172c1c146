"""Panels on one channel: V over time, and what weighting by V does to the frames."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.tam import importance as analysis
from tam_viz.analysis.tam import importance_words
from tam_viz.analysis.tam.usual import Usual, describe_importance
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam.importance_references import EDGES, EVENT, ControlTraces
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.overlay import overlay_frames
from tam_viz.plots.tam.channel_line import channel_lines
from tam_viz.types import BlockTrace, Clip

_DASHES = ("dashdot", "dot", "dash")
"""Of the controls, in the order of their names."""


def channel_line(
    clip: Clip,
    block: BlockTrace,
    beside: ControlTraces[BlockTrace],
    *,
    channel: int,
    frame: int = 0,
    usual: Usual | None = None,
) -> Panel:
    """One channel of one block.

    Args:
        clip: The clip.
        block: Its V.
        beside: Its controls.
        channel: The channel.
        frame: The chosen frame, from 0.
        usual: What the channel does on many clips, where it is known.
    """
    v = block.importance[channel]
    lines = [
        (name, other_block.importance[channel], theme.REFERENCE, dash)
        for (name, other_block), dash in zip(beside.named().items(), _DASHES, strict=False)
    ]
    lines.append((f"channel {channel}", v, theme.IMPORTANCE, "solid"))
    return Panel(
        title=f"Importance: channel {channel} of {block.name}",
        see="V of this channel in purple, from 0 (the frame is suppressed) to 1 (it passes "
        "unchanged); its references in grey. Click a frame to choose it.",
        how=f"{EVENT.replace('bars', 'bands')} {EDGES}\n\n{beside.explained} V of an untrained "
        "network is near ½ on the clips that its batch norms were recalibrated on."
        + (
            ""
            if usual is None
            else f" The grey band holds the channel's V on the middle 90% of {usual.over}."
        ),
        figure=channel_lines(
            clip,
            lines,
            analysis.inside_event(clip),
            frame,
            None if usual is None else np.quantile(usual.importance, [0.05, 0.95], axis=0),
        ),
        says=" ".join(
            [
                importance_words.describe_channel_importance(block, channel),
                *(() if usual is None else [describe_importance(usual, v, channel)]),
            ]
        ),
        table=analysis.importance_table(block, clip).loc[[channel]].T,
    )


def emphasised(
    clip: Clip,
    block: BlockTrace,
    features: Float[np.ndarray, "t h w"],
    *,
    channel: int,
    frame: int,
    weighted: bool,
) -> Panel:
    """The activation of one channel in the frames, before V or after it.

    Args:
        clip: The clip.
        block: Its V.
        features: Of the channel, before V; at least 0.
        channel: Its number.
        frame: Frame to point at, from 0.
        weighted: Whether V has been put on them.
    """
    high = max(float(features.max(initial=0.0)), 1e-6)
    v = block.importance[channel]
    maps = features * v[:, None, None] if weighted else features
    seen = (
        "; frames that fade have been down-weighted by V" if weighted else ", before V weights it"
    )
    return Panel(
        title=f"What channel {channel} of {block.name} sees, {'after' if weighted else 'before'} V",
        see=f"Where the channel is active in each frame{seen}. Click a frame to choose it.",
        how="Brighter is more active. One colour scale serves the whole clip, before and after "
        f"V; it ends at the largest activation before V, {high:.3g}.",
        figure=overlay_frames(
            clip,
            maps,
            low=0.0,
            high=high,
            colours=theme.SALIENCY,
            title="activation",
            highlight=frame,
        ),
        says=importance_words.describe_emphasis(features, v, frame),
        table=analysis.emphasis_table(features, v, clip),
    )
