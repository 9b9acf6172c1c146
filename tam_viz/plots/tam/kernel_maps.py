"""Θ of a block by channel and tap, for several clips or networks one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Int

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.click_targets import targets
from tam_viz.plots.shared.dark import ON_DARK
from tam_viz.plots.tam.kernel_map_axes import (
    Band,
    Grid,
    band_titles,
    channel_axis,
    colour_scales,
    low_axes,
    over_all,
    tap_axis,
    tap_name,
)

_BAND_PX, _AROUND_PX, _LOW_PX = 100, 130, 60


def kernel_maps(
    bands: Sequence[Band],
    order: Int[np.ndarray, " c"],
    block: int,
    channel: int,
    end: float,
    shown: Sequence[int] | None = None,
) -> go.Figure:
    """Kernels of one block, taps down and channels across, for several clips or networks.

    Where only some channels are shown, a low map of all of them stands below. A click on a column
    gives the number of the block and of the channel as `customdata`.

    Args:
        bands: From top to bottom.
        order: All channels from left to right, the same in all bands.
        block: Number of the block.
        channel: Channel to point at; one of those shown.
        end: Of the colour scale of differences, on both sides.
        shown: The channels to show; by default all.
    """
    taps = bands[0].values.shape[1]
    chosen = set(order.tolist() if shown is None else shown)
    grid = Grid(np.array([number for number in order if number in chosen]), taps)
    zoomed = len(grid.order) < len(order)
    whole = Grid(order, taps, "2")
    tops = grid.tops(len(bands))
    px = _BAND_PX * (len(bands) + zoomed)
    low = _BAND_PX * 1.6 / (px + _LOW_PX) if zoomed else 0.0
    data = [*_maps(bands, grid), _columns(bands, grid, block)]
    layout: dict[str, Any] = {
        "annotations": band_titles(bands, tops),
        "shapes": [_frame(grid, channel, top) for top in tops],
        "xaxis": channel_axis(grid, channel, len(order)),
        "yaxis": {**tap_axis(grid, tops), "domain": [low, 1]},
        "hovermode": "x",
        "hoverdistance": -1,
        "margin": {"l": 84, "r": 100, "t": 30, "b": 72, "autoexpand": False},
        **colour_scales(bands, end),
        **ON_DARK,
    }
    if zoomed:
        data += [*_maps(bands[:1], whole), _columns(bands[:1], whole, block)]
        data.append(_marks(whole, chosen, channel))
        layout["annotations"].append(over_all(len(order), bands[0].title))
        layout |= low_axes(len(order), taps, low * 0.4)
    return theme.built(data, layout, _AROUND_PX + px + (_LOW_PX if zoomed else 0))


def _maps(bands: Sequence[Band], grid: Grid) -> list[dict[str, Any]]:
    return [
        {
            "type": "heatmap",
            "z": band.values[grid.order].T,
            "x": np.arange(len(grid.order)),
            "y": top + np.arange(grid.taps),
            "xaxis": f"x{grid.axis}",
            "yaxis": f"y{grid.axis}",
            "coloraxis": "coloraxis2" if band.change else "coloraxis",
            "hoverinfo": "skip",
        }
        for band, top in zip(bands, grid.tops(len(bands)), strict=True)
    ]


def _columns(bands: Sequence[Band], grid: Grid, block: int) -> dict[str, Any]:
    """A target for each column; the nearest one is taken, however far it is."""
    taps, order = grid.taps, grid.order
    names = [tap_name(k - taps // 2).split()[0] for k in range(taps)]
    text = [f"channel {channel}" for channel in order]
    for band in bands:
        form = "{:+.2f}" if band.change else "{:.2f}"
        for i, row in enumerate(band.values[order].tolist()):
            weights = ", ".join(f"{n} {form.format(v)}" for n, v in zip(names, row, strict=True))
            text[i] += f"<br>{in_plot(band.title)}: {weights}"
    columns = [[block, int(channel)] for channel in order]
    points = targets(list(range(len(order))), [(taps - 1) / 2] * len(order), columns, text)
    return {**points, "xaxis": f"x{grid.axis}", "yaxis": f"y{grid.axis}"}


def _marks(whole: Grid, chosen: set[int], channel: int) -> dict[str, Any]:
    """Small arrows above the channels of the low map that are shown large."""
    columns = [i for i, number in enumerate(whole.order) if number in chosen]
    pointed = [whole.order[i] == channel for i in columns]
    return {
        "type": "scatter",
        "x": columns,
        "y": [-0.7] * len(columns),
        "xaxis": "x2",
        "yaxis": "y2",
        "mode": "markers",
        "marker": {
            "symbol": "triangle-down",
            "size": [11 if large else 6 for large in pointed],
            "color": [theme.FIRST if large else theme.REFERENCE for large in pointed],
            "opacity": 1,
        },
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
        "cliponaxis": False,
        "showlegend": False,
    }


def _frame(grid: Grid, channel: int, top: float) -> dict[str, Any]:
    """An outline around the chosen column of a band."""
    column = int(np.flatnonzero(grid.order == channel)[0])
    return {
        "type": "rect",
        "x0": column - 0.5,
        "x1": column + 0.5,
        "y0": top - 0.5,
        "y1": top + grid.taps - 0.5,
        "line": {"width": 2, "color": theme.FIRST},
    }
