"""Heatmaps over the frames of a view, side by side, whose every row can be clicked.

Figures are put together as one plain dict and checked once: a visitor who goes through the blocks
waits for every millisecond, and Plotly's `update_…` and `add_…` check everything anew.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.click_targets import targets
from tam_viz.plots.shared.dark import ON_DARK
from tam_viz.plots.shared.event import bars
from tam_viz.plots.shared.filmstrip import strip_image
from tam_viz.types import Clip

_GAP = 0.045
"""Between the columns, as a share of the width."""
_WIDE, _NARROW, _SLIM = 1.8, 1.0, 0.7
_TITLE_LETTERS = 12
"""On a projector at 150 % zoom a narrow column has room for so many in a line."""
_NAMED = 64
"""Rows that have room for a name each."""
_PLAIN: dict[str, Any] = {"fixedrange": True, "showgrid": False, "zeroline": False}
_MARGIN = {"l": 84, "r": 92, "t": 58, "b": 84, "autoexpand": False}
"""Room for all that stands beside the axes: to let Plotly find it costs a second drawing."""


@dataclass(frozen=True)
class Scale:
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
    scale: Scale
    slim: bool = False
    marked: Sequence[int] = ()

    @property
    def share(self) -> float:
        """Of the width, relative to a column that is neither wide nor slim."""
        if self.slim:
            return _SLIM
        return _NARROW if self.column.clip is None else _WIDE


def side_by_side(placed: Sequence[Placed], height: int, *, strip: float) -> go.Figure:
    """Heatmaps over frames side by side, each under its film strip.

    A click on a row of any of them gives what `Rows.given` says as `customdata`.

    Args:
        placed: From left to right.
        height: In pixels.
        strip: Share of the height that the film strip takes.
    """
    layout: dict[str, Any] = {"shapes": [], "images": [], "annotations": []}
    data: list[dict[str, Any]] = []
    spans = _spans(placed)
    named = next(i for i, one in enumerate(placed) if not one.slim)
    for number, (one, span) in enumerate(zip(placed, spans, strict=True)):
        axis, column = "" if number == 0 else str(number + 1), one.column
        frames = column.values.shape[1]
        data += [_heatmap(one, axis), _clickable(one, axis), *_marks(one, axis)]
        layout[f"xaxis{axis}"] = _frame_axis(one, axis, span)
        layout[f"yaxis{axis}"] = _row_axis(one, axis, 1 - strip, named=number == named)
        layout["annotations"].append(_title(column.title, span))
        layout["shapes"] += [*edges(frames, axis), *bars(column.inside, axis), *_chosen(one, axis)]
        if column.clip is not None:
            image = {"xref": f"x{axis}", "yref": "paper", "x": -0.5, "sizex": frames}
            layout["images"].append(
                {**strip_image(column.clip), **image, "y": 1 - strip / 2, "sizey": strip * 0.8}
            )
    data += _colour_bars(placed)
    layout |= {"hoverdistance": -1, "margin": _MARGIN, **ON_DARK}
    return theme.built(data, layout, height)


def _spans(placed: Sequence[Placed]) -> list[tuple[float, float]]:
    """From where to where each column reaches; those with frames above them are wider."""
    shares = np.array([one.share for one in placed])
    widths = shares / shares.sum() * (1 - _GAP * (len(placed) - 1))
    ends = np.cumsum(widths) + _GAP * np.arange(len(placed))
    return [
        (max(0.0, float(end - width)), min(1.0, float(end)))
        for end, width in zip(ends, widths, strict=True)
    ]


def _title(text: str, span: tuple[float, float]) -> dict[str, Any]:
    lines = textwrap.wrap(text, _TITLE_LETTERS, break_long_words=False, break_on_hyphens=False)
    return theme.centred_text("<br>".join(map(in_plot, lines)), sum(span) / 2, 1.0, 12)


def _heatmap(placed: Placed, axis: str) -> dict[str, Any]:
    values = placed.column.values
    return {
        "type": "heatmap",
        "z": values,
        "x": list(range(values.shape[1])),
        "y": list(range(len(values))),
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "zmin": placed.scale.low,
        "zmax": placed.scale.high,
        "colorscale": placed.scale.colours,
        "showscale": False,
        "hoverongaps": False,
        "hoverinfo": "skip",
    }


def _colour_bars(placed: Sequence[Placed]) -> list[dict[str, Any]]:
    """A bar for each scale, one below the other."""
    scales = list(dict.fromkeys(one.scale for one in placed))
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


def _frame_axis(placed: Placed, axis: str, span: tuple[float, float]) -> dict[str, Any]:
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


def _row_axis(placed: Placed, axis: str, top: float, *, named: bool) -> dict[str, Any]:
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


def _clickable(placed: Placed, axis: str) -> dict[str, Any]:
    """A target for each row; the nearest one is taken, however far it is."""
    values, rows = placed.column.values, placed.rows
    parts = [f"{in_plot(placed.column.title)}<br>{name}" for name in rows.names]
    if not placed.slim:
        parts = [f"{name}<br>{_numbers(row)}" for name, row in zip(parts, values, strict=True)]
    across = [(values.shape[1] - 1) / 2] * len(rows.given)
    found = targets(across, list(range(len(rows.given))), rows.given, parts)
    return {**found, "xaxis": f"x{axis}", "yaxis": f"y{axis}"}


def _numbers(row: Float[np.ndarray, " t"]) -> str:
    return "<br>".join(
        f"frame {number}: {value:+.2f}"
        for number, value in enumerate(row, start=1)
        if not math.isnan(value)
    )


def _marks(placed: Placed, axis: str) -> list[dict[str, Any]]:
    """Small arrows at the right side of the marked rows."""
    if not placed.marked:
        return []
    frames = placed.column.values.shape[1]
    rows = list(placed.marked)
    chosen = placed.rows.chosen
    return [
        {
            "type": "scatter",
            "x": [frames - 0.5 + 0.06 * frames] * len(rows),
            "y": rows,
            "xaxis": f"x{axis}",
            "yaxis": f"y{axis}",
            "mode": "markers",
            "marker": {
                "symbol": "triangle-left",
                "size": [9 if row == chosen else 5 for row in rows],
                "color": [theme.FIRST if row == chosen else theme.REFERENCE for row in rows],
                "opacity": 1,
            },
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
            "hoverinfo": "skip",
            "cliponaxis": False,
            "showlegend": False,
        }
    ]


def _chosen(placed: Placed, axis: str) -> list[dict[str, Any]]:
    """An outline around the chosen row, where rows are high enough to have one."""
    row = placed.rows.chosen
    if row is None or placed.slim:
        return []
    return [
        {
            "type": "rect",
            "xref": f"x{axis} domain",
            "yref": f"y{axis}",
            "x0": 0,
            "x1": 1,
            "y0": row - 0.5,
            "y1": row + 0.5,
            "line": {"width": 2, "color": theme.FIRST},
        }
    ]


def edges(frames: int, axis: str = "") -> list[dict[str, Any]]:
    """Frames the first and the last column, where zero padding takes part in the result."""
    filled = {"fillcolor": "rgba(128,128,128,0.25)"}
    return [
        {**dotted_column(frame, axis, theme.REFERENCE), **filled}
        for frame in sorted({0, frames - 1})
    ]


def dotted_column(frame: int, axis: str, colour: str) -> dict[str, Any]:
    """A dotted line around the column of one frame."""
    return {
        "type": "rect",
        "xref": f"x{axis}",
        "yref": f"y{axis} domain",
        "x0": frame - 0.5,
        "x1": frame + 0.5,
        "y0": 0,
        "y1": 1,
        "line": {"width": 2, "color": colour, "dash": "dot"},
    }
