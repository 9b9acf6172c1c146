"""Costs of the networks of the bench: accuracy by training time and by arithmetic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from tam_viz.analysis.bench.mechanisms import mechanism
from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.plots.bench.labels import label_offsets
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.intervals import error_bars

_DASHES = ("solid", "dash", "dot", "dashdot")
_ACCURACIES = (0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
"""Ticks of the axis that is logarithmic in errors."""


def budgets(bench: Bench) -> go.Figure:
    """Top-1 on the test set, in [0, 1], by clips seen in training; a line per module."""
    figure = go.Figure()
    for dash, (temporal, networks) in zip(
        itertools.cycle(_DASHES), bench.by_budget().items(), strict=False
    ):
        figure.add_scatter(
            x=[n.clips for n in networks],
            y=[n.test.top1 for n in networks],
            error_y=error_bars(
                [n.test.top1 for n in networks],
                [n.test.interval[0] for n in networks],
                [n.test.interval[1] for n in networks],
                width=4,
                thickness=1.5,
            ),
            mode="lines+markers",
            name=networks[0].name,
            line={"color": theme.model_colour(temporal), "dash": dash, "width": 2},
            marker={"size": 9},
            customdata=[[n.name, n.test.within_pair] for n in networks],
            hovertemplate="%{customdata[0]}, %{x:,} clips: top-1 %{y:.3f}"
            "<br>within pairs %{customdata[1]:.3f}<extra></extra>",
        )
    repeats = [n for temporal in bench.by_budget() for n in bench.repeats_of(temporal)]
    if repeats:
        figure.add_scatter(
            x=[n.clips for n in repeats],
            y=[n.test.top1 for n in repeats],
            mode="markers",
            name="other seeds",
            marker={
                "size": 7,
                "symbol": "circle-open",
                "line_width": 2,
                "color": [theme.model_colour(n.temporal) for n in repeats],
            },
            customdata=[[n.name, n.seed] for n in repeats],
            hovertemplate="%{customdata[0]}, seed %{customdata[1]}, %{x:,} clips: top-1 %{y:.3f}"
            "<extra></extra>",
        )
    clips = sorted({n.clips for networks in bench.by_budget().values() for n in networks})
    figure.update_xaxes(
        type="log",
        tickvals=clips,
        ticktext=[f"{n:,}" for n in clips],
        title="clips seen in training",
        fixedrange=True,
    )
    figure.update_yaxes(range=[0, 1.02], dtick=0.2, title="top-1 on the test set", fixedrange=True)
    theme.finish(figure, 380, legend=True)
    return figure


def cost(
    bench: Bench, values: Sequence[float], title: str, front: Sequence[BenchNetwork]
) -> go.Figure:
    """Top-1 on the test set against what a clip costs, every network named.

    The vertical axis is logarithmic in errors, so that the best networks do not lie on each other.

    Args:
        bench: What was measured.
        values: Cost of each network.
        title: What it is, with its unit.
        front: Those that no cheaper one equals, with a ring around them.
    """
    networks = bench.networks
    price = {n.temporal: value for n, value in zip(networks, values, strict=True)}
    figure = go.Figure()
    for name in dict.fromkeys(mechanism(n.temporal) for n in networks):
        some = [n for n in networks if mechanism(n.temporal) == name]
        figure.add_scatter(
            x=[price[n.temporal] for n in some],
            y=[_errors(n) for n in some],
            mode="markers",
            name=name,
            marker={
                "size": [14 if n.temporal == "tam" else 10 for n in some],
                "opacity": 1,
                "color": theme.model_colour(some[0].temporal),
            },
            customdata=[[n.name, n.parameters, n.test.top1] for n in some],
            hovertemplate="%{customdata[0]}: top-1 %{customdata[2]:.3f} at %{x:.1f}"
            "<br>%{customdata[1]:,} parameters<extra></extra>",
        )
    figure.add_scatter(
        x=[price[n.temporal] for n in front],
        y=[_errors(n) for n in front],
        mode="markers",
        marker={"size": 20, "symbol": "circle-open", "color": theme.QUIET, "line_width": 1.5},
        name="no cheaper network is more accurate",
        hoverinfo="skip",
    )
    _name_points(figure, networks, values)
    figure.update_xaxes(title=title, fixedrange=True, zeroline=False)
    figure.update_yaxes(
        type="log",
        tickvals=[1 - accuracy for accuracy in _ACCURACIES],
        ticktext=[f"{accuracy:g}" for accuracy in _ACCURACIES],
        title="top-1 on the test set (logarithmic in errors)",
        fixedrange=True,
        zeroline=False,
    )
    theme.finish(figure, 620, legend=True)
    return figure


def _errors(network: BenchNetwork) -> float:
    """Share of test clips that a network gets wrong; half a clip if it makes no error."""
    return max(1 - network.test.top1, 0.5 / network.test.n)


def _name_points(
    figure: go.Figure, networks: Sequence[BenchNetwork], values: Sequence[float]
) -> None:
    heights = [math.log10(_errors(n)) for n in networks]
    x, y = _range(values, left=0.22), _range(heights)[::-1]
    figure.update_xaxes(range=x)
    figure.update_yaxes(range=y)
    offsets = label_offsets(
        [(v - x[0]) / (x[1] - x[0]) for v in values],
        [(v - y[0]) / (y[1] - y[0]) for v in heights],
        [len(n.name) for n in networks],
    )
    for network, value, height, (right, down) in zip(
        networks, values, heights, offsets, strict=True
    ):
        figure.add_annotation(
            x=value,
            y=height,
            ax=right,
            ay=down,
            text=f"<b>{network.name}</b>" if network.temporal == "tam" else network.name,
            font={"size": 12},
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            arrowcolor=theme.QUIET,
            standoff=5,
        )


def _range(values: Sequence[float], left: float = 0.1) -> list[float]:
    """From the smallest to the largest value, with room as shares of the way between the two."""
    low, high = min(values), max(values)
    way = high - low or abs(high) or 1.0
    return [low - left * way, high + 0.1 * way]
