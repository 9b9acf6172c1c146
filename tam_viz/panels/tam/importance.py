"""Panels on importance maps: all blocks, the channels of one, what a channel does to the frames.

Beside the clip's own stand its controls, as far as they are known: the same network given one
frame repeated, so that nothing happens, an untrained network, and the mean over clips.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tam_viz.analysis.tam import importance as analysis
from tam_viz.analysis.tam import importance_words
from tam_viz.analysis.tam.inside_probe import InsideProbe, inside_scores
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam.importance_references import EDGES, EVENT, THIS, ControlTraces, columns_of
from tam_viz.plots.shared.column_axes import Column
from tam_viz.plots.tam import importance as plots
from tam_viz.types import BlockTrace, Clip, TAMTrace


def overview(
    clip: Clip, trace: TAMTrace, beside: ControlTraces[TAMTrace], block: str | None = None
) -> Panel:
    """All blocks at once, by how far channels depart from their own mean.

    Args:
        clip: The clip.
        trace: Its V.
        beside: Its controls.
        block: The chosen block, to outline.
    """
    others = beside.named()
    columns = columns_of(
        clip,
        analysis.spread(trace),
        {name: analysis.spread(other_trace) for name, other_trace in others.items()},
    )
    return Panel(
        title="Importance: all blocks",
        see="In which blocks and frames does V vary? The more a cell stands out from the "
        "background, the larger the variation. Click a row of any map to choose the block.",
        how="Rows are TAM blocks in forward order, columns the frames of the view. The value is "
        "the temporal variation of V: its RMS deviation from each channel's time average, over the "
        "channels of a block; "
        f"the mean of V over channels would be nearly flat. {EVENT} {EDGES}\n\n"
        f"{beside.explained}",
        figure=plots.block_overview(
            trace.names,
            columns,
            plots.spread_scale(analysis.colour_limit(columns[0].values)),
            block,
        ),
        says=importance_words.describe_spread(trace, others),
        table=analysis.spread_table(trace, clip),
    )


def probed(
    clip: Clip,
    trace: TAMTrace,
    untrained: TAMTrace | None,
    probes: tuple[InsideProbe, InsideProbe],
    block: str,
) -> Panel:
    """All blocks at once, by what a linear probe reads off V: is the event on?

    Args:
        clip: The clip.
        trace: Its V.
        untrained: That of an untrained network, where there is one.
        probes: Of the network, and of it untrained.
        block: The chosen one.
    """
    inside = analysis.inside_event(clip)
    scores = inside_scores(trace, probes[0])
    base = None if untrained is None else inside_scores(untrained, probes[1])
    columns = [Column(THIS, scores, clip, inside)]
    if base is not None:
        columns.append(Column("untrained", base, clip, inside))
    return Panel(
        title="Importance: linear probe, event vs. no event",
        see="Can a linear probe tell from V alone whether the event is happening? Teal: "
        "the probe says that it is; brown: that it is not. Click a row of any map to choose the "
        "block.",
        how="The probe of each block was fitted to V of other clips. Orange bars mark the frames "
        "inside the true event, where it is known. The untrained network has a probe of its own: "
        "what that decodes too was not learned. The two edges are left out, since zero padding "
        "dominates there.",
        figure=plots.block_overview(
            trace.names, columns, plots.probe_scale(analysis.colour_limit(scores)), block
        ),
        says=importance_words.describe_probe(trace.names, scores, base, inside, block),
        table=analysis.frame_table_of(scores, trace.names, clip),
    )


def block_map(
    clip: Clip,
    block: BlockTrace,
    beside: ControlTraces[BlockTrace],
    *,
    channel: int,
    order: Sequence[int] | None = None,
    limit: float | None = None,
    shown: Sequence[int] | None = None,
    ranked_by: str = "",
    sameness: str = "",
) -> Panel:
    """The channels of one block.

    Args:
        clip: The clip.
        block: Its V.
        beside: Its controls.
        channel: Channel to point at.
        order: All channels from top to bottom; by default by the frame of their peak.
        limit: End of the colour scale; by default the largest departure in this block.
        shown: The channels to show; by default all.
        ranked_by: What they were chosen by.
        sameness: A sentence on whether the block does the same to every clip.
    """
    others, count = beside.named(), len(block.importance)
    shifted = analysis.centred(block.importance)
    columns = columns_of(
        clip,
        shifted,
        {name: analysis.centred(other_block.importance) for name, other_block in others.items()},
    )
    rows = analysis.channel_order(block.importance, "peak") if order is None else np.array(order)
    zoomed = shown is not None and len(shown) < count
    which = f"{len(shown)} of {count} channels" if shown and zoomed else "every channel"
    part = (
        f" Shown are the first {len(shown)} channels by {ranked_by}; the slim map at the left has "
        f"all {count}, with an arrow at each one that is shown."
        if shown and zoomed
        else ""
    )
    return Panel(
        title=f"Importance: {which} of {block.name}",
        see="When does each channel pass more than usual? Purple: V is above the channel's "
        "average; green: below. Click a row of any map to choose the channel.",
        how=f"Rows are channels, columns frames.{part} The value is V minus the channel's mean "
        "over time, away from the edges. All maps share one colour scale, and their rows are in "
        f"the order of the first. The outlined row is the chosen channel. {EVENT} "
        f"{EDGES}\n\n{beside.explained}",
        figure=plots.block_maps(
            columns,
            rows,
            limit or analysis.colour_limit(shifted),
            channel,
            shown if zoomed else None,
        ),
        says=f"{importance_words.describe_block(block, others)} {sameness}".strip(),
        table=analysis.importance_table(block, clip),
    )
