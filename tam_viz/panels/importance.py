"""Panels on importance maps; an untrained network stands beside every picture."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tam_viz.analysis import importance as analysis
from tam_viz.analysis.adaptivity import InsideProbe, inside_scores
from tam_viz.panels.panel import Panel
from tam_viz.plots import importance as plots
from tam_viz.plots import theme
from tam_viz.plots.importance import Column
from tam_viz.plots.overlay import overlay_frames
from tam_viz.types import BlockTrace, Clip, TAMTrace

_MEAN = "mean over test clips"


def overview(
    clip: Clip, trace: TAMTrace, untrained: TAMTrace, mean: TAMTrace | None = None
) -> Panel:
    """All blocks at once, by how far channels depart from their own mean."""
    inside = analysis.inside_event(clip)
    columns = [
        Column("this network", analysis.spread(trace), clip, inside),
        Column("untrained", analysis.spread(untrained), clip, inside),
    ]
    if mean is not None:
        columns.append(Column(_MEAN, analysis.spread(mean), None))
    return Panel(
        title="Importance: all blocks",
        see="How far channels depart from their own mean over time, by block (down, in forward "
        "order) and frame (across); darker is farther. The mean of V over channels would be flat. "
        "At the two marked edges zero padding takes part: do not read them as attention. Click a "
        "block to choose it.",
        figure=plots.block_overview(
            trace.names, columns, plots.spread_scale(analysis.reach(columns[0].values))
        ),
        says=analysis.describe_spread(trace, untrained),
        table=analysis.spread_table(trace, clip),
    )


def probed(
    clip: Clip, trace: TAMTrace, untrained: TAMTrace, probes: tuple[InsideProbe, InsideProbe]
) -> Panel:
    """All blocks at once, by what a linear probe reads off V: is the event on?"""
    inside = analysis.inside_event(clip)
    scores = inside_scores(trace, probes[0])
    base = inside_scores(untrained, probes[1])
    return Panel(
        title="Importance: what a probe reads off all blocks",
        see="For each block and frame, what a linear probe says that was fitted to V of other "
        "clips: teal, the event is going on; brown, it is not. The orange bar is the truth, where "
        "it is known. The untrained network has a probe of its own: what it finds too was not "
        "learned. The two edges are left out, since zero padding rules them. Click a block to "
        "choose it.",
        figure=plots.block_overview(
            trace.names,
            [
                Column("this network", scores, clip, inside),
                Column("untrained", base, clip, inside),
            ],
            plots.probe_scale(analysis.reach(scores)),
        ),
        says=analysis.describe_probe(trace.names, scores, base, inside),
        table=analysis.frame_table_of(scores, trace.names, clip),
    )


def block_map(
    clip: Clip,
    block: BlockTrace,
    untrained: BlockTrace,
    *,
    channel: int,
    order: analysis.Order = "peak",
    mean: BlockTrace | None = None,
    limit: float | None = None,
) -> Panel:
    """One block, every channel.

    Args:
        clip: The clip.
        block: Its V.
        untrained: That of an untrained block.
        channel: Channel to point at.
        order: Of the channels.
        mean: That of the mean over test clips.
        limit: End of the colour scale; by default the largest departure in this block.
    """
    inside = analysis.inside_event(clip)
    shifted = analysis.centred(block.importance)
    columns = [
        Column("this network", shifted, clip, inside),
        Column("untrained", analysis.centred(untrained.importance), clip, inside),
    ]
    if mean is not None:
        columns.append(Column(_MEAN, analysis.centred(mean.importance), None))
    return Panel(
        title=f"Importance: every channel of {block.name}",
        see="A row is a channel, a column a frame. Purple: the channel listens more than it does "
        "on average; green: less. The arrow points at the chosen channel; click a row to choose "
        "another. All maps share one scale, and their rows are in the order of the first.",
        figure=plots.block_maps(
            columns,
            analysis.channel_order(block.importance, order),
            limit or analysis.reach(shifted),
            channel,
        ),
        says=analysis.describe_block(block, untrained),
        table=analysis.importance_table(block, clip),
    )


def channel_line(
    clip: Clip,
    block: BlockTrace,
    untrained: BlockTrace,
    *,
    channel: int,
    mean: BlockTrace | None = None,
    frame: int = 0,
) -> Panel:
    """One channel of one block."""
    lines = [("untrained", untrained.importance[channel], theme.QUIET, "dot")]
    if mean is not None:
        lines.append((_MEAN, mean.importance[channel], theme.QUIET, "dash"))
    lines.append((f"channel {channel}", block.importance[channel], theme.IMPORTANCE, "solid"))
    return Panel(
        title=f"Importance: channel {channel} of {block.name}",
        see="V itself, from 0 (the frame is muted) to 1 (it passes whole); dotted, the same "
        "channel of an untrained network (random weights, batch norms fitted to "
        "MotionPairs: on other videos it too departs from its neutral ½).",
        figure=plots.channel_lines(clip, lines, analysis.inside_event(clip), frame),
        says=analysis.describe_channel(block, channel),
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
    """What one channel sees in the frames, before V or after it.

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
    return Panel(
        title=f"What channel {channel} of {block.name} sees, {'after' if weighted else 'before'} V",
        see="Where in each frame the channel is active, brighter for more, on one scale for the "
        "whole clip, which is the same before and after V: a frame that pales has been muted.",
        figure=overlay_frames(
            clip,
            maps,
            low=0.0,
            high=high,
            colours=theme.SALIENCY,
            title="activation",
            highlight=frame,
        ),
        says=analysis.describe_emphasis(features, v, frame),
        table=analysis.emphasis_table(features, v, clip),
    )
