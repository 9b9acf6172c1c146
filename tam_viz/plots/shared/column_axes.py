"""The axes of heatmaps over the frames of a view, and what stands around them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.types import Clip

_GAP = 0.045
"""Between the columns, as a share of the width."""
_WIDE, _NARROW, _SLIM = 1.8, 1.0, 0.7
_TITLE_LETTERS = 12
"""On a projector at 150 % zoom a narrow column has room for so many in a line."""
_NAMED = 64
"""Rows that have room for a name each."""
_PLAIN: dict[str, Any] = {"fixedrange": True, "showgrid": False, "zeroline": False}


@dataclass(frozen=True)
class ColourScale:
    """How values become colours, and what the colour bar says."""

    low: float
    high: float
    colours: str
    title: str


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a heatmap.

    Attributes:
        given: What a click on each gives.
        names: What each is called.
        ticks: What stands beside each; none if empty.
        title: Of the axis.
        chosen: The row to outline, from 0; None for none.
    """

    given: list[Any]
    names: list[str]
    ticks: list[str]
    title: str = ""
    chosen: int | None = None


@dataclass(frozen=True, eq=False)
class Column:
    """One of several heatmaps over frames.

    Attributes:
        title: What it is of.
        values: A row for each row of the heatmap.
        clip: The frames to show above it; None for none.
        inside: Which frames lie inside the true event, where it is known.
    """

    title: str
    values: Float[np.ndarray, "r t"]
    clip: Clip | None
    inside: Bool[np.ndarray, " t"] | None = None


@dataclass(frozen=True, eq=False)
class Placed:
    """A column with its rows and its colours.

    Attributes:
        column: What to draw.
        rows: Its rows.
        scale: Its colours.
        slim: Whether it is an overview, without names of rows or frames.
        marked: Rows to mark at its right side.
    """

    column: Column
    rows: Rows
    scale: ColourScale
    slim: bool = False
    marked: Sequence[int] = ()

    @property
    def share(self) -> float:
        """Of the width, relative to a column that is neither wide nor slim."""
        if self.slim:
            return _SLIM
        return _NARROW if self.column.clip is None else _WIDE


def spans(placed: Sequence[Placed]) -> list[tuple[float, float]]:
    """From where to where each column reaches; those with frames above them are wider."""
    shares = np.array([map_.share for map_ in placed])
    widths = shares / shares.sum() * (1 - _GAP * (len(placed) - 1))
    ends = np.cumsum(widths) + _GAP * np.arange(len(placed))
    return [
        (max(0.0, float(end - width)), min(1.0, float(end)))
        for end, width in zip(ends, widths, strict=True)
    ]


def title_over(text: str, span: tuple[float, float]) -> dict[str, Any]:
    """A title in the middle above a heatmap."""
    lines = textwrap.wrap(text, _TITLE_LETTERS, break_long_words=False, break_on_hyphens=False)
    return theme.centred_text("<br>".join(map(in_plot, lines)), sum(span) / 2, 1.0, 12)


def colour_bars(placed: Sequence[Placed]) -> list[dict[str, Any]]:
    """A bar for each scale, one below the other."""
    scales = list(dict.fromkeys(map_.scale for map_ in placed))
    share = 1 / len(scales)
    bars = (
        {} if len(scales) == 1 else {"len": 0.9 * share, "y": 1 - (i + 0.5) * share}
        for i in range(len(scales))
    )
    return [
        theme.pointless(
            {
                "color": [scale.low],
                "cmin": scale.low,
                "cmax": scale.high,
                "colorscale": scale.colours,
                "showscale": True,
                "colorbar": {**theme.colour_bar(scale.title), **bar},
            }
        )
        | {"showlegend": False}
        for scale, bar in zip(scales, bars, strict=True)
    ]


def frame_axis(placed: Placed, axis: str, span: tuple[float, float]) -> dict[str, Any]:
    """The axis of frames below a heatmap."""
    frames = placed.column.values.shape[1]
    room = 0.12 * frames if placed.marked else 0.0
    shared = {
        **_PLAIN,
        "domain": list(span),
        "anchor": f"y{axis}",
        "range": [-0.5, frames - 0.5 + room],
    }
    if placed.slim:
        return {**shared, "showticklabels": False, "title": {"text": "frame"}}
    return {
        **shared,
        "tickvals": list(range(frames)),
        "ticktext": edged([str(i + 1) for i in range(frames)]),
        "tickangle": 0,
        "ticklabeloverflow": "allow",
        "tickfont": {"size": 10},
        "title": {"text": "frame"},
    }


def row_axis(placed: Placed, axis: str, top: float, *, named: bool) -> dict[str, Any]:
    """The axis of rows beside a heatmap; its names stand at one of them only."""
    count = len(placed.rows.given)
    shared = {
        **_PLAIN,
        "domain": [0, top],
        "anchor": f"x{axis}",
        "range": [count - 0.5, -0.5],
    }
    if placed.slim or not named or not placed.rows.ticks:
        return {**shared, "showticklabels": False, "ticks": ""}
    ticks = [
        f"<b>{tick}</b>" if i == placed.rows.chosen else tick if count <= _NAMED else ""
        for i, tick in enumerate(placed.rows.ticks)
    ]
    return {
        **shared,
        "tickvals": list(range(count)),
        "ticktext": ticks,
        "tickfont": {"size": 9 if count > 48 else 10 if count > 24 else 12},
        "title": {"text": placed.rows.title, "standoff": 6},
    }


def edged(ticks: Sequence[str]) -> list[str]:
    """Says below the first and the last frame that they are at the padded edge."""
    last = len(ticks) - 1
    return [f"{tick}<br>edge" if i in (0, last) else tick for i, tick in enumerate(ticks)]
