"""The global branch as a picture: from a channel's profile over time to its kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.plots.shared import theme
from tam_viz.plots.tam.lesson import QUIET_AXIS

_TAPS = {"past": "t−1", "present": "t", "future": "t+1"}
"""Taps and the frames that they read."""


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
    figure = go.Figure()
    both = [own] if drawn is None else [own, drawn]
    for steps in both:
        parts = (steps.profile, steps.hidden, steps.logits, steps.kernel)
        for number, values in enumerate(parts):
            figure.add_trace(_bars(steps, values, number, quiet=number < 2))
    if untrained is not None:
        figure.add_trace(_marks(untrained))
    for number, (title, span) in enumerate(zip(_titles(own), _ranges(both), strict=True)):
        axis = "" if number == 0 else str(number + 1)
        figure.update_layout(_axes(number, axis, span))
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


def _titles(own: KernelSteps) -> tuple[str, ...]:
    return (
        f"{len(own.profile)} pooled numbers",
        f"{len(own.hidden)} hidden units",
        "3 scores (logits)",
        "Θ, after softmax",
    )


def _ranges(both: Sequence[KernelSteps]) -> tuple[list[float], ...]:
    """The ends of the four vertical axes."""
    high = [
        max(1e-6, *(float(getattr(s, part).max()) for s in both)) for part in ("profile", "hidden")
    ]
    reach = max(float(np.abs(s.logits).max()) for s in both)
    return [0.0, 1.05 * high[0]], [0.0, 1.05 * high[1]], [-reach, reach], [0.0, 1.0]


def _axes(number: int, axis: str, span: list[float]) -> dict[str, Any]:
    """The axes of one of the four pictures, from left to right."""
    ends = (0.0, 0.25, 0.5, 0.75, 1.0)
    left = ends[number] + (0.055 if number else 0)
    return {
        f"xaxis{axis}": {
            **QUIET_AXIS,
            "domain": [left, ends[number + 1]],
            "anchor": f"y{axis}",
            "title": ("frame", "hidden unit", "tap", "tap")[number],
            "tickangle": 0,
            "tickfont": {"size": 11},
        },
        f"yaxis{axis}": {
            "range": span,
            "fixedrange": True,
            "anchor": f"x{axis}",
            "showgrid": False,
            "nticks": 5,
            "zerolinecolor": theme.QUIET,
        },
    }


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
