"""Which networks say the same, and where one of two is right: on one clip and on many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from jaxtyping import Float, Int
from plotly.colors import sample_colorscale

from tam_viz.analysis.bench.agreement import Agreement
from tam_viz.analysis.bench.differences import OUTCOMES, Difference
from tam_viz.plots.bench.answers_on_clip import family_label, name_rows
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.intervals import error_bars

_ROW_PX = 24
_GAIN, _LOSS = sample_colorscale(theme.CHANGE, [0.88, 0.12])
_OUTCOMES = {
    OUTCOMES[0]: (theme.QUIET, "circle", 5),
    OUTCOMES[1]: (_GAIN, "triangle-up", 8),
    OUTCOMES[2]: (_LOSS, "triangle-down", 8),
    OUTCOMES[3]: (theme.QUIET, "x-thin-open", 6),
}
"""Colour, symbol and size of a clip by what the two networks make of it."""


def agreement(pairs: Agreement) -> go.Figure:
    """Both matrices side by side on one scale, from 0 to 1, their numbers in the cells."""
    names = [family_label(n.name, n.temporal) for n in pairs.networks]
    figure = go.Figure()
    titles = ("same answer: share of clips", "beyond chance: Cohen's kappa")
    for number, values in enumerate((pairs.same, pairs.kappa)):
        axis = str(number + 1) if number else ""
        _matrix(figure, values, [n.name for n in pairs.networks], axis)
        figure.add_annotation(
            text=f"<b>{titles[number]}</b>",
            xref=f"x{axis} domain",
            yref="paper",
            x=0,
            y=1,
            xanchor="left",
            yanchor="bottom",
            yshift=4,
            showarrow=False,
        )
    count = len(names)
    ticks = {"tickvals": list(range(count)), "fixedrange": True, "showgrid": False}
    columns = {**ticks, "ticktext": names, "tickangle": -90, "zeroline": False, "automargin": True}
    figure.update_layout(
        xaxis={**columns, "domain": [0, 0.49], "range": [-0.5, count - 0.5]},
        xaxis2={**columns, "domain": [0.51, 1], "range": [-0.5, count - 0.5], "anchor": "y2"},
        yaxis2={"domain": [0, 1], "anchor": "x2", "showticklabels": False},
        coloraxis={
            "cmin": 0,
            "cmax": 1,
            "colorscale": theme.SCORE,
            "colorbar": theme.colour_bar("0 to 1"),
        },
    )
    name_rows(figure, names)
    theme.finish(figure, 190 + 23 * count)
    return figure.update_layout(margin={"l": 10, "t": 30, "b": 90})


def _matrix(
    figure: go.Figure, values: Float[np.ndarray, "m m"], names: Sequence[str], axis: str
) -> None:
    on = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
    figure.add_heatmap(
        z=values,
        coloraxis="coloraxis",
        xgap=1,
        ygap=1,
        hoverongaps=False,
        customdata=[[(name, other) for other in names] for name in names],
        hovertemplate="%{customdata[0]} and %{customdata[1]}: %{z:.3f}<extra></extra>",
        **on,
    )
    rows, columns = np.nonzero(~np.isnan(values))
    shown = values[rows, columns]
    figure.add_scatter(
        x=columns,
        y=rows,
        text=[f"{100 * value:.0f}" for value in shown],
        mode="text",
        textfont={"size": 10, "color": theme.ink(theme.SCORE, shown.clip(0, 1))},
        hoverinfo="skip",
        **on,
    )


def gains(
    differences: Sequence[Difference], seeds: pd.DataFrame, names: tuple[str, str]
) -> go.Figure:
    """Difference in accuracy by class, in [-1, 1], a row per class; to the right the first gains.

    Args:
        differences: All classes, then each of them.
        seeds: The same differences for further seeds, a column for each.
        names: Of the two networks.
    """
    figure = go.Figure()
    spread = [
        abs(v) for d in differences for v in (d.low, d.high)
    ] + seeds.abs().to_numpy().ravel().tolist()
    limit = min(1.0, np.ceil(10 * max(0.1, *spread)) / 10)
    _bars(figure, differences, names)
    _seed_dots(figure, differences, seeds)
    figure.update_xaxes(
        range=[-limit, limit],
        title=f"accuracy of {names[0]} minus accuracy of {names[1]}",
        tickformat="+.1f",
        fixedrange=True,
        zerolinewidth=2,
        zerolinecolor=theme.QUIET,
    )
    name_rows(figure, [f"<b>{d.name}</b>" if i == 0 else d.name for i, d in enumerate(differences)])
    _ends(figure, names)
    theme.finish(figure, 130 + _ROW_PX * len(differences), legend=bool(len(seeds)))
    return figure.update_layout(
        margin={"l": 10, "t": 60}, legend={"y": 1.0, "x": 1, "xanchor": "right", "yanchor": "top"}
    )


def _bars(figure: go.Figure, differences: Sequence[Difference], names: tuple[str, str]) -> None:
    """A bar for each class, pale where the difference may be chance."""
    clear = [d.p < 0.05 for d in differences]
    colours = [_GAIN if d.value > 0 else _LOSS for d in differences]
    figure.add_bar(
        x=[d.value for d in differences],
        y=list(range(len(differences))),
        orientation="h",
        width=0.62,
        marker={
            "color": [
                colour if sure else colour.replace("rgb(", "rgba(").replace(")", ",0.25)")
                for colour, sure in zip(colours, clear, strict=True)
            ],
            "line": {"color": colours, "width": 1.2},  # seen on dark pages too
        },
        error_x=error_bars(
            [d.value for d in differences],
            [d.low for d in differences],
            [d.high for d in differences],
            thickness=1.5,
            width=4,
            color=theme.QUIET,
        ),
        customdata=[(d.name, d.gains, d.losses, d.low, d.high, d.p) for d in differences],
        hovertemplate="%{customdata[0]}: %{x:+.3f}<br>95%: %{customdata[3]:+.3f} to "
        "%{customdata[4]:+.3f}<br>only "
        + names[0]
        + " correct %{customdata[1]}, only "
        + names[1]
        + " correct %{customdata[2]}<br>p = %{customdata[5]:.4f}<extra></extra>",
        showlegend=False,
    )


def _seed_dots(figure: go.Figure, differences: Sequence[Difference], seeds: pd.DataFrame) -> None:
    rows = {d.name: row for row, d in enumerate(differences)}
    points = [
        (float(value), rows[str(name)], str(seed))
        for seed in seeds.columns
        for name, value in seeds[seed].items()
    ]
    if points:
        x, y, seed = zip(*points, strict=True)
        figure.add_scatter(
            x=x,
            y=y,
            customdata=seed,
            mode="markers",
            name="other seeds",
            marker={"size": 7, "symbol": "circle-open", "color": theme.QUIET, "line_width": 2},
            hovertemplate="%{customdata}: %{x:+.3f}<extra></extra>",
        )


def _ends(figure: go.Figure, names: tuple[str, str]) -> None:
    """Which way is whose."""
    for x, text in ((0.0, f"◀ {names[1]} is better"), (1.0, f"{names[0]} is better ▶")):
        figure.add_annotation(
            text=text,
            xref="x domain",
            yref="y domain",
            x=x,
            y=1,
            yanchor="bottom",
            yshift=4,
            xanchor="right" if x else "left",
            showarrow=False,
            font={"size": 12},
        )


def clips(
    odds: tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]],
    outcome: Int[np.ndarray, " n"],
    labels: Sequence[str],
    names: tuple[str, str],
) -> go.Figure:
    """Every test clip: log-odds of its true class by the first network over those of the second.

    A click gives the number of the clip as `customdata`.

    Args:
        odds: Log-odds of the true class, of the first and of the second network.
        outcome: What the two make of each clip, an index into `OUTCOMES`.
        labels: The true class of each clip.
        names: Of the two networks.
    """
    figure = go.Figure()
    first, second = odds
    outcome_names = dict(zip(OUTCOMES, _outcome_names(names), strict=True))
    for number, (key, (colour, symbol, size)) in enumerate(_OUTCOMES.items()):
        rows = np.flatnonzero(outcome == number)
        figure.add_scattergl(
            x=second[rows].round(2),
            y=first[rows].round(2),
            mode="markers",
            name=f"{outcome_names[key]} ({len(rows)})",
            marker={"color": colour, "symbol": symbol, "size": size, "opacity": 0.85},
            customdata=rows,
            text=[labels[int(row)] for row in rows],
            hovertemplate="test clip %{customdata}: %{text}<br>"
            + names[0]
            + " %{y:+.2f}, "
            + names[1]
            + " %{x:+.2f}<extra></extra>",
        )
    ends = [
        float(min(first.min(), second.min())) - 0.5,
        float(max(first.max(), second.max())) + 0.5,
    ]
    line = {"type": "line", "line": {"color": theme.QUIET, "width": 1, "dash": "dash"}}
    figure.update_layout(
        shapes=[{**line, "x0": ends[0], "y0": ends[0], "x1": ends[1], "y1": ends[1]}]
    )
    axis = {"range": ends, "fixedrange": True, "zerolinecolor": theme.QUIET}
    figure.update_xaxes(**axis, title=f"log-odds of the true class, {names[1]}")
    figure.update_yaxes(**axis, title=f"log-odds of the true class, {names[0]}")
    return theme.finish(figure, 560, legend=True)


def _outcome_names(names: tuple[str, str]) -> list[str]:
    return ["both correct", f"only {names[0]}", f"only {names[1]}", "both wrong"]
