"""The bench: accuracy, what each network tells apart, what is hard, what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from tam_viz.analysis.bench.mechanisms import SYMMETRIC, mechanism
from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.intervals import error_bars

_ROW_PX = 26


def label(network: BenchNetwork) -> str:
    """A network's name in a figure; TANet stands out, † marks what is blind to direction."""
    name = f"<b>{network.name}</b>" if network.temporal == "tam" else network.name
    return f"{name} †" if network.temporal in SYMMETRIC else name


def accuracy(bench: Bench) -> go.Figure:
    """Top-1 in [0, 1], a row per module, the best at the top.

    A dot with its 95% interval is the test set, small open dots other seeds, a diamond the shift
    set. Dashed, the network without temporal module; dotted, chance.
    """
    networks = bench.networks
    rows = {network.temporal: float(row) for row, network in enumerate(networks)}
    figure = go.Figure()
    _mark_tam(figure, bench)
    _threads(figure, networks)
    for name in dict.fromkeys(mechanism(network.temporal) for network in networks):
        _dots(figure, name, rows, [n for n in networks if mechanism(n.temporal) == name])
    small = {"size": 6, "symbol": "circle-open", "line_width": 1.5}
    below = {temporal: row + 0.28 for temporal, row in rows.items()}
    _marks(figure, "other seeds", below, bench.repeats, [n.test.top1 for n in bench.repeats], small)
    diamond = {"size": 9, "symbol": "diamond-open", "line_width": 2}
    _marks(figure, "shift set", rows, networks, [n.shift.top1 for n in networks], diamond)
    _mark_lines(figure, bench)
    figure.update_xaxes(range=[0, 1], dtick=0.2, title="top-1 accuracy", fixedrange=True)
    figure.update_yaxes(
        range=[len(networks) - 0.4, -0.6],
        tickvals=list(rows.values()),
        ticktext=[label(network) for network in networks],
        fixedrange=True,
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
    theme.finish(figure, 170 + _ROW_PX * len(networks), legend=True)
    return figure.update_layout(legend={"y": 1.06}, margin={"l": 10, "t": 60})


def _mark_tam(figure: go.Figure, bench: Bench) -> None:
    tam = bench.find("tam")
    if tam is not None:
        row = bench.networks.index(tam)
        tint = theme.faint(theme.model_colour("tam"), 0.14)
        figure.add_hrect(y0=row - 0.5, y1=row + 0.5, fillcolor=tint, line_width=0, layer="below")


def _threads(figure: go.Figure, networks: Sequence[BenchNetwork]) -> None:
    """A thin line from each dot to its diamond."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, network in enumerate(networks):
        x += [network.test.top1, network.shift.top1, None]
        y += [row, row, None]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"width": 1, "color": theme.QUIET},
        showlegend=False,
        hoverinfo="skip",
    )


def _dots(
    figure: go.Figure, name: str, rows: Mapping[str, float], networks: Sequence[BenchNetwork]
) -> None:
    """Networks of one family on the test set."""
    figure.add_scatter(
        x=[n.test.top1 for n in networks],
        y=[rows[n.temporal] for n in networks],
        error_x=error_bars(
            [n.test.top1 for n in networks],
            [n.test.interval[0] for n in networks],
            [n.test.interval[1] for n in networks],
            width=4,
            thickness=2,
        ),
        mode="markers",
        name=name,
        marker={"size": 11, "color": theme.model_colour(networks[0].temporal)},
        customdata=[[n.name, n.temporal, *n.test.interval] for n in networks],
        hovertemplate="%{customdata[0]} (%{customdata[1]}), test set: %{x:.3f}"
        "<br>95%%: %{customdata[2]:.3f}–%{customdata[3]:.3f}<extra></extra>".replace("%%", "%"),
    )


def _marks(
    figure: go.Figure,
    name: str,
    rows: Mapping[str, float],
    networks: Sequence[BenchNetwork],
    values: Sequence[float],
    marker: dict[str, Any],
) -> None:
    """Further markers, in the colours of their networks, and one grey entry in the legend."""
    if not networks:
        return
    figure.add_scatter(
        x=list(values),
        y=[rows[n.temporal] for n in networks],
        mode="markers",
        marker={**marker, "color": [theme.model_colour(n.temporal) for n in networks]},
        customdata=[[n.name, n.seed] for n in networks],
        hovertemplate=f"%{{customdata[0]}}, seed %{{customdata[1]}}, {name}: %{{x:.3f}}"
        "<extra></extra>",
        showlegend=False,
    )
    grey = {**marker, "color": theme.QUIET}
    figure.add_scatter(x=[None], y=[None], mode="markers", name=name, marker=grey)


def _mark_lines(figure: go.Figure, bench: Bench) -> None:
    """Chance, labelled below, and the network without temporal module, labelled above."""
    classes = round(1 / bench.chance)
    below = {"yref": "paper", "y": 0.0, "yanchor": "bottom", "xanchor": "left"}
    above = {"yref": "paper", "y": 1.0, "yanchor": "bottom", "xanchor": "center"}
    lines = [(bench.chance, "dot", f"chance 1/{classes}", below)]
    plain = bench.find("none")
    if plain is not None:
        lines.append((plain.test.top1, "dash", f"{plain.name} {plain.test.top1:.3f}", above))
    for x, dash, text, anchor in lines:
        figure.add_vline(x=x, line={"width": 1.5, "color": theme.QUIET, "dash": dash})
        figure.add_annotation(
            x=x, text=text, showarrow=False, font={"size": 12}, xshift=0, **anchor
        )


def pairs(bench: Bench, table: pd.DataFrame, meaning: Mapping[str, str]) -> go.Figure:
    """Within-pair accuracy by network and pair of classes; in [0, 1], ½ in the middle.

    Args:
        bench: For the names of the rows.
        table: A row per network, as in `bench`, a column per pair.
        meaning: The two classes of each pair, for the hover text.
    """
    figure = go.Figure()
    _heat(figure, bench, table, theme.SHARE, [meaning.get(name, name) for name in table.columns])
    figure.update_xaxes(side="top", title="pair of classes", fixedrange=True, showgrid=False)
    _name_rows(figure, bench)
    theme.finish(figure, 110 + _ROW_PX * len(table))
    return figure.update_layout(margin={"l": 10, "t": 70, "b": 20})


def hardness(bench: Bench, levels: pd.DataFrame, shifts: pd.DataFrame) -> go.Figure:
    """Top-1 in [0, 1] by network: levels of difficulty on the left, kinds of shift on the right."""
    figure = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        column_titles=["test set, by difficulty", "shift set, by what is shifted"],
    )
    figure.update_annotations(yshift=6)
    for column, table in enumerate((levels, shifts), start=1):
        _heat(figure, bench, table, theme.SCORE, list(table.columns), row=1, col=column)
    figure.update_xaxes(side="bottom", title="clips", fixedrange=True, showgrid=False)
    _name_rows(figure, bench)
    theme.finish(figure, 110 + _ROW_PX * len(levels))
    return figure.update_layout(margin={"l": 10, "t": 48})


def _heat(
    figure: go.Figure,
    bench: Bench,
    table: pd.DataFrame,
    colours: str,
    meaning: Sequence[str],
    **where: int,
) -> None:
    """A heatmap with its numbers written in the cells."""
    figure.add_heatmap(
        z=table.to_numpy(),
        x=list(table.columns),
        y=list(range(len(table))),
        customdata=[[[n.name, sentence] for sentence in meaning] for n in bench.networks],
        zmin=0,
        zmax=1,
        colorscale=colours,
        showscale=False,
        xgap=1,
        ygap=1,
        hoverongaps=False,
        hovertemplate="%{customdata[0]}, %{customdata[1]}: %{z:.3f}<extra></extra>",
        **where,
    )
    cells = [
        (column, row, value)
        for column in table.columns
        for row, value in enumerate(table[column])
        if not pd.isna(value)
    ]
    colours_of = theme.ink(colours, np.array([value for _, _, value in cells]))
    figure.add_scatter(
        x=[column for column, _, _ in cells],
        y=[row for _, row, _ in cells],
        text=[f"{value:.2f}" for _, _, value in cells],
        mode="text",
        textfont={"color": colours_of, "size": 12},
        hoverinfo="skip",
        **where,
    )


def _name_rows(figure: go.Figure, bench: Bench) -> None:
    figure.update_yaxes(
        range=[len(bench.networks) - 0.5, -0.5],
        tickvals=list(range(len(bench.networks))),
        ticktext=[label(network) for network in bench.networks],
        fixedrange=True,
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
