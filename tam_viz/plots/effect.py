"""Before and after an edit: the answer, V and Θ by block, and one channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

from tam_viz.analysis.effect import Change
from tam_viz.analysis.kernels import TAPS, shares
from tam_viz.plots import theme
from tam_viz.plots.sweep import wrapped
from tam_viz.types import BlockTrace

BEFORE, AFTER = "before", "after"
_MANY = 10


@dataclass(frozen=True, eq=False)
class Answer:
    """Probabilities of the classes that are drawn, as one variant of a network gives them.

    Attributes:
        name: Of the variant.
        probabilities: In [0, 1], a value per class.
        colour: Of its bars.
    """

    name: str
    probabilities: Float[np.ndarray, " n"]
    colour: str


def answers(classes: Sequence[str], drawn: Sequence[Answer], reference: Answer) -> go.Figure:
    """Bars of every variant, class by class, on one scale from 0 to 1.

    Args:
        classes: Names to write, from top to bottom.
        drawn: The variants, from top to bottom in each class.
        reference: A variant that is drawn as an upright tick.
    """
    names = [wrapped(name, 28) for name in classes]
    figure = go.Figure()
    for one in drawn:
        figure.add_bar(
            x=one.probabilities,
            y=names,
            name=one.name,
            orientation="h",
            marker_color=one.colour,
            text=[f"{value:.2f}" for value in one.probabilities],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}, {one.name}: %{{x:.4f}}<extra></extra>",
        )
    figure.add_scatter(
        x=reference.probabilities,
        y=names,
        name=reference.name,
        mode="markers",
        marker={"symbol": "line-ns", "size": 30, "line": {"width": 3, "color": theme.QUIET}},
        hovertemplate=f"%{{y}}, {reference.name}: %{{x:.4f}}<extra></extra>",
    )
    figure.update_xaxes(
        range=[0, 1.08],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        title="probability",
        fixedrange=True,
        showgrid=True,
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True, automargin=True, showgrid=False)
    figure.update_layout(barmode="group", bargap=0.3, bargroupgap=0)
    return theme.finish(figure, 110 + 40 * len(classes), legend=True)


def downstream(
    names: Sequence[str],
    edited: Change,
    second: Change,
    touched: Sequence[Sequence[bool]],
    selected: str,
) -> go.Figure:
    """How far V and Θ of each block are from what they were: root mean squares in [0, 1).

    A click on a point gives the block's name as `customdata`.

    Args:
        names: Blocks in forward order.
        edited: By the edit.
        second: From the clip to the second clip, with nothing edited.
        touched: Which blocks have their V, and which their Θ, edited.
        selected: Block to point at.
    """
    titles = ("importance V", "adaptive kernel Θ")
    figure = make_subplots(1, 2, subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.04)
    rows = (
        (edited.importance, second.importance, touched[0]),
        (edited.kernel, second.kernel, touched[1]),
    )
    for column, (values, other, marked) in enumerate(rows, start=1):
        symbols = ["square" if mark else "circle" for mark in marked]
        for label, y, look in (
            (
                "the second clip, nothing edited",
                other,
                {"color": theme.SECOND, "dash": "dot", "width": 4},
            ),
            ("by the edit (square: edited here)", values, {"color": theme.EDITED}),
        ):
            figure.add_scatter(
                x=list(range(len(names))),
                y=y,
                name=label,
                mode="lines+markers",
                line=look,
                marker={
                    "size": 9 if y is values else 15,
                    "symbol": symbols if y is values else "circle-open",
                },
                customdata=list(names),
                hovertemplate=f"%{{customdata}}, {label}: %{{y:.3f}}<extra></extra>",
                showlegend=column == 1,
                row=1,
                col=column,
            )
    figure.update_layout(shapes=_band(names.index(selected)))
    figure.update_xaxes(**_blocks(names), title="block, in forward order")
    end = max(edited.end, second.end)
    figure.update_yaxes(range=[-0.03 * end, end], fixedrange=True, zeroline=False)
    figure.update_yaxes(title="root mean square change", col=1)
    theme.finish(figure, 320, legend=True)
    figure.update_layout(legend={"y": 1.12}, margin={"t": 70})
    return figure


def _band(place: int) -> list[dict[str, Any]]:
    """The selected block, in both halves."""
    return [
        {
            "type": "rect",
            "xref": axis,
            "yref": f"{axis.replace('x', 'y')} domain",
            "x0": place - 0.4,
            "x1": place + 0.4,
            "y0": 0,
            "y1": 1,
            "fillcolor": "rgba(128,128,128,0.14)",
            "line": {"width": 0},
            "layer": "below",
        }
        for axis in ("x", "x2")
    ]


def _blocks(names: Sequence[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "tickangle": -60 if len(names) > _MANY else -30,
        "range": [-0.6, len(names) - 0.4],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }


def channel(blocks: Mapping[str, BlockTrace], place: int) -> go.Figure:
    """V by frame as lines and Θ as bars of one channel; both in (0, 1).

    Args:
        blocks: The block before, after and on the second clip, in this order, by name.
        place: Number of the channel.
    """
    figure = make_subplots(
        1, 2, column_widths=[0.62, 0.38], horizontal_spacing=0.1, subplot_titles=["V", "Θ"]
    )
    frames = next(iter(blocks.values())).importance.shape[1]
    looks = ((theme.IMPORTANCE, "solid"), (theme.EDITED, "solid"), (theme.SECOND, "dot"))
    for (name, block), (colour, dash) in zip(blocks.items(), looks, strict=True):
        figure.add_scatter(
            x=list(range(1, frames + 1)),
            y=block.importance[place],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate=f"{name}, frame %{{x}}: %{{y:.3f}}<extra></extra>",
            row=1,
            col=1,
        )
        first = colour == theme.IMPORTANCE
        bars = [theme.TIME_DIRECTION[tap] for tap in TAPS] if first else colour
        figure.add_bar(
            x=list(TAPS),
            y=shares(block.kernel)[place],
            marker={"color": bars, "pattern": {"shape": "/" if dash == "dot" else ""}},
            showlegend=False,
            hovertemplate=f"{name}, %{{x}}: %{{y:.3f}}<extra></extra>",
            row=1,
            col=2,
        )
    figure.layout.shapes = [
        *_neutral("x", 1 / 2),
        *_neutral("x2", 1 / 3),
        *({**_edge(frame)} for frame in sorted({1, frames})),
    ]
    figure.update_xaxes(fixedrange=True, showgrid=False)
    figure.update_xaxes(
        title="frame of the view (shaded: edge)", range=[0.5, frames + 0.5], dtick=1, col=1
    )
    figure.update_yaxes(range=[0, 1.04], fixedrange=True)
    figure.update_layout(barmode="group", bargap=0.25)
    theme.finish(figure, 320, legend=True)
    figure.update_layout(legend={"y": 1.12}, margin={"t": 70})
    return figure


def _neutral(axis: str, level: float) -> list[dict[str, Any]]:
    """What a module that never learned says: about ½ for V, ⅓ for each tap."""
    return [
        {
            "type": "line",
            "xref": f"{axis} domain",
            "yref": axis.replace("x", "y"),
            "x0": 0,
            "x1": 1,
            "y0": level,
            "y1": level,
            "line": {"width": 1.5, "color": theme.QUIET, "dash": "dash"},
        }
    ]


def _edge(frame: int) -> dict[str, Any]:
    """A frame in which zero padding takes part."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": "y domain",
        "x0": frame - 0.5,
        "x1": frame + 0.5,
        "y0": 0,
        "y1": 1,
        "fillcolor": "rgba(128,128,128,0.14)",
        "line": {"width": 0},
        "layer": "below",
    }
