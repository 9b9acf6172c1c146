"""What the networks say: the most probable classes of each on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from tam_viz.plots import theme
from tam_viz.types import Card, Prediction


def top_classes(
    answers: Sequence[tuple[Card, Prediction]], truth: str | None, n: int = 5
) -> go.Figure:
    """Bars of the `n` most probable classes, a panel per network, probability from 0 to 1.

    Where the true class is known it is in bold with a tick.
    """
    columns = min(2, len(answers))
    rows = math.ceil(len(answers) / columns)
    height = 60 + rows * (110 + 22 * n)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[_title(card, prediction, truth) for card, prediction in answers],
        horizontal_spacing=0.25,
        vertical_spacing=120 / height,
    )
    for number, (card, prediction) in enumerate(answers):
        best = prediction.top(n)[::-1]
        names = [f"<b>✓ {name}</b>" if name == truth else name for name, _ in best]
        values = [value for _, value in best]
        figure.add_bar(
            x=values,
            y=names,
            orientation="h",
            marker_color=theme.model_colour(card.temporal),
            text=[f"{value:.2f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
            row=number // columns + 1,
            col=number % columns + 1,
        )
    ticks = [0, 0.25, 0.5, 0.75, 1]
    figure.update_xaxes(range=[0, 1.15], tickvals=ticks, title="probability", fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    theme.finish(figure, height)
    figure.update_layout(margin={"l": 10, "t": 40})
    figure.update_yaxes(automargin=True)
    return figure


def _title(card: Card, prediction: Prediction, truth: str | None) -> str:
    if truth is None or truth not in card.classes:
        return card.id
    return f"{card.id}: {'right' if prediction.top(1)[0][0] == truth else 'wrong'}"
