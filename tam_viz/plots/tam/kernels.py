"""Adaptive kernels: each tap of Θ by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme

TAPS = ("past", "present", "future")


@dataclass(frozen=True, eq=False)
class Spread:
    """How a quantity that each tap has spreads over the channels of each block.

    Attributes:
        label: What it is of.
        colour: Its colour.
        values: 5%, lower quartile, median, upper quartile and 95% by block and tap.
        fixed: Whether it stands for kernels that are the same for every video: then it is drawn
            as a mark from quartile to quartile, else as a box.
    """

    label: str
    colour: str
    values: Float[np.ndarray, "b 5 3"]
    fixed: bool = False


def tap_boxes(
    names: Sequence[str],
    spreads: Sequence[Spread],
    marks: Mapping[str, tuple[str, Float[np.ndarray, " 3"]]],
    block: int,
    span: tuple[float, float],
    level: float | None,
) -> go.Figure:
    """Distribution over channels of past, present and future by block.

    Args:
        names: Of the blocks in forward order.
        spreads: Side by side in each block.
        marks: By label, the colour and the three taps of the chosen channel.
        block: Number of its block.
        span: Ends of the axis.
        level: A dotted line to hold them against.
    """
    width = 0.8 / len(spreads)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"boxmode": "overlay"}
    for row, tap in enumerate(TAPS):
        axes = {"xaxis": "x", "yaxis": f"y{row + 1 if row else ''}", "showlegend": row == 0}
        for number, spread in enumerate(spreads):
            x = np.arange(len(names)) - 0.4 + width * (number + 0.5)
            values = spread.values[:, :, row]
            if spread.fixed:
                data.append(_quartile_marks(spread, x, values, axes))
            else:
                data.append(_boxes(spread, x, values, 0.8 * width, axes))
        data += [_diamond(*mark, block, row, tap, axes) for mark in marks.items()]
        low = (2 - row) / 3
        layout[f"yaxis{row + 1 if row else ''}"] = {
            "domain": [low + 0.02, low + 1 / 3 - 0.02],
            "range": list(span),
            "title": {"text": f"<b style='color:{theme.TIME_DIRECTION[tap]}'>{tap}</b>"},
            "fixedrange": True,
            "zeroline": span[0] < 0,
            "zerolinecolor": theme.REFERENCE,
        }
    layout["shapes"] = [] if level is None else [_level(level, row) for row in range(3)]
    layout["xaxis"] = {**block_axis(names), "anchor": "y3"}
    return theme.built(data, layout, 640, legend=True)


def block_axis(names: Sequence[str]) -> dict[str, Any]:
    """The axis of blocks: number i stands for `names[i]`."""
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "range": [-0.6, len(names) - 0.4],
        "title": {"text": "block, in forward order"},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _boxes(
    spread: Spread,
    x: np.ndarray,
    values: Float[np.ndarray, "b 5"],
    width: float,
    axes: dict[str, Any],
) -> dict[str, Any]:
    low, q1, median, q3, high = values.T
    return {
        "type": "box",
        "x": x,
        "lowerfence": low,
        "q1": q1,
        "median": median,
        "q3": q3,
        "upperfence": high,
        "width": width,
        "name": in_plot(spread.label),
        "legendgroup": spread.label,
        "line": {"color": spread.colour, "width": 1.5},
        "hoverinfo": "y+name",
        "hoverlabel": {"namelength": 40},
        **axes,
    }


def _quartile_marks(
    spread: Spread, x: np.ndarray, values: Float[np.ndarray, "b 5"], axes: dict[str, Any]
) -> dict[str, Any]:
    _, q1, median, q3, _ = values.T
    return {
        "type": "scatter",
        "x": x,
        "y": median,
        "error_y": {
            "array": q3 - median,
            "arrayminus": median - q1,
            "width": 3,
            "thickness": 1.5,
        },
        "mode": "markers",
        "marker": {
            "symbol": "line-ew-open",
            "size": 11,
            "color": spread.colour,
            "line": {"width": 3},
        },
        "name": in_plot(spread.label),
        "legendgroup": spread.label,
        "hovertemplate": f"{in_plot(spread.label)}<br>median %{{y:+.2f}}<extra></extra>",
        **axes,
    }


def _diamond(
    label: str,
    mark: tuple[str, Float[np.ndarray, " 3"]],
    block: int,
    row: int,
    tap: str,
    axes: dict[str, Any],
) -> dict[str, Any]:
    colour, values = mark
    return {
        "type": "scatter",
        "x": [block],
        "y": [float(values[row])],
        "mode": "markers",
        "marker": {"symbol": "diamond", "size": 10, "color": colour, "line": {"width": 1}},
        "name": in_plot(label),
        "legendgroup": label,
        "hovertemplate": f"{in_plot(label)}<br>{tap} %{{y:.2f}}<extra></extra>",
        **axes,
    }


def _level(level: float, row: int) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "yref": f"y{row + 1 if row else ''}",
        "x0": 0,
        "x1": 1,
        "y0": level,
        "y1": level,
        "line": {"width": 1, "color": theme.REFERENCE, "dash": "dot"},
    }
