"""Heatmaps over the frames of a view, side by side, whose every row can be clicked.

Figures are put together as one plain dict and checked once: a visitor who goes through the blocks
waits for every millisecond, and Plotly's `update_…` and `add_…` check everything anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.click_targets import targets
from tam_viz.plots.shared.column_axes import (
    Placed,
    colour_bars,
    frame_axis,
    row_axis,
    spans,
    title_over,
)
from tam_viz.plots.shared.dark import ON_DARK
from tam_viz.plots.shared.edges import edges
from tam_viz.plots.shared.event import bars
from tam_viz.plots.shared.filmstrip import strip_image

_MARGIN = {"l": 84, "r": 92, "t": 58, "b": 84, "autoexpand": False}
"""Room for all that stands beside the axes: to let Plotly find it costs a second drawing."""


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
    sides = spans(placed)
    named = next(i for i, map_ in enumerate(placed) if not map_.slim)
    for number, (map_, span) in enumerate(zip(placed, sides, strict=True)):
        axis, column = "" if number == 0 else str(number + 1), map_.column
        frames = column.values.shape[1]
        data += [_heatmap(map_, axis), _clickable(map_, axis), *_marks(map_, axis)]
        layout[f"xaxis{axis}"] = frame_axis(map_, axis, span)
        layout[f"yaxis{axis}"] = row_axis(map_, axis, 1 - strip, named=number == named)
        layout["annotations"].append(title_over(column.title, span))
        layout["shapes"] += [*edges(frames, axis), *bars(column.inside, axis), *_chosen(map_, axis)]
        if column.clip is not None:
            image = {"xref": f"x{axis}", "yref": "paper", "x": -0.5, "sizex": frames}
            layout["images"].append(
                {**strip_image(column.clip), **image, "y": 1 - strip / 2, "sizey": strip * 0.8}
            )
    data += colour_bars(placed)
    layout |= {"hoverdistance": -1, "margin": _MARGIN, **ON_DARK}
    return theme.built(data, layout, height)


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


def _clickable(placed: Placed, axis: str) -> dict[str, Any]:
    """A target for each row; the nearest one is taken, however far it is."""
    values, rows = placed.column.values, placed.rows
    parts = [f"{in_plot(placed.column.title)}<br>{name}" for name in rows.names]
    if not placed.slim:
        parts = [f"{name}<br>{_numbers(row)}" for name, row in zip(parts, values, strict=True)]
    across = [(values.shape[1] - 1) / 2] * len(rows.given)
    points = targets(across, list(range(len(rows.given))), rows.given, parts)
    return {**points, "xaxis": f"x{axis}", "yaxis": f"y{axis}"}


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
