"""Scores of several networks by how a clip is played."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.names import SYMBOLS, wrapped

_TILE_PX, _GAP_PX = 44, 2


@dataclass(frozen=True, eq=False)
class Series:
    """One network's dots.

    Attributes:
        name: What it is called.
        colour: Of its dots.
        columns: Values for each column, a value per row.
        says: What it says, by row.
    """

    name: str
    colour: str
    columns: Sequence[Float[np.ndarray, " r"]]
    says: Sequence[str]


@dataclass(frozen=True)
class Axis:
    """One column of dots.

    Attributes:
        title: Of the axis.
        limit: Its end on both sides.
        chance: Where a network that knows nothing would be.
    """

    title: str
    limit: float
    chance: float


def tempi(
    rows: Sequence[str],
    strips: Sequence[UInt8[np.ndarray, "t h w 3"]],
    series: Sequence[Series],
    axes: Sequence[Axis],
) -> go.Figure:
    """Dots of several networks by how a clip is played, its frames beside each row.

    Args:
        rows: What each way to play it is called, from top to bottom.
        strips: The frames that a network sees, by row.
        series: The networks.
        axes: The columns of dots.
    """
    figure = go.Figure()
    domains = _domains(len(axes))
    for column, axis in enumerate(axes):
        for number, network in enumerate(series):
            y = [i + 0.13 * (number - (len(series) - 1) / 2) for i in range(len(rows))]
            figure.add_trace(_dots(network, number, column, y))
        figure.layout[f"xaxis{column + 2}"] = {
            "domain": domains[column + 1],
            "range": [-axis.limit, axis.limit],
            "title": {"text": wrapped(axis.title, 34), "font": {"size": 12}},
            "fixedrange": True,
            "zeroline": True,
            "zerolinewidth": 2,
        }
    figure.layout.xaxis = {"domain": domains[0], "range": [0, 1], "visible": False}
    figure.layout.yaxis = {
        "tickvals": list(range(len(rows))),
        "ticktext": [wrapped(row, 20) for row in rows],
        "range": [len(rows) - 0.5, -0.5],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }
    figure.layout.images = [_strip(frames, i) for i, frames in enumerate(strips)]
    figure.layout.shapes = [
        *(_between_rows(i) for i in range(1, len(rows))),
        *(_chance(f"x{n}", axis.chance) for n, axis in enumerate(axes, start=2)),
    ]
    theme.finish(figure, 130 + 62 * len(rows), legend=True)
    figure.update_layout(margin={"l": 130, "b": 60})
    return figure


def _dots(network: Series, number: int, column: int, y: Sequence[float]) -> dict[str, Any]:
    """The dots of one network in one column, both counted from 0."""
    name = in_plot(network.name)
    return {
        "type": "scatter",
        "x": network.columns[column],
        "y": y,
        "xaxis": f"x{column + 2}",
        "mode": "markers",
        "name": name,
        "legendgroup": network.name,
        "showlegend": column == 0,
        "marker": {
            "size": 10,
            "color": network.colour,
            "symbol": SYMBOLS[number % len(SYMBOLS)],
            "line": {"width": 1, "color": theme.QUIET},
        },
        "customdata": [in_plot(says) for says in network.says],
        "hovertemplate": f"{name}: %{{x:+.2f}}<br>predicts '%{{customdata}}'<extra></extra>",
    }


def _domains(columns: int) -> list[list[float]]:
    """Shares of the width: the frames, then the columns of dots."""
    width = (0.64 - 0.04 * (columns - 1)) / columns
    starts = [0.36 + i * (width + 0.04) for i in range(columns)]
    return [[0.0, 0.34], *([start, start + width] for start in starts)]


def _between_rows(i: int) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": i - 0.5,
        "y1": i - 0.5,
        "line": {"width": 1, "color": "rgba(128,128,128,0.3)"},
    }


def _chance(axis: str, level: float) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": axis,
        "yref": "paper",
        "x0": level,
        "x1": level,
        "y0": 0,
        "y1": 1,
        "line": {"width": 1.5, "color": theme.QUIET, "dash": "dot"},
    }


def _strip(frames: UInt8[np.ndarray, "t h w 3"], row: int) -> dict[str, Any]:
    """The frames side by side as one small picture."""
    step = _TILE_PX + _GAP_PX
    strip = Image.new("RGB", (step * len(frames) - _GAP_PX, _TILE_PX), (128, 128, 128))
    for i, frame in enumerate(frames):
        strip.paste(Image.fromarray(frame).resize((_TILE_PX, _TILE_PX)), (i * step, 0))
    buffer = io.BytesIO()
    strip.save(buffer, "JPEG", quality=85)
    return {
        "source": f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}",
        "xref": "x",
        "yref": "y",
        "x": 0,
        "y": row,
        "sizex": 1,
        "sizey": 0.9,
        "xanchor": "left",
        "yanchor": "middle",
        "sizing": "contain",
    }
