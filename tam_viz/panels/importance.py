"""Panels on importance maps; an untrained network stands beside every picture."""

from __future__ import annotations

from tam_viz.analysis import importance as analysis
from tam_viz.panels.panel import Panel
from tam_viz.plots import importance as plots
from tam_viz.types import BlockTrace, Clip, TAMTrace


def overview(clip: Clip, trace: TAMTrace, untrained: TAMTrace) -> Panel:
    """All blocks at once."""
    return Panel(
        title="Importance: all blocks",
        see="How far channels depart from their own mean over time, by block (down, in forward "
        "order) and frame (across); darker is farther. The mean of V over channels would be flat. "
        "At the two marked edges zero padding takes part: do not read them as attention.",
        figure=plots.block_overview(
            clip,
            trace.names,
            analysis.spread(trace),
            analysis.spread(untrained),
            analysis.inside_event(clip),
        ),
        says=analysis.describe_spread(trace, untrained),
        table=analysis.spread_table(trace, clip),
    )


def block_map(
    clip: Clip,
    block: BlockTrace,
    untrained: BlockTrace,
    *,
    channel: int,
    order: analysis.Order = "peak",
) -> Panel:
    """One block, every channel."""
    return Panel(
        title=f"Importance: every channel of {block.name}",
        see="A row is a channel, a column a frame. Purple: the channel listens more than it does "
        "on average; green: less. The arrow points at the chosen channel. Both maps share one "
        "scale, and their rows are in the order of the left one.",
        figure=plots.block_maps(
            clip,
            analysis.centred(block.importance),
            analysis.centred(untrained.importance),
            analysis.channel_order(block.importance, order),
            channel=channel,
            inside=analysis.inside_event(clip),
        ),
        says=analysis.describe_block(block, untrained),
        table=analysis.importance_table(block, clip),
    )


def channel_line(clip: Clip, block: BlockTrace, untrained: BlockTrace, *, channel: int) -> Panel:
    """One channel of one block."""
    return Panel(
        title=f"Importance: channel {channel} of {block.name}",
        see="V itself, from 0 (the frame is muted) to 1 (it passes whole); dotted, the same "
        "channel of an untrained network (random weights, batch norms fitted to "
        "MotionPairs: on other videos it too departs from its neutral ½).",
        figure=plots.channel_lines(
            clip,
            block.importance[channel],
            untrained.importance[channel],
            channel,
            analysis.inside_event(clip),
        ),
        says=analysis.describe_channel(block, channel),
        table=analysis.importance_table(block, clip).loc[[channel]].T,
    )
