"""Channels by what the answer owes to them, and a map of frames by blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from tam_viz.plots.shared import theme
from tam_viz.plots.shared.dark import ON_DARK

_GAP = 0.06


def channels(
    numbers: Sequence[int], effect: Float[np.ndarray, " n"], chosen: int, measure: str
) -> go.Figure:
    """Bars of the first channels of a ranking; blue helps the class and red stands against it.

    A click on a bar gives the number of the channel as `customdata`.

    Args:
        numbers: Channels, the first of the ranking on the left.
        effect: Of each of them.
        chosen: The chosen channel; it is named with an arrow.
        measure: What the score is.
    """
    data = [
        {
            "type": "bar",
            "x": list(range(len(numbers))),
            "y": effect,
            "customdata": list(numbers),
            "marker": {"color": [theme.PAST if value > 0 else theme.FUTURE for value in effect]},
            "hovertemplate": "channel %{customdata}: %{y:+.3f}<extra></extra>",
        }
    ]
    layout: dict[str, Any] = {
        "xaxis": {
            "tickvals": list(range(len(numbers))),
            "ticktext": [f"▸{c}" if c == chosen else str(c) for c in numbers],
            "title": {"text": "channel, by the size of its effect"},
            "fixedrange": True,
            "showgrid": False,
        },
        "yaxis": {"title": {"text": f"effect on the {measure}"}, "fixedrange": True},
        "bargap": 0.2,
    }
    return theme.built(data, layout, 300)


def frames(
    names: Sequence[str],
    changes: Mapping[str, Float[np.ndarray, "b t"]],
    turned: Mapping[str, Bool[np.ndarray, "b t"]],
    limit: float,
    measure: str,
) -> go.Figure:
    """Change of a score by block and frame, a map for each way; red loses and blue gains.

    Args:
        names: Blocks in forward order.
        changes: By way, block and frame.
        turned: Where the answer turns to another class.
        limit: End of the colour scale on both sides.
        measure: What the score is.
    """
    width = (1 - _GAP * (len(changes) - 1)) / len(changes)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": [], "margin": {"l": 80, "r": 20, "t": 60, "b": 60}}
    for number, (way, change) in enumerate(changes.items()):
        axis, left = str(number + 1) if number else "", number * (width + _GAP)
        data += _map(names, way, change, turned[way], axis, limit, measure)
        layout["annotations"].append(theme.centred_text(way, left + width / 2, 1.0, 14))
        layout[f"xaxis{axis}"] = {
            "domain": [left, left + width],
            "anchor": f"y{axis}",
            "title": {"text": "frame of the view"},
            "dtick": 1,
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        }
        layout[f"yaxis{axis}"] = {
            "anchor": f"x{axis}",
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "range": [len(names) - 0.5, -0.5],
            "showticklabels": not number,
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        }
    return theme.built(data, {**layout, **ON_DARK}, 150 + 24 * len(names))


def _map(
    names: Sequence[str],
    way: str,
    change: Float[np.ndarray, "b t"],
    turned: Bool[np.ndarray, "b t"],
    axis: str,
    limit: float,
    measure: str,
) -> list[dict[str, Any]]:
    rows, columns = np.nonzero(turned)
    axes = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
    return [
        {
            "type": "heatmap",
            "z": change,
            "x": list(range(1, change.shape[1] + 1)),
            "y": list(range(len(names))),
            "zmin": -limit,
            "zmax": limit,
            "colorscale": theme.CHANGE,
            "showscale": not axis,
            "colorbar": theme.colour_bar(f"change of {measure}"),
            "xgap": 1,
            "ygap": 1,
            "customdata": np.repeat(np.array(names)[:, None], change.shape[1], axis=1),
            "hovertemplate": f"{way} in %{{customdata}}, frame %{{x}}: %{{z:+.3f}}<extra></extra>",
            **axes,
        },
        {
            "type": "scatter",
            "x": columns + 1,
            "y": rows,
            "mode": "markers",
            "marker": {"size": 8, "color": "black", "line": {"width": 1.5, "color": "white"}},
            "hoverinfo": "skip",
            "showlegend": False,
            **axes,
        },
    ]
