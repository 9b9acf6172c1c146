"""Pictures of one TAM block at work, from its input to its output.

One colour for each kind of number: activations from black to yellow or in grey, V purple, Θ in
the colours of past, present and future, the block's output in TANet's colour, and brown for what
the reader made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.plots.shared import theme
from tam_viz.plots.shared.edges import dotted_column

OUTPUT = theme.model_colour("tam")
QUIET_AXIS = {"showgrid": False, "zeroline": False, "fixedrange": True}


@dataclass(frozen=True, eq=False)
class LessonTable:
    """Numbers by row and frame.

    Attributes:
        title: What they are.
        values: Their rows are drawn from top to bottom.
        colours: Name of the colour scale.
        high: Its upper end; the lower one is 0.
        row: A row to point at; None for none.
        edges: Whether the first and the last frame are marked as padded.
    """

    title: str
    values: Float[np.ndarray, "r t"]
    colours: str
    high: float
    row: int | None = None
    edges: bool = False


@dataclass(frozen=True, eq=False)
class Line:
    """Numbers by frame: what they are, their colour, `solid`, `dash` or `dot`."""

    name: str
    values: Float[np.ndarray, " t"]
    colour: str
    dash: str = "solid"


def tables(items: Sequence[LessonTable]) -> go.Figure:
    """Tables side by side, a column for each frame; each has a colour scale of its own."""
    figure = go.Figure()
    layout: dict[str, Any] = {"shapes": [], "annotations": []}
    width = 1 / len(items)
    for number, item in enumerate(items):
        axis = "" if number == 0 else str(number + 1)
        left = number * width + (0.05 if number else 0.02)
        right = (number + 1) * width - 0.08
        figure.add_heatmap(
            z=item.values,
            zmin=0,
            zmax=item.high,
            colorscale=theme.written_out(item.colours),
            colorbar={"x": right, "xpad": 4, "thickness": 10, "len": 1},
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            hovertemplate="row %{y}, frame %{x}: %{z:.3g}<extra>" + item.title + "</extra>",
            x0=1,
        )
        rows, frames = item.values.shape
        layout[f"xaxis{axis}"] = {
            **QUIET_AXIS,
            **_frames(frames, 1),
            "domain": [left, right],
            "anchor": f"y{axis}",
        }
        layout[f"yaxis{axis}"] = {
            **QUIET_AXIS,
            "range": [rows - 0.5, -0.5],
            "anchor": f"x{axis}",
            "showticklabels": False,
        }
        layout["annotations"] += _heading(item, axis)
        layout["shapes"] += _padded(frames, axis) if item.edges else []
    figure.update_layout(layout)
    theme.finish(figure, 320)
    return figure.update_layout(margin={"l": 24, "r": 16, "t": 44, "b": 48})


def _heading(item: LessonTable, axis: str) -> list[dict[str, Any]]:
    axes = {"xref": f"x{axis} domain", "showarrow": False}
    title = {
        **axes,
        "yref": f"y{axis} domain",
        "text": item.title,
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "font": {"size": 13},
    }
    if item.row is None:
        return [title]
    arrow = {
        **axes,
        "yref": f"y{axis}",
        "text": f"{item.row} ▸",
        "x": 0,
        "y": item.row,
        "xanchor": "right",
        "font": {"size": 12},
    }
    return [title, arrow]


def _frames(frames: int, first: int) -> dict[str, Any]:
    """An axis of frames whose numbers begin at `first` and are written from 1."""
    ticks = list(range(first, first + frames))
    return {
        "range": [first - 0.5, first + frames - 0.5],
        "tickvals": ticks,
        "ticktext": [str(i + 1) for i in range(frames)],
        "tickangle": 0,
        "title": "frame",
    }


def _padded(frames: int, axis: str = "") -> list[dict[str, Any]]:
    """The first and the last frame, where zeros from beyond the clip take part."""
    return [dotted_column(frame, axis, theme.QUIET) for frame in sorted({1, frames})]


def lines(
    items: Sequence[Line], title: str, high: float, *, low: float = 0.0, edges: bool = False
) -> go.Figure:
    """Numbers by frame, from `low` to `high`; the line that matters comes last."""
    frames = len(items[0].values)
    figure = go.Figure(
        [
            {
                "type": "scatter",
                "x": list(range(1, frames + 1)),
                "y": item.values,
                "name": item.name,
                "mode": "lines+markers",
                "line": {"color": item.colour, "dash": item.dash, "width": 2.5},
                "marker": {"size": 7},
                "hovertemplate": "frame %{x}: %{y:.3g}<extra>" + item.name + "</extra>",
            }
            for item in items
        ]
    )
    room = 0.05 * (high - low)
    figure.update_layout(
        xaxis={**QUIET_AXIS, **_frames(frames, 1)},
        yaxis={"range": [low - room, high + room], "title": title, "fixedrange": True},
        shapes=_padded(frames) if edges else [],
    )
    return theme.finish(figure, 300, legend=True)
