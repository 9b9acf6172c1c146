"""Panels on two checkpoints of one architecture: V and Θ on the same clip, on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tam_viz.analysis.tam import importance as maps
from tam_viz.analysis.tam import kernels
from tam_viz.analysis.tam import two_checkpoints as analysis
from tam_viz.analysis.tam.two_checkpoints import TwoCheckpoints
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.column_axes import Column
from tam_viz.plots.tam import importance as plots
from tam_viz.plots.tam import kernel_maps
from tam_viz.plots.tam.kernel_map_axes import Band
from tam_viz.plots.tam.kernels import Spread, tap_boxes
from tam_viz.types import Clip

_NUMBERS = (
    "Networks that were trained separately have no common order of channels; the sentence below "
    "says whether these two do."
)


def importance_blocks(clip: Clip, both: TwoCheckpoints, block: str) -> Panel:
    """All blocks of both, by how far channels depart from their own mean."""
    first, second = (maps.spread(trace) for trace in both.traces)
    inside = maps.inside_event(clip)
    columns = [
        Column(both.names[0], first, clip, inside),
        Column(both.names[1], second, clip, inside),
        Column("difference", first - second, None, inside),
    ]
    limit = max(maps.colour_limit(first), maps.colour_limit(second))
    return Panel(
        title="Two checkpoints, importance: all blocks",
        see="The same clip through two checkpoints of one architecture, both on one colour "
        "scale: any difference comes from the weights. Click a row of any map to choose the block.",
        how="The value is the temporal variation of V: its RMS deviation from each channel's time "
        f"average, over the channels of a block. The difference is {both.minus}: blue where V "
        "varies more in the first, red where in the second.",
        figure=plots.block_overview(
            both.traces[0].names,
            columns,
            plots.spread_scale(limit),
            block,
            plots.difference_scale(limit, "difference"),
        ),
        says=analysis.describe_importance(both, block),
        table=analysis.importance_table(both, (first, second)),
    )


def importance_channels(
    clip: Clip,
    both: TwoCheckpoints,
    block: str,
    channel: int,
    order: Sequence[int],
    shown: Sequence[int] | None,
) -> Panel:
    """The channels of one block of both.

    Args:
        clip: The clip.
        both: The two.
        block: Its name.
        channel: Channel to point at.
        order: All channels from top to bottom.
        shown: The channels to show; None for all.
    """
    pair = both.block(block)
    first, second = (maps.centred(trace.importance) for trace in pair)
    limit, inside = (
        max(maps.colour_limit(first), maps.colour_limit(second)),
        maps.inside_event(clip),
    )
    columns = [
        Column(both.names[0], first, clip, inside),
        Column(both.names[1], second, clip, inside),
        Column("difference", first - second, None, inside),
    ]
    return Panel(
        title=f"Two checkpoints, importance: channels of {block}",
        see="V minus each channel's mean in both checkpoints, on one colour scale, and the "
        "difference. Rows at the same height have the same channel number.",
        how=f"{_NUMBERS} The outlined row is the chosen channel.",
        figure=plots.block_maps(
            columns,
            np.array(order),
            limit,
            channel,
            shown,
            plots.difference_scale(limit, "difference"),
        ),
        says=analysis.describe_importance(both, block),
        table=pd.concat(
            [
                maps.importance_table(trace, clip).add_prefix(f"{name}: ")
                for name, trace in zip(both.names, pair, strict=True)
            ],
            axis=1,
        ),
    )


def kernel_channels(
    both: TwoCheckpoints, block: str, channel: int, shown: Sequence[int] | None = None
) -> Panel:
    """The kernels of one block of both, and the difference."""
    first, second = both.block(block)
    order = np.argsort(kernels.lean(first.kernel), kind="stable")
    difference = first.kernel - second.kernel
    bands = [
        Band(both.names[0], first.kernel),
        Band(both.names[1], second.kernel),
        Band(both.minus, difference, change=True),
    ]
    table = kernels.share_table(
        {
            name: {block: trace.kernel}
            for name, trace in zip(both.names, (first, second), strict=True)
        }
    )
    return Panel(
        title=f"Two checkpoints, kernels of {block}",
        see="The same clip through two checkpoints of one architecture, both on one colour scale, "
        "and the difference. Click a column to choose its channel.",
        how=f"Channels are sorted by future − past in {both.names[0]}. {_NUMBERS}",
        figure=kernel_maps.kernel_maps(
            bands,
            order,
            both.traces[0].names.index(block),
            channel,
            kernels.limit(difference),
            shown,
        ),
        says=analysis.describe_kernels(both, block),
        table=table,
    )


def kernel_blocks(both: TwoCheckpoints, block: str) -> Panel:
    """The distribution of each tap by block, of both."""
    spreads = [
        Spread(
            name,
            colour,
            np.stack([kernels.spread_over(kernels.shares(layer.kernel)) for layer in trace.blocks]),
        )
        for name, trace, colour in zip(
            both.names, both.traces, (theme.FIRST, theme.SECOND), strict=True
        )
    ]
    names = both.traces[0].names
    return Panel(
        title="Two checkpoints, kernels: each tap, block by block",
        see="How much weight do the channels of each block give to the previous, the current and "
        "the next frame, in both checkpoints on the same clip? The dotted line is ⅓.",
        how="Boxes span the middle half of a block's channels and whiskers 5% to 95%. They do "
        "not depend on the order of channels, so they can compare networks that were trained "
        "separately.",
        figure=tap_boxes(names, spreads, {}, names.index(block), (0.0, 1.0), level=1 / 3),
        says=analysis.describe_kernels(both, block),
        table=analysis.kernel_table(both),
    )
