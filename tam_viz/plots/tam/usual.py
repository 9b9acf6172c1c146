"""One channel's kernel on a clip among its kernels on many clips."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from tam_viz.plots.shared import theme
from tam_viz.plots.tam.kernels import TAPS


def among(
    values: Float[np.ndarray, "n 3"],
    same_class: Bool[np.ndarray, " n"],
    own: Float[np.ndarray, " 3"],
    over: str,
    name: str,
) -> go.Figure:
    """Weights on past, present and future: a row for each, a dot for each clip.

    Args:
        values: Of the clips.
        same_class: Which of them are of the class of the clip that is looked at.
        own: Of that clip.
        over: The clips, in words.
        name: What that clip is called.
    """
    apart = np.linspace(-0.28, 0.28, max(len(values), 2))[: len(values)]
    ring = {"color": theme.FIRST, "size": 9, "symbol": "circle-open", "line": {"width": 2}}
    kinds = [
        (over, ~same_class, {"color": theme.REFERENCE, "size": 5, "opacity": 0.7}),
        ("of its class", same_class, ring),
    ]
    diamond = {
        "symbol": "diamond",
        "size": 14,
        "color": theme.FIRST,
        "line": {"width": 1, "color": theme.REFERENCE},
    }
    data = [
        _dots(values[kind].T.ravel(), (np.arange(3)[:, None] + apart[kind]).ravel(), marker, label)
        for label, kind, marker in kinds
        if kind.any()
    ]
    data.append(_dots(own, np.arange(3), diamond, name))
    fixed = {"fixedrange": True, "zeroline": False}
    layout = {
        "xaxis": {"range": [-0.03, 1.03], "title": {"text": "weight Θ"}, **fixed},
        "yaxis": {
            "range": [2.5, -0.5],
            "tickvals": [0, 1, 2],
            "ticktext": [f"<b style='color:{theme.TIME_DIRECTION[tap]}'>{tap}</b>" for tap in TAPS],
            "showgrid": False,
            **fixed,
        },
        "margin": {"l": 84, "r": 20, "t": 64, "b": 48, "autoexpand": False},
    }
    return theme.built(data, layout, 280, legend=True)


def _dots(x: np.ndarray, y: np.ndarray, marker: dict[str, Any], label: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "markers",
        "marker": marker,
        "name": label,
        "hovertemplate": f"{label}: %{{x:.2f}}<extra></extra>",
    }
