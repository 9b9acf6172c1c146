"""The cost of a prediction: parameters, arithmetic and time side by side."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from tam_viz.analysis.clip.cost import Cost, three_digits
from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.intervals import error_bars

_GAP = 2 * "\N{NO-BREAK SPACE}"


def costs(measured: Sequence[Cost]) -> go.Figure:
    """Bars from zero for every network: million parameters, billion multiply-adds, milliseconds.

    Whiskers at the milliseconds are the quartiles.
    """
    measures = (
        ("million parameters", [cost.parameters / 1e6 for cost in measured]),
        ("billion multiply-adds", [cost.macs / 1e9 for cost in measured]),
        ("milliseconds, here", [cost.ms for cost in measured]),
    )
    figure = make_subplots(rows=1, cols=3, shared_yaxes=True, horizontal_spacing=0.06)
    names = [in_plot(cost.id) for cost in measured]
    colours = [theme.model_colour(cost.temporal) for cost in measured]
    quartiles = error_bars(
        [cost.ms for cost in measured],
        [cost.low_ms for cost in measured],
        [cost.high_ms for cost in measured],
        thickness=2,
        width=5,
        color=theme.QUIET,
    )
    for column, (title, values) in enumerate(measures, start=1):
        ends = [cost.high_ms for cost in measured] if column == len(measures) else values
        figure.add_bar(
            x=values,
            y=names,
            orientation="h",
            marker_color=colours,
            error_x=quartiles if column == len(measures) else None,
            hovertemplate="%{y}: %{x:.4g}<extra></extra>",
            row=1,
            col=column,
        )
        figure.add_scatter(
            x=ends,
            y=names,
            mode="text",
            text=[f"{_GAP}{three_digits(value)}" for value in values],
            textposition="middle right",
            cliponaxis=False,
            hoverinfo="skip",
            row=1,
            col=column,
        )
        figure.update_xaxes(title=title, range=[0, 1.25 * max(ends)], row=1, col=column)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(autorange="reversed", automargin=True, fixedrange=True)
    return theme.finish(figure, 110 + 28 * len(measured))
