"""Pictures of one TAM block at work, from its input to its output.

One colour for each kind of number: activations from black to yellow or in grey, V purple, Θ in
the colours of past, present and future, the block's output in TANet's colour, and brown for what
the reader made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.plots.shared import theme
from tam_viz.plots.shared.columns import dotted_column

OUTPUT = theme.model_colour("tam")
_TAPS = {"past": "t−1", "present": "t", "future": "t+1"}
"""Taps and the frames that they read."""
QUIET_AXIS = {"showgrid": False, "zeroline": False, "fixedrange": True}


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers by row and frame.

    Attributes:
        title: What they are.
        values: Their rows are drawn from top to bottom.
        colours: Name of the colour scale.
        high: Its upper end; the lower one is 0.
        row: A row to point at; None for none.
        edges: Whether the first and the last frame are marked as padded.
    """

    title: str
    values: Float[np.ndarray, "r t"]
    colours: str
    high: float
    row: int | None = None
    edges: bool = False


@dataclass(frozen=True, eq=False)
class Line:
    """Numbers by frame: what they are, their colour, `solid`, `dash` or `dot`."""

    name: str
    values: Float[np.ndarray, " t"]
    colour: str
    dash: str = "solid"


def tables(items: Sequence[Table]) -> go.Figure:
    """Tables side by side, a column for each frame; each has a colour scale of its own."""
    figure = go.Figure()
    layout: dict[str, Any] = {"shapes": [], "annotations": []}
    width = 1 / len(items)
    for number, item in enumerate(items):
        axis = "" if number == 0 else str(number + 1)
        left = number * width + (0.05 if number else 0.02)
        right = (number + 1) * width - 0.08
        figure.add_heatmap(
            z=item.values,
            zmin=0,
            zmax=item.high,
            colorscale=theme.written_out(item.colours),
            colorbar={"x": right, "xpad": 4, "thickness": 10, "len": 1},
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            hovertemplate="row %{y}, frame %{x}: %{z:.3g}<extra>" + item.title + "</extra>",
            x0=1,
        )
        rows, frames = item.values.shape
        layout[f"xaxis{axis}"] = {
            **QUIET_AXIS,
            **_frames(frames, 1),
            "domain": [left, right],
            "anchor": f"y{axis}",
        }
        layout[f"yaxis{axis}"] = {
            **QUIET_AXIS,
            "range": [rows - 0.5, -0.5],
            "anchor": f"x{axis}",
            "showticklabels": False,
        }
        layout["annotations"] += _heading(item, axis)
        layout["shapes"] += _padded(frames, axis) if item.edges else []
    figure.update_layout(layout)
    theme.finish(figure, 320)
    return figure.update_layout(margin={"l": 24, "r": 16, "t": 44, "b": 48})


def _heading(item: Table, axis: str) -> list[dict[str, Any]]:
    axes = {"xref": f"x{axis} domain", "showarrow": False}
    title = {
        **axes,
        "yref": f"y{axis} domain",
        "text": item.title,
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "font": {"size": 13},
    }
    if item.row is None:
        return [title]
    arrow = {
        **axes,
        "yref": f"y{axis}",
        "text": f"{item.row} ▸",
        "x": 0,
        "y": item.row,
        "xanchor": "right",
        "font": {"size": 12},
    }
    return [title, arrow]


def _frames(frames: int, first: int) -> dict[str, Any]:
    """An axis of frames whose numbers begin at `first` and are written from 1."""
    ticks = list(range(first, first + frames))
    return {
        "range": [first - 0.5, first + frames - 0.5],
        "tickvals": ticks,
        "ticktext": [str(i + 1) for i in range(frames)],
        "tickangle": 0,
        "title": "frame",
    }


def _padded(frames: int, axis: str = "") -> list[dict[str, Any]]:
    """The first and the last frame, where zeros from beyond the clip take part."""
    return [dotted_column(frame, axis, theme.QUIET) for frame in sorted({1, frames})]


def lines(
    items: Sequence[Line], title: str, high: float, *, low: float = 0.0, edges: bool = False
) -> go.Figure:
    """Numbers by frame, from `low` to `high`; the line that matters comes last."""
    frames = len(items[0].values)
    figure = go.Figure(
        [
            {
                "type": "scatter",
                "x": list(range(1, frames + 1)),
                "y": item.values,
                "name": item.name,
                "mode": "lines+markers",
                "line": {"color": item.colour, "dash": item.dash, "width": 2.5},
                "marker": {"size": 7},
                "hovertemplate": "frame %{x}: %{y:.3g}<extra>" + item.name + "</extra>",
            }
            for item in items
        ]
    )
    room = 0.05 * (high - low)
    figure.update_layout(
        xaxis={**QUIET_AXIS, **_frames(frames, 1)},
        yaxis={"range": [low - room, high + room], "title": title, "fixedrange": True},
        shapes=_padded(frames) if edges else [],
    )
    return theme.finish(figure, 300, legend=True)


@dataclass(frozen=True, eq=False)
class KernelSteps:
    """How one channel's kernel comes about.

    Attributes:
        name: Whose it is.
        colour: Of its bars where they are not those of the taps.
        profile: The channel's pooled numbers.
        hidden: Between the layers, after ReLU.
        logits: Scores of the taps.
        kernel: Θ; sums to 1.
    """

    name: str
    colour: str
    profile: Float[np.ndarray, " t"]
    hidden: Float[np.ndarray, " a"]
    logits: Float[np.ndarray, " k"]
    kernel: Float[np.ndarray, " k"]


def kernel_steps(
    own: KernelSteps, untrained: Float[np.ndarray, " k"] | None, drawn: KernelSteps | None = None
) -> go.Figure:
    """From T numbers to a kernel: profile, hidden layer, scores, shares.

    Args:
        own: The network's.
        untrained: Θ of the untrained network, as marks, where it is known.
        drawn: What comes of the profile that the reader drew, beside it.
    """
    titles = (
        f"{len(own.profile)} pooled numbers",
        f"{len(own.hidden)} hidden units",
        "3 scores (logits)",
        "Θ, after softmax",
    )
    figure = go.Figure()
    both = [own] if drawn is None else [own, drawn]
    for steps in both:
        parts = (steps.profile, steps.hidden, steps.logits, steps.kernel)
        for number, values in enumerate(parts):
            figure.add_trace(_bars(steps, values, number, quiet=number < 2))
    if untrained is not None:
        figure.add_trace(_marks(untrained))
    high = [
        max(1e-6, *(float(getattr(s, part).max()) for s in both)) for part in ("profile", "hidden")
    ]
    reach = max(float(np.abs(s.logits).max()) for s in both)
    ranges = ([0, 1.05 * high[0]], [0, 1.05 * high[1]], [-reach, reach], [0, 1])
    ends = (0.0, 0.25, 0.5, 0.75, 1.0)
    for number, (title, span) in enumerate(zip(titles, ranges, strict=True)):
        axis = "" if number == 0 else str(number + 1)
        left = ends[number] + (0.055 if number else 0)
        figure.layout[f"xaxis{axis}"] = {
            **QUIET_AXIS,
            "domain": [left, ends[number + 1]],
            "anchor": f"y{axis}",
            "title": ("frame", "hidden unit", "tap", "tap")[number],
            "tickangle": 0,
            "tickfont": {"size": 11},
        }
        figure.layout[f"yaxis{axis}"] = {
            "range": span,
            "fixedrange": True,
            "anchor": f"x{axis}",
            "showgrid": False,
            "nticks": 5,
            "zerolinecolor": theme.QUIET,
        }
        figure.add_annotation(
            text=title,
            xref=f"x{axis} domain",
            yref=f"y{axis} domain",
            x=0,
            y=1.02,
            yanchor="bottom",
            showarrow=False,
        )
    theme.finish(figure, 300, legend=True)
    figure.update_layout(
        barmode="group",
        bargap=0.2,
        legend={"y": -0.25, "yanchor": "top"},
        margin={"l": 40, "r": 10, "t": 36, "b": 80},
    )
    return figure


def _bars(steps: KernelSteps, values: np.ndarray, number: int, *, quiet: bool) -> go.Bar:
    """The bars of one of the four pictures."""
    axis = "" if number == 0 else str(number + 1)
    taps = [theme.TIME_DIRECTION[tap] for tap in _TAPS]
    network = steps.colour == theme.QUIET
    fill: str | list[str] = steps.colour if quiet or not network else taps
    return go.Bar(
        x=list(range(1, len(values) + 1)) if quiet else list(_TAPS.values()),
        y=values,
        xaxis=f"x{axis}",
        yaxis=f"y{axis}",
        name=steps.name,
        legendgroup=steps.name,
        showlegend=number == 0,
        marker={"color": fill, "line": {"width": 0}},
        hovertemplate="%{x}: %{y:.3f}<extra>" + steps.name + "</extra>",
    )


def _marks(untrained: Float[np.ndarray, " k"]) -> go.Scatter:
    return go.Scatter(
        x=list(_TAPS.values()),
        y=untrained,
        xaxis="x4",
        yaxis="y4",
        mode="markers",
        name="untrained",
        marker={
            "symbol": "line-ew",
            "size": 26,
            "line": {"width": 3, "color": theme.UNTRAINED},
        },
        hovertemplate="%{x}: %{y:.3f}<extra>untrained</extra>",
    )
