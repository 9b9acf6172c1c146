"""How much kernels adapt: what freezing them costs, and what they tell of a clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.tam.kernels import block_axis


@dataclass(frozen=True, eq=False)
class BlockLosses:
    """The cost of an edit of each block.

    Attributes:
        label: Which edit, on what.
        colour: Its colour.
        values: Log-odds lost, by block.
        low: Lower ends of the intervals, where there are any.
        high: Upper ends.
        symbol: As Plotly names it.
    """

    label: str
    colour: str
    values: Float[np.ndarray, " b"]
    low: Float[np.ndarray, " b"] | None = None
    high: Float[np.ndarray, " b"] | None = None
    symbol: str = "circle"


def costs(blocks: Sequence[str], shown: Sequence[BlockLosses], title: str) -> go.Figure:
    """Log-odds that edits of blocks take away; above 0 the edit hurts.

    Args:
        blocks: Blocks in forward order, then all of them together.
        shown: Side by side at each block.
        title: Of the axis.
    """
    step = 0.6 / max(len(shown), 1)
    traces = [
        go.Scatter(
            x=np.arange(len(blocks)) - 0.3 + step * (number + 0.5),
            y=cost.values,
            error_y=_interval(cost),
            text=list(blocks),
            mode="markers",
            marker={
                "symbol": cost.symbol,
                "size": 9,
                "color": cost.colour,
                "line": {"width": 2, "color": cost.colour},
            },
            name=in_plot(cost.label),
            hovertemplate=f"{in_plot(cost.label)}<br>%{{text}}: %{{y:+.2f}}<extra></extra>",
        )
        for number, cost in enumerate(shown)
    ]
    ends = [cost.low if cost.low is not None else cost.values for cost in shown]
    ends += [cost.high if cost.high is not None else cost.values for cost in shown]
    low, high = min(0.0, *(e.min() for e in ends)), max(0.0, *(e.max() for e in ends))
    room = max(0.05 * (high - low), 0.02)
    figure = go.Figure(traces)
    figure.layout.shapes = [_zero(), _apart(len(blocks) - 1.5)]
    figure.update_layout(
        xaxis={**block_axis(blocks), "title": "the block whose Θ is replaced"},
        yaxis={
            "range": [low - room, high + room],
            "title": title,
            "fixedrange": True,
            "zeroline": False,
        },
    )
    return theme.finish(figure, 400, legend=True)


def _interval(cost: BlockLosses) -> dict[str, Any] | None:
    if cost.low is None or cost.high is None:
        return None
    return {
        "array": cost.high - cost.values,
        "arrayminus": cost.values - cost.low,
        "width": 3,
        "thickness": 1.5,
    }


def _zero() -> dict[str, Any]:
    line = {"width": 1, "color": theme.REFERENCE}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": line}


def _apart(x: float) -> dict[str, Any]:
    line = {"width": 1, "color": theme.REFERENCE, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}


def readouts(
    blocks: Sequence[str],
    families: Sequence[str],
    sides: Mapping[str, Float[np.ndarray, "f b"]],
) -> go.Figure:
    """How often a linear probe tells from Θ which class of a pair a clip is; in [0, 1].

    Args:
        blocks: Across.
        families: Pairs of classes, down.
        sides: By title, such as trained and untrained, side by side.
    """
    count = len(sides)
    gap, width = 0.03, (1 - 0.03 * (count - 1)) / count
    figure = go.Figure()
    for number, (title, values) in enumerate(sides.items()):
        axis = "" if number == 0 else str(number + 1)
        left = number * (width + gap)
        figure.add_heatmap(
            z=values,
            x=list(range(len(blocks))),
            y=list(range(len(families))),
            text=[[f"{v:.2f}".lstrip("0") for v in row] for row in values],
            texttemplate="%{text}" if len(blocks) <= 8 else None,
            coloraxis="coloraxis",
            hovertemplate=f"{title}<br>%{{x}}, %{{y}}: %{{z:.2f}}<extra></extra>",
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
        )
        figure.layout[f"xaxis{axis}"] = {
            **block_axis(blocks),
            "domain": [left, left + width],
            "anchor": f"y{axis}",
            "title": f"{title}: block, in forward order",
        }
        figure.layout[f"yaxis{axis}"] = {
            "tickvals": list(range(len(families))),
            "ticktext": list(families),
            "range": [len(families) - 0.5, -0.5],
            "showticklabels": number == 0,
            "ticks": "",
            "anchor": f"x{axis}",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        }
    figure.update_layout(
        coloraxis={
            "cmin": 0,
            "cmax": 1,
            "colorscale": theme.SHARE,
            "colorbar": theme.colour_bar("share correct"),
        }
    )
    return theme.finish(figure, 140 + 30 * max(len(families), 6))
