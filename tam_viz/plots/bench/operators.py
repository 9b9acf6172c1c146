"""T×T matrices as small multiples: what frame t takes from frame s, one picture per network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.dark import ON_DARK

_COLUMNS = 5
_CELL_PX, _HEAD_PX, _LEFT_PX, _BELOW_PX = 158, 50, 62, 74


@dataclass(frozen=True, eq=False)
class Square:
    """One matrix to draw.

    Attributes:
        title: Name of the network.
        colour: Of its family.
        matrix: What is drawn; a row for each time step of the output, a column for each frame.
        note: A few words below the name.
        numbers: What stands in the hover text, of the same shape.
    """

    title: str
    colour: str
    matrix: Float[np.ndarray, "r s"]
    note: str
    numbers: Float[np.ndarray, "r s"]


@dataclass(frozen=True)
class OperatorScale:
    """How values become colours; values beyond the ends look like the ends.

    Attributes:
        low: The lower end.
        high: The upper end.
        colours: Name of the colour scale.
        title: What the colour bar says.
    """

    low: float
    high: float
    colours: str
    title: str


WEIGHTS = OperatorScale(-1.0, 1.0, theme.OPERATOR, "weight, largest row sum = 1")
SHARES = OperatorScale(0.0, 0.5, theme.INFLUENCE, "share of the row (yellow: 0.5 and above)")


def squares(items: Sequence[Square], scale: OperatorScale) -> go.Figure:
    """All matrices on the same axes and colours: rows read, columns are read.

    The dashed line is the frame itself, past below it and future above; the dotted rows are the
    first and the last frame, where zero padding takes part.
    """
    rows = math.ceil(len(items) / _COLUMNS)
    height = 84 + rows * (_CELL_PX + _HEAD_PX + 22)
    layout: dict[str, Any] = {"shapes": [], "annotations": []}
    traces = []
    for number, item in enumerate(items):
        row, column = divmod(number, _COLUMNS)
        axis = "" if number == 0 else str(number + 1)
        layout |= _axes(item, axis, row, column, rows, last=number + _COLUMNS >= len(items))
        layout["shapes"] += _guides(item.matrix.shape, axis)
        layout["annotations"] += _names(item, axis)
        traces.append(_heat(item, axis))
    layout["annotations"].append(_sides())
    bar = {**theme.colour_bar(scale.title), "len": 0.9}
    layout["coloraxis"] = {
        "cmin": scale.low,
        "cmax": scale.high,
        "colorscale": scale.colours,
        "colorbar": bar,
    }
    figure = go.Figure(traces, {**layout, **ON_DARK})
    theme.finish(figure, height)
    return figure.update_layout(margin={"l": _LEFT_PX, "r": 10, "t": _HEAD_PX, "b": _BELOW_PX})


def _heat(item: Square, axis: str) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": item.matrix,
        "customdata": item.numbers,
        "coloraxis": "coloraxis",
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "xgap": 1,
        "ygap": 1,
        "x0": 1,
        "y0": 1,
        "name": in_plot(item.title),
        "hovertemplate": "frame %{y} takes from frame %{x}: %{customdata:.3f}"
        "<extra>%{fullData.name}</extra>",
    }


def _axes(
    item: Square, axis: str, row: int, column: int, rows: int, *, last: bool
) -> dict[str, Any]:
    """The two axes of one picture, numbered where there is nothing left of it or below it."""
    outputs, frames = item.matrix.shape
    gap_x, gap_y = 0.022, (_HEAD_PX + 22) / (rows * (_CELL_PX + _HEAD_PX + 22))
    width = (1 - gap_x * (_COLUMNS - 1)) / _COLUMNS
    tall = (1 - gap_y * (rows - 1)) / rows
    left, top = column * (width + gap_x), 1 - row * (tall + gap_y)
    shared = {"showgrid": False, "zeroline": False, "fixedrange": True, "tickfont": {"size": 10}}
    x = {
        **shared,
        "domain": [left, left + width],
        "anchor": f"y{axis}",
        "range": [0.5, frames + 0.5],
        "tickvals": _ticks(frames) if last else [],
    }
    y = {
        **shared,
        "domain": [top - tall, top],
        "anchor": f"x{axis}",
        "range": [outputs + 0.5, 0.5],
        "tickvals": _ticks(outputs) if column == 0 or outputs != frames else [],
    }
    if last:
        x["title"] = {"text": "input frame s", "font": {"size": 11}, "standoff": 4}
    if column == 0:
        y["title"] = {"text": "output frame t", "font": {"size": 11}, "standoff": 4}
    return {f"xaxis{axis}": x, f"yaxis{axis}": y}


def _ticks(frames: int) -> list[int]:
    step = max(1, math.ceil(frames / 8))
    return list(range(1, frames + 1, step))


def _guides(shape: tuple[int, ...], axis: str) -> list[dict[str, Any]]:
    """The diagonal, and the two rows at the edges; none where rows are no frames."""
    outputs, frames = shape
    if outputs != frames:
        return []
    on = {"xref": f"x{axis}", "yref": f"y{axis}"}
    ends = {"x0": 0.5, "x1": frames + 0.5}
    quiet = {"color": theme.QUIET, "width": 1}
    diagonal = {**on, **ends, "type": "line", "y0": 0.5, "y1": frames + 0.5}
    edges = [
        {
            **on,
            **ends,
            "type": "rect",
            "y0": row - 0.5,
            "y1": row + 0.5,
            "line": {**quiet, "dash": "dot", "width": 1.5},
        }
        for row in (1, frames)
    ]
    return [{**diagonal, "line": {**quiet, "dash": "dash"}}, *edges]


def _names(item: Square, axis: str) -> list[dict[str, Any]]:
    """The network's name with the colour of its family, and the note below it."""
    text = (
        f"<span style='color:{item.colour}'>■</span> <b>{in_plot(item.title)}</b>"
        f"<br><span style='font-size:11px'>{item.note}</span>"
    )
    return [
        {
            "text": text,
            "xref": f"x{axis} domain",
            "yref": f"y{axis} domain",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "align": "left",
            "showarrow": False,
            "font": {"size": 12},
            "yshift": 2,
        }
    ]


def _sides() -> dict[str, Any]:
    """Where the past and the future lie, and what the dotted rows are, below all pictures."""
    text = (
        f"<span style='color:{theme.PAST}'>◣</span> below the diagonal: past   <span "
        f"style='color:{theme.FUTURE}'>◥</span> above it: future   ┄ first and last frame: "
        "affected by zero padding"
    )
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "yshift": -42,
        "showarrow": False,
        "font": {"size": 12},
    }
