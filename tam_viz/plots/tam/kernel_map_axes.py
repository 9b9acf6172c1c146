"""The axes of kernel maps, their colour scales, and the names of their bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme

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
class Grid:
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


def channel_axis(grid: Grid, channel: int, count: int) -> dict[str, Any]:
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


def low_axes(count: int, taps: int, top: float) -> dict[str, Any]:
    """The axes of the low map of all channels, which ends at a share `top` of the height."""
    bare = {**_PLAIN, "showticklabels": False}
    return {
        "xaxis2": {
            **bare,
            "anchor": "y2",
            "range": [-0.5, count - 0.5],
            "title": {"text": _sorted_by(count)},
        },
        "yaxis2": {**bare, "anchor": "x2", "domain": [0, top], "range": [taps - 0.5, -0.9]},
    }


def _sorted_by(count: int) -> str:
    return f"all {count} channels, from the past (left) to the future"


def tap_axis(grid: Grid, tops: Sequence[float]) -> dict[str, Any]:
    """The names of the taps beside each band, by the first rows of the bands."""
    taps = grid.taps
    return {
        **_PLAIN,
        "range": [tops[-1] + taps - 0.5, -1.6],
        "tickvals": [top + k for top in tops for k in range(taps)],
        "ticktext": [tap_name(k - taps // 2) for _ in tops for k in range(taps)],
        "ticklabeloverflow": "allow",
        "anchor": "x",
    }


def colour_scales(bands: Sequence[Band], end: float) -> dict[str, Any]:
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


def band_titles(bands: Sequence[Band], tops: Sequence[float]) -> list[dict[str, Any]]:
    """The title of each band, above it."""
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


def over_all(count: int, name: str) -> dict[str, Any]:
    """The title of the low map of all channels."""
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


def tap_name(shift: int) -> str:
    """A tap by the frames that it looks ahead; a negative number looks back."""
    if shift == 0:
        return "present t"
    return f"past t−{-shift}" if shift < 0 else f"future t+{shift}"
