"""Adaptive kernels as lines: where they look by depth, what they pass by frequency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.tam.kernels import block_axis


@dataclass(frozen=True, eq=False)
class BandedLine:
    """A line, with the quartiles over channels as a band around it where there are any.

    Attributes:
        label: What it is of.
        colour: Its colour, `#rrggbb` where there is a band.
        values: One for each tick of the axis.
        quartiles: Lower and upper ends of the band.
        dash: As Plotly names it.
        width: In pixels.
        note: What to write at its end instead of an entry in the legend.
    """

    label: str
    colour: str
    values: Float[np.ndarray, " m"]
    quartiles: Float[np.ndarray, "2 m"] | None = None
    dash: str = "solid"
    width: float = 2.5
    note: str = ""


@dataclass(frozen=True)
class Point:
    """One channel of the chosen block."""

    label: str
    value: float
    colour: str


def by_depth(
    names: Sequence[str],
    lines: Sequence[BandedLine],
    points: Sequence[Point],
    block: int,
    end: float,
    title: str,
    sides: tuple[str, str],
) -> go.Figure:
    """Future − past by block.

    Args:
        names: Of the blocks in forward order.
        lines: One value for each block.
        points: The chosen channel.
        block: Number of its block.
        end: Of the axis, on both sides of 0.
        title: Of the axis.
        sides: What lies above 0 and what below.
    """
    x = np.arange(len(names))
    data = [*_drawn(lines, x, "%{text}: %{y:+.2f}", text=list(names))]
    data += [_point(point, block) for point in points]
    layout = {
        "shapes": [_across(0.0)],
        "annotations": [
            _side(f"<b style='color:{theme.FUTURE}'>{sides[0]}</b>", 1.0, "top"),
            _side(f"<b style='color:{theme.PAST}'>{sides[1]}</b>", 0.0, "bottom"),
        ],
        "xaxis": block_axis(names),
        "yaxis": {
            "range": [-end, end],
            "title": {"text": title},
            "fixedrange": True,
            "zeroline": False,
        },
        "hovermode": "closest",
    }
    return theme.built(data, layout, 380, legend=True)


def by_frequency(
    frequencies: Float[np.ndarray, " f"],
    lines: Sequence[BandedLine],
    span: tuple[float, float],
    title: str,
) -> go.Figure:
    """Frequency responses.

    Args:
        frequencies: In cycles per frame, from 0 to ½.
        lines: One value for each frequency.
        span: Ends of the axis.
        title: Of the axis.
    """
    data = _drawn(lines, frequencies, "%{x:.2f} cycles per frame: %{y:.2f}")
    notes = [
        {
            "text": line.note,
            "x": 0.5,
            "y": float(line.values[-1]),
            "xanchor": "left",
            "xshift": 4,
            "showarrow": False,
            "font": {"size": 11},
        }
        for line in lines
        if line.note
    ]
    ends = {0.0: "0<br>constant", 0.25: "¼<br>4 frames a cycle", 0.5: "½<br>alternating"}
    plain = {"fixedrange": True, "zeroline": False}
    layout = {
        "annotations": notes,
        "shapes": [_across(0.0)] if span[0] < 0 else [],
        "xaxis": {
            "range": [0, 0.5],
            "tickvals": list(ends),
            "ticktext": list(ends.values()),
            "ticklabeloverflow": "allow",
            "title": {"text": "cycles per frame"},
            **plain,
        },
        "yaxis": {"range": list(span), "title": {"text": title}, **plain},
        "hovermode": "closest",
        "margin": {"l": 60, "r": 90, "t": 100, "b": 64, "autoexpand": False},
    }
    return theme.built(data, layout, 460, legend=True)


def _drawn(
    lines: Sequence[BandedLine], x: np.ndarray, hover: str, text: list[str] | None = None
) -> list[dict[str, Any]]:
    """Bands first, so that they hide no line."""
    bands = [_band(line, x) for line in lines if line.quartiles is not None]
    return bands + [
        {
            "type": "scatter",
            "x": x,
            "y": line.values,
            "text": text,
            "name": in_plot(line.label),
            "mode": "lines" if text is None else "lines+markers",
            "line": {"color": line.colour, "dash": line.dash, "width": line.width},
            "showlegend": not line.note,
            "hovertemplate": f"{in_plot(line.label)}<br>{hover}<extra></extra>",
        }
        for line in lines
    ]


def _band(line: BandedLine, x: np.ndarray) -> dict[str, Any]:
    low, high = line.quartiles if line.quartiles is not None else (line.values, line.values)
    return {
        "type": "scatter",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([low, high[::-1]]),
        "fill": "toself",
        "fillcolor": theme.faint(line.colour, 0.18),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _point(point: Point, block: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [block],
        "y": [point.value],
        "mode": "markers",
        "marker": {"symbol": "diamond", "size": 12, "color": point.colour, "line": {"width": 1}},
        "name": in_plot(point.label),
        "hovertemplate": f"{in_plot(point.label)}: %{{y:+.2f}}<extra></extra>",
    }


def _across(level: float) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": level,
        "y1": level,
        "line": {"width": 1, "color": theme.REFERENCE},
    }


def _side(text: str, y: float, anchor: str) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0.995,
        "y": y,
        "xanchor": "right",
        "yanchor": anchor,
        "showarrow": False,
        "font": {"size": 11},
    }
