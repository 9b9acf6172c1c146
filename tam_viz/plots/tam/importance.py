"""Importance maps: V by block, and by channel of a block."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Int

from tam_viz.plots.shared import theme
from tam_viz.plots.shared.column_axes import ColourScale, Column, Placed, Rows
from tam_viz.plots.shared.columns import side_by_side

_MAPS_PX = 860
"""Of the maps of a block, whatever it has channels: a page that grows moves what is read."""


def spread_scale(limit: float) -> ColourScale:
    """From 0 to `limit`: how far channels depart from their own mean."""
    return ColourScale(0.0, limit, theme.IMPORTANCE_SPREAD, "temporal variation of V")


def probe_scale(limit: float) -> ColourScale:
    """From −`limit` to `limit`: what a probe says, below zero outside and above inside."""
    return ColourScale(-limit, limit, theme.SHARE, "outside − | + inside")


def centred_scale(limit: float) -> ColourScale:
    """From −`limit` to `limit`: V less the mean of its channel."""
    return ColourScale(-limit, limit, theme.IMPORTANCE_CENTRED, "V − channel mean")


def difference_scale(limit: float, what: str) -> ColourScale:
    """From −`limit` to `limit`: one network less another."""
    return ColourScale(-limit, limit, theme.CHANGE, what)


def block_maps(
    columns: Sequence[Column],
    order: Int[np.ndarray, " c"],
    limit: float,
    channel: int,
    shown: Sequence[int] | None = None,
    last: ColourScale | None = None,
) -> go.Figure:
    """A block's maps side by side, on one scale, rows in one order.

    Where only some channels are shown, a slim map of all of them stands at the left. A click on a
    row of any map gives the channel as `customdata`.

    Args:
        columns: V centred per channel, in (-1, 1), one row per channel as stored.
        order: All channels from top to bottom.
        limit: End of the colour scale on both sides; values beyond it look like it.
        channel: Channel to point at; one of those shown.
        shown: The channels to show; by default all.
        last: The scale of the last column, where it has one of its own.
    """
    scale = centred_scale(limit)
    chosen = set(order.tolist() if shown is None else shown)
    rows = [int(number) for number in order if number in chosen]
    placed = [Placed(_of(column, rows), _channels(rows, channel), scale) for column in columns]
    if last is not None:
        placed[-1] = dataclasses.replace(placed[-1], scale=last)
    if len(rows) < len(order):
        everything = [int(number) for number in order]
        whole = dataclasses.replace(
            _of(columns[0], everything), title=f"all {len(order)}", clip=None
        )
        marked = [row for row, number in enumerate(everything) if number in chosen]
        names = _channels(everything, channel)
        placed.insert(0, Placed(whole, names, scale, slim=True, marked=marked))
    return side_by_side(placed, _MAPS_PX, strip=0.09)


def _of(column: Column, rows: Sequence[int]) -> Column:
    return dataclasses.replace(column, values=column.values[list(rows)])


def _channels(rows: Sequence[int], channel: int) -> Rows:
    numbers = [str(row) for row in rows]
    names = [f"channel {number}" for number in rows]
    return Rows(list(rows), names, numbers, "channel", list(rows).index(channel))


def block_overview(
    names: Sequence[str],
    columns: Sequence[Column],
    scale: ColourScale,
    block: str | None = None,
    last: ColourScale | None = None,
) -> go.Figure:
    """All blocks side by side: a row per block, in forward order, a column per frame.

    A click on a row of any map gives the block's name as `customdata`.

    Args:
        names: Block names in forward order.
        columns: One row per block; NaN where nothing was measured.
        scale: Of all columns.
        block: The chosen one.
        last: The scale of the last column, where it has one of its own.
    """
    chosen = None if block is None else list(names).index(block)
    rows = Rows(list(names), list(names), list(names), "", chosen)
    placed = [Placed(column, rows, scale) for column in columns]
    if last is not None:
        placed[-1] = dataclasses.replace(placed[-1], scale=last)
    return side_by_side(placed, 250 + 24 * max(8, len(names)), strip=0.2)
