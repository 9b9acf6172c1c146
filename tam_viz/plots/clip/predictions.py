"""Predictions of networks: the most probable classes of each on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.types import Card, Prediction

_ACROSS = 0.25
"""Between two columns, as a share of the width: room for names of classes."""
_DOWN_PX = 120
_LETTERS = 40
"""Of the name of a class."""


def top_classes(
    answers: Sequence[tuple[Card, Prediction]], truth: str | None, n: int = 5
) -> go.Figure:
    """Bars of the `n` most probable classes, a panel per network, probability from 0 to 1.

    Where the true class is known it is in bold with a tick.
    """
    columns = min(2, len(answers))
    rows = math.ceil(len(answers) / columns)
    height = 60 + rows * (110 + 22 * n)
    wide = (1 - _ACROSS * (columns - 1)) / columns
    apart = _DOWN_PX / height
    high = (1 - apart * (rows - 1)) / rows
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": []}
    for number, (card, prediction) in enumerate(answers):
        row, column = divmod(number, columns)
        axis = "" if number == 0 else str(number + 1)
        left, top = column * (wide + _ACROSS), 1 - row * (high + apart)
        data.append(_bars(card, prediction.top(n)[::-1], truth, axis))
        layout["annotations"].append(
            theme.centred_text(_title(card, prediction, truth), left + wide / 2, top, 16)
        )
        layout[f"xaxis{axis}"] = {
            "domain": [left, left + wide],
            "anchor": f"y{axis}",
            "range": [0, 1.15],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "title": {"text": "probability"},
            "fixedrange": True,
        }
        layout[f"yaxis{axis}"] = {
            "domain": [max(0.0, top - high), top],
            "anchor": f"x{axis}",
            "fixedrange": True,
            "automargin": True,
        }
    margin = {"l": 10, "r": 20, "t": 40, "b": 48}
    return theme.built(data, {**layout, "margin": margin}, height)


def _bars(
    card: Card, best: Sequence[tuple[str, float]], truth: str | None, axis: str
) -> dict[str, Any]:
    values = [value for _, value in best]
    return {
        "type": "bar",
        "x": values,
        "y": [
            f"<b>✓ {in_plot(name, _LETTERS)}</b>" if name == truth else in_plot(name, _LETTERS)
            for name, _ in best
        ],
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "orientation": "h",
        "marker": {"color": theme.model_colour(card.temporal)},
        "text": [f"{value:.2f}" for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.4f}<extra></extra>",
    }


def _title(card: Card, prediction: Prediction, truth: str | None) -> str:
    if truth is None or truth not in card.classes:
        return in_plot(card.id)
    return f"{in_plot(card.id)}: {'correct' if prediction.top(1)[0][0] == truth else 'incorrect'}"
