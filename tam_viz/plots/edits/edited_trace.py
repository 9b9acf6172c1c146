"""V and Θ before and after an edit: block by block, and in one channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.analysis.edits.effect import TraceChange
from tam_viz.analysis.tam.kernels import TAPS, shares
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.names import MANY_BLOCKS
from tam_viz.types import BlockTrace

_HALVES = ((0.0, 0.48), (0.52, 1.0))
_ABOVE: dict[str, Any] = {
    "legend": {"orientation": "h", "y": 1.12, "yanchor": "bottom", "x": 0},
    "margin": {"l": 60, "r": 20, "t": 70, "b": 48},
}
"""Room for the names of both halves below the legend."""


def downstream(
    names: Sequence[str],
    edited: TraceChange,
    second: TraceChange,
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
    end = max(edited.end, second.end)
    pairs = (
        ("importance V", edited.importance, second.importance, touched[0]),
        ("adaptive kernel Θ", edited.kernel, second.kernel, touched[1]),
    )
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": [], "shapes": _band(names.index(selected))}
    for axis, domain, (title, values, other, marked) in zip(("", "2"), _HALVES, pairs, strict=True):
        symbols = ["square" if mark else "circle" for mark in marked]
        data += [
            _steps(names, other, axis, "the second clip, nothing edited")
            | {
                "line": {"color": theme.SECOND, "dash": "dot", "width": 4},
                "marker": {"size": 15, "symbol": "circle-open"},
            },
            _steps(names, values, axis, "by the edit (square: edited here)")
            | {"line": {"color": theme.EDITED}, "marker": {"size": 9, "symbol": symbols}},
        ]
        layout["annotations"].append(theme.centred_text(title, sum(domain) / 2, 1.0, 16))
        layout[f"xaxis{axis}"] = {
            **_blocks(names),
            "domain": list(domain),
            "anchor": f"y{axis}",
            "title": {"text": "block, in forward order"},
        }
        layout[f"yaxis{axis}"] = {
            "anchor": f"x{axis}",
            "range": [-0.03 * end, end],
            "fixedrange": True,
            "zeroline": False,
            "showticklabels": not axis,
            "title": {"text": "" if axis else "root mean square change"},
        }
    return theme.built(data, {**layout, **_ABOVE}, 320, legend=True)


def _steps(
    names: Sequence[str], values: Float[np.ndarray, " b"], axis: str, label: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": list(range(len(names))),
        "y": values,
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "name": label,
        "mode": "lines+markers",
        "customdata": list(names),
        "hovertemplate": f"%{{customdata}}, {label}: %{{y:.3f}}<extra></extra>",
        "showlegend": not axis,
    }


def _band(block_index: int) -> list[dict[str, Any]]:
    """The selected block, in both halves."""
    return [
        {
            "type": "rect",
            "xref": axis,
            "yref": f"{axis.replace('x', 'y')} domain",
            "x0": block_index - 0.4,
            "x1": block_index + 0.4,
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
        "tickangle": -60 if len(names) > MANY_BLOCKS else -30,
        "range": [-0.6, len(names) - 0.4],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }


def channel(blocks: Mapping[str, BlockTrace], number: int) -> go.Figure:
    """V by frame as lines and Θ as bars of one channel; both in (0, 1).

    Args:
        blocks: The block before, after and on the second clip, in this order, by name.
        number: Number of the channel.
    """
    frames = next(iter(blocks.values())).importance.shape[1]
    looks = ((theme.IMPORTANCE, "solid"), (theme.EDITED, "solid"), (theme.SECOND, "dot"))
    data: list[dict[str, Any]] = []
    for (name, block), (colour, dash) in zip(blocks.items(), looks, strict=True):
        first = colour == theme.IMPORTANCE
        bars = [theme.TIME_DIRECTION[tap] for tap in TAPS] if first else colour
        data += [
            {
                "type": "scatter",
                "x": list(range(1, frames + 1)),
                "y": block.importance[number],
                "name": name,
                "mode": "lines+markers",
                "line": {"color": colour, "dash": dash},
                "hovertemplate": f"{name}, frame %{{x}}: %{{y:.3f}}<extra></extra>",
            },
            {
                "type": "bar",
                "x": list(TAPS),
                "y": shares(block.kernel)[number],
                "xaxis": "x2",
                "yaxis": "y2",
                "marker": {"color": bars, "pattern": {"shape": "/" if dash == "dot" else ""}},
                "showlegend": False,
                "hovertemplate": f"{name}, %{{x}}: %{{y:.3f}}<extra></extra>",
            },
        ]
    across = {"fixedrange": True, "showgrid": False}
    upwards = {"range": [0, 1.04], "fixedrange": True}
    layout = {
        "xaxis": {
            **across,
            "domain": [0, 0.56],
            "title": {"text": "frame of the view (shaded: edge)"},
            "range": [0.5, frames + 0.5],
            "dtick": 1,
        },
        "xaxis2": {**across, "domain": [0.66, 1], "anchor": "y2"},
        "yaxis": upwards,
        "yaxis2": {**upwards, "anchor": "x2"},
        "annotations": [
            theme.centred_text("V", 0.28, 1.0, 16),
            theme.centred_text("Θ", 0.83, 1.0, 16),
        ],
        "shapes": [
            *_neutral("x", 1 / 2),
            *_neutral("x2", 1 / 3),
            *(_edge(frame) for frame in sorted({1, frames})),
        ],
        "barmode": "group",
        "bargap": 0.25,
    }
    return theme.built(data, {**layout, **_ABOVE}, 320, legend=True)


def _neutral(axis: str, level: float) -> list[dict[str, Any]]:
    """The output of a module that has learned nothing: about ½ for V, ⅓ for each tap."""
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
