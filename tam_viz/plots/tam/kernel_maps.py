"""Θ of a block by channel and tap, for several clips or networks one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.click_targets import targets
from tam_viz.plots.shared.dark import ON_DARK

_BAND_PX, _AROUND_PX, _LOW_PX = 100, 130, 60
_APART = 1.4
"""Rows between two bands: room for a name."""
_PLAIN = {"showgrid": False, "zeroline": False, "fixedrange": True}


@dataclass(frozen=True, eq=False)
class Band:
    """One of several maps that lie one below the other.

    Attributes:
        title: What it is of.
        values: Θ in [0, 1], or a difference of two.
        change: Whether it is a difference.
    """

    title: str
    values: Float[np.ndarray, "c k"]
    change: bool = False


@dataclass(frozen=True, eq=False)
class _Grid:
    """Where bands stand.

    Attributes:
        order: Channels from left to right.
        taps: Rows of a band.
        axis: Ending of the names of the axes.
    """

    order: Int[np.ndarray, " c"]
    taps: int
    axis: str = ""

    def tops(self, count: int) -> list[float]:
        """The first row of each of several bands."""
        return [i * (self.taps + _APART) for i in range(count)]


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
    grid = _Grid(np.array([one for one in order if one in chosen]), taps)
    zoomed = len(grid.order) < len(order)
    whole = _Grid(order, taps, "2")
    tops = grid.tops(len(bands))
    px = _BAND_PX * (len(bands) + zoomed)
    low = _BAND_PX * 1.6 / (px + _LOW_PX) if zoomed else 0.0
    data = [*_maps(bands, grid), _columns(bands, grid, block)]
    layout: dict[str, Any] = {
        "annotations": _titles(bands, tops),
        "shapes": [_frame(grid, channel, top) for top in tops],
        "xaxis": _channel_axis(grid, channel, len(order)),
        "yaxis": {**_tap_axis(grid, tops), "domain": [low, 1]},
        "hovermode": "x",
        "hoverdistance": -1,
        "margin": {"l": 84, "r": 100, "t": 30, "b": 72, "autoexpand": False},
        **_scales(bands, end),
        **ON_DARK,
    }
    if zoomed:
        data += [*_maps(bands[:1], whole), _columns(bands[:1], whole, block)]
        data.append(_marks(whole, chosen, channel))
        layout["annotations"].append(_over_all(len(order), bands[0].title))
        layout["xaxis2"] = {
            **_PLAIN,
            "anchor": "y2",
            "range": [-0.5, len(order) - 0.5],
            "showticklabels": False,
            "title": {"text": _sorted_by(len(order))},
        }
        layout["yaxis2"] = {
            **_PLAIN,
            "anchor": "x2",
            "domain": [0, low * 0.4],
            "range": [taps - 0.5, -0.9],
            "showticklabels": False,
        }
    return theme.built(data, layout, _AROUND_PX + px + (_LOW_PX if zoomed else 0))


def _maps(bands: Sequence[Band], grid: _Grid) -> list[dict[str, Any]]:
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


def _channel_axis(grid: _Grid, channel: int, count: int) -> dict[str, Any]:
    """Numbers below the columns, where not all channels are shown; else of the chosen one."""
    chosen = int(np.flatnonzero(grid.order == channel)[0])
    zoomed = len(grid.order) < count
    every = range(len(grid.order)) if zoomed else [chosen]
    text = [str(grid.order[i]) if zoomed else f"channel {channel}" for i in every]
    title = "channel" if zoomed else _sorted_by(count)
    return {
        **_PLAIN,
        "range": [-0.5, len(grid.order) - 0.5],
        "tickvals": list(every),
        "ticktext": [
            f"<b>{name}</b>" if i == chosen else name for i, name in zip(every, text, strict=True)
        ],
        "tickangle": -90 if zoomed else 0,
        "tickfont": {"size": 10},
        "ticklabeloverflow": "allow",
        "ticks": "",
        "title": {"text": title, "standoff": 4},
        "anchor": "y",
    }


def _sorted_by(count: int) -> str:
    return f"all {count} channels, from the past (left) to the future"


def _tap_axis(grid: _Grid, tops: Sequence[float]) -> dict[str, Any]:
    taps = grid.taps
    return {
        **_PLAIN,
        "range": [tops[-1] + taps - 0.5, -1.6],
        "tickvals": [top + k for top in tops for k in range(taps)],
        "ticktext": [_tap(k - taps // 2) for _ in tops for k in range(taps)],
        "ticklabeloverflow": "allow",
        "anchor": "x",
    }


def _scales(bands: Sequence[Band], end: float) -> dict[str, Any]:
    """One colour scale for kernels and, where there are differences, one for them."""
    two = any(band.change for band in bands)
    kernel = theme.colour_bar("weight Θ") | ({"len": 0.4, "y": 0.8} if two else {})
    change = {**theme.colour_bar("difference of Θ"), "len": 0.55, "y": 0.25}
    scales: dict[str, Any] = {
        "coloraxis": {"cmin": 0, "cmax": 1, "colorscale": theme.KERNEL, "colorbar": kernel}
    }
    if two:
        scales["coloraxis2"] = {
            "cmin": -end,
            "cmax": end,
            "colorscale": theme.CHANGE,
            "colorbar": change,
        }
    return scales


def _columns(bands: Sequence[Band], grid: _Grid, block: int) -> dict[str, Any]:
    """A target for each column; the nearest one is taken, however far it is."""
    taps, order = grid.taps, grid.order
    names = [_tap(k - taps // 2).split()[0] for k in range(taps)]
    text = [f"channel {channel}" for channel in order]
    for band in bands:
        form = "{:+.2f}" if band.change else "{:.2f}"
        for i, row in enumerate(band.values[order].tolist()):
            said = ", ".join(f"{n} {form.format(v)}" for n, v in zip(names, row, strict=True))
            text[i] += f"<br>{in_plot(band.title)}: {said}"
    columns = [[block, int(channel)] for channel in order]
    found = targets(list(range(len(order))), [(taps - 1) / 2] * len(order), columns, text)
    return {**found, "xaxis": f"x{grid.axis}", "yaxis": f"y{grid.axis}"}


def _marks(whole: _Grid, chosen: set[int], channel: int) -> dict[str, Any]:
    """Small arrows above the channels of the low map that are shown large."""
    columns = [i for i, one in enumerate(whole.order) if one in chosen]
    here = [whole.order[i] == channel for i in columns]
    return {
        "type": "scatter",
        "x": columns,
        "y": [-0.7] * len(columns),
        "xaxis": "x2",
        "yaxis": "y2",
        "mode": "markers",
        "marker": {
            "symbol": "triangle-down",
            "size": [11 if one else 6 for one in here],
            "color": [theme.FIRST if one else theme.REFERENCE for one in here],
            "opacity": 1,
        },
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
        "cliponaxis": False,
        "showlegend": False,
    }


def _titles(bands: Sequence[Band], tops: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {
            "text": in_plot(band.title),
            "xref": "x domain",
            "x": 0,
            "y": top - 0.5,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
        }
        for band, top in zip(bands, tops, strict=True)
    ]


def _over_all(count: int, name: str) -> dict[str, Any]:
    return {
        "text": f"{in_plot(name)}: all {count} channels, an arrow at each that is shown above",
        "xref": "x2 domain",
        "x": 0,
        "yref": "y2 domain",
        "y": 1.1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _frame(grid: _Grid, channel: int, top: float) -> dict[str, Any]:
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


def _tap(shift: int) -> str:
    if shift == 0:
        return "present t"
    return f"past t−{-shift}" if shift < 0 else f"future t+{shift}"
