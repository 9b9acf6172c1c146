"""Two levels side by side: what each does to the frames of a channel, and to the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme

_APART = 0.03


def matrices(items: Mapping[str, Float[np.ndarray, "t t"]]) -> go.Figure:
    """Matrices over time side by side, each diagonal in the colour of its tap, from 0 to 1."""
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": []}
    wide = (1 - _APART * (len(items) - 1)) / len(items)
    for number, (name, matrix) in enumerate(items.items()):
        axis = "" if number == 0 else str(number + 1)
        left = number * (wide + _APART)
        data += _diagonals(matrix, axis)
        ends = _axis(len(matrix))
        layout[f"xaxis{axis}"] = {
            **ends,
            "domain": [left, left + wide],
            "anchor": f"y{axis}",
            "title": "input s" if number == 0 else "",
        }
        layout[f"yaxis{axis}"] = {
            **ends,
            "range": ends["range"][::-1],
            "anchor": f"x{axis}",
            "title": "output t" if number == 0 else "",
            "showticklabels": number == 0,
        }
        layout["annotations"].append(theme.centred_text(name, left + wide / 2, 1.02, 13))
    data += [
        {**theme.pointless({"symbol": "square", "size": 11, "color": colour}), "name": tap}
        for tap, colour in theme.TIME_DIRECTION.items()
    ]
    layout["margin"] = {"l": 44, "r": 8, "t": 30, "b": 92}
    layout["legend"] = {"orientation": "h", "y": -0.4, "yanchor": "top", "x": 0}
    return theme.built(data, layout, 300, legend=True)


def _axis(frames: int) -> dict[str, Any]:
    ticks = sorted({1, (frames + 1) // 2, frames})
    return {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "range": [0.5, frames + 0.5],
        "tickvals": ticks,
        "tickangle": 0,
    }


def _diagonals(matrix: Float[np.ndarray, "t t"], axis: str) -> list[dict[str, Any]]:
    traces = []
    for shift, (tap, colour) in zip((-1, 0, 1), theme.TIME_DIRECTION.items(), strict=True):
        on_diagonal = np.eye(len(matrix), k=shift, dtype=bool)
        traces.append(
            {
                "type": "heatmap",
                "z": np.where(on_diagonal, matrix, np.nan),
                "x0": 1,
                "y0": 1,
                "xaxis": f"x{axis}",
                "yaxis": f"y{axis}",
                "zmin": 0,
                "zmax": 1,
                "colorscale": [[0, theme.faint(colour, 0.03)], [1, colour]],
                "showscale": False,
                "xgap": 1,
                "ygap": 1,
                "hoverongaps": False,
                "name": tap,
                "hovertemplate": "frame %{y} takes %{z:.3f} of frame %{x}",
            }
        )
    return traces


def probabilities(
    names: Sequence[str],
    values: Sequence[float],
    says: Sequence[str],
    trained: Sequence[bool],
    about: str,
    chance: float,
) -> go.Figure:
    """Probability of one class in each network, with its prediction beside the bar.

    Args:
        names: Of the networks, from top to bottom.
        values: The probabilities, in [0, 1].
        says: What each predicts.
        trained: Whether each is a network of its own; else the chosen one, edited.
        about: The class.
        chance: Its probability in a guess.
    """
    groups = (("the chosen network, edited", False), ("networks of their own", True))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [in_plot(n) for n, t in zip(names, trained, strict=True) if t == which],
            "x": [v for v, t in zip(values, trained, strict=True) if t == which],
            "text": [
                f" {v:.2f} · {in_plot(s, 30)}"
                for v, s, t in zip(values, says, trained, strict=True)
                if t == which
            ],
            "textposition": "outside",
            "cliponaxis": False,
            "name": group,
            "marker": {"color": theme.QUIET if which else theme.EDITED},
            "hovertemplate": "%{y}: %{x:.4f}<extra></extra>",
        }
        for group, which in groups
        if which in trained
    ]
    line = {"color": theme.QUIET, "width": 2, "dash": "dot"}
    layout = {
        "xaxis": {
            "range": [0, 1.6],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "title": f"probability of ‘{in_plot(about)}’",
            "fixedrange": True,
        },
        "yaxis": {
            "automargin": True,
            "fixedrange": True,
            "categoryorder": "array",
            "categoryarray": [in_plot(name) for name in names][::-1],
        },
        "shapes": [
            {"type": "line", "x0": chance, "x1": chance, "yref": "paper", "y0": 0, "y1": 1}
            | {"line": line}
        ],
        "margin": {"l": 10, "r": 10, "t": 36, "b": 48},
    }
    return theme.built(data, layout, 90 + 30 * len(names), legend=True)


def pair_lines(
    items: Sequence[tuple[str, Float[np.ndarray, " g"], str]], means: Mapping[str, float]
) -> go.Figure:
    """How much pairs of channels differ, by how alike their profiles are.

    Args:
        items: A name, one difference for each group of pairs, the most alike first, and a colour.
        means: The difference over all pairs, by the same names.
    """
    count = max((len(values) for _, values, _ in items), default=1)
    groups = list(range(1, count + 1))
    data: list[dict[str, Any]] = []
    for name, values, colour in items:
        line = {"color": colour, "width": 2.5}
        hover = "group %{x}: %{y:.3f}<extra>" + name + "</extra>"
        data += [
            {"type": "scatter", "x": groups, "y": values, "name": name, "mode": "lines+markers"}
            | {"line": line, "hovertemplate": hover},
            {"type": "scatter", "x": groups, "y": [means[name]] * count, "mode": "lines"}
            | {"line": {**line, "dash": "dot", "width": 1.5}, "name": f"{name}, all pairs"}
            | {"hovertemplate": hover},
        ]
    high = max([0.1, *(float(values.max()) for _, values, _ in items), *means.values()])
    layout = {
        "xaxis": {
            "tickvals": [1, count],
            "ticktext": ["most alike", "least alike"],
            "title": "profiles",
            "range": [0.2, count + 0.8],
            "fixedrange": True,
        },
        "yaxis": {"range": [0, 1.05 * high], "title": "difference", "fixedrange": True},
        "margin": {"l": 60, "r": 20, "t": 44, "b": 48},
    }
    return theme.built(data, layout, 300, legend=True)
