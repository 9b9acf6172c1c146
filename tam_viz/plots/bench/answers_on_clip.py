"""Predictions of several networks for one clip: a row per network, a column per class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from tam_viz.analysis.bench.mechanisms import mechanism
from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme

ROW_PX = 24


def family_label(name: str, temporal: str) -> str:
    """A network's name with the colour of its family; TANet stands out."""
    shown = f"<b>{in_plot(name)}</b>" if temporal == "tam" else in_plot(name)
    return f"{shown} <span style='color:{theme.model_colour(temporal)}'>■</span>"


def clip_answers(
    answers: pd.DataFrame, temporals: Mapping[str, str], truth: str | None
) -> go.Figure:
    """Predictions for one clip: a row per network, a column per class.

    Args:
        answers: `network` and `probability` in [0, 1] by answer, in the order of rows and columns.
        temporals: The temporal module of each network.
        truth: The true class, where it is known.
    """
    predicted = list(dict.fromkeys(answers.index))
    order = list(answers["network"])
    rows = {name: row for row, name in enumerate(order)}
    figure = go.Figure()
    y = [rows[name] for name in answers["network"]]
    x = [predicted.index(says) for says in answers.index]
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers+text",
        marker={
            "size": [6 + 12 * p for p in answers["probability"]],
            "color": [theme.model_colour(temporals[name]) for name in answers["network"]],
        },
        text=[f"{p:.2f}" for p in answers["probability"]],
        textposition="middle right",
        textfont={"size": 11},
        customdata=[[in_plot(n), in_plot(a)] for n, a in zip(order, answers.index, strict=True)],
        hovertemplate="%{customdata[0]} predicts '%{customdata[1]}': %{text}<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )
    for family, temporal in {mechanism(name): name for name in temporals.values()}.items():
        marker = {"size": 10, "color": theme.model_colour(temporal)}
        figure.add_trace({**theme.pointless(marker), "name": family})
    if truth in predicted:
        column = predicted.index(truth)
        band = theme.faint("#1B9E8A", 0.16)
        figure.add_vrect(
            x0=column - 0.5, x1=column + 0.5, fillcolor=band, line_width=0, layer="below"
        )
    figure.update_xaxes(
        range=[-0.5, max(len(predicted), 3) - 0.5],
        tickvals=list(range(len(predicted))),
        ticktext=[
            f"<b>✓ {in_plot(says)}</b>" if says == truth else in_plot(says) for says in predicted
        ],
        title="predicted class",
        side="top",
        fixedrange=True,
        zeroline=False,
    )
    name_rows(figure, [family_label(name, temporals[name]) for name in order])
    theme.finish(figure, 140 + ROW_PX * len(rows), legend=True)
    below = {"y": 0, "yanchor": "top", "itemclick": False, "itemdoubleclick": False}
    return figure.update_layout(margin={"l": 10, "t": 70, "b": 50}, legend=below)


def name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    """Names for the rows, the first at the top."""
    axis: dict[str, Any] = {
        "range": [len(names) - 0.5, -0.5],
        "tickvals": list(range(len(names))),
        "fixedrange": True,
        "zeroline": False,
        "automargin": True,
    }
    figure.update_yaxes(**axis)
    figure.update_layout(yaxis={"ticktext": list(names)})
