"""V and Θ exchanged between two clips, block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.names import MANY_BLOCKS, SYMBOLS

Lines = Mapping[str, Float[np.ndarray, " b"]]


@dataclass(frozen=True, eq=False)
class Direction:
    """Log-ratio of two classes while one clip is given what is another's.

    Attributes:
        title: Which clip is given what.
        own: Of the clip as it is.
        other: Of the other clip as it is.
        single: By what is swapped (V, Θ, both), with one block swapped.
        up_to: With all blocks swapped from the first one up to each.
    """

    title: str
    own: float
    other: float
    single: Lines
    up_to: Lines


def swaps(
    names: Sequence[str],
    ways: Sequence[Direction],
    classes: tuple[str, str],
    limit: float,
    kind: str = "log-ratio",
) -> go.Figure:
    """Score of a class by block, one block swapped and swapped up to there.

    Args:
        names: Blocks in forward order.
        ways: One column each.
        classes: The class above zero, and the one below.
        limit: End of the axis on both sides.
        kind: What the score is, such as `log-odds`.
    """
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"shapes": [], "annotations": _sides(classes, 2 * len(ways))}
    width = (1 - 0.04 * (len(ways) - 1)) / len(ways)
    for column, way in enumerate(ways):
        left = column * (width + 0.04)
        for row, (how, lines) in enumerate(
            (("in one block", way.single), ("in all blocks up to here", way.up_to))
        ):
            number = row * len(ways) + column
            axis, low = str(number + 1) if number else "", 0.56 * (1 - row)
            data += _swapped(way, lines, axis, below=row == 1, named=number == 0)
            layout["shapes"] += _levels(axis, way)
            layout["annotations"].append(
                theme.centred_text(f"{in_plot(way.title)} {how}", left + width / 2, low + 0.44, 13)
            )
            layout[f"xaxis{axis}"] = {
                "domain": [left, left + width],
                "anchor": f"y{axis}",
                "tickvals": list(range(-1, len(names))),
                "ticktext": ["own", *names],
                "tickangle": -60 if len(names) > MANY_BLOCKS else -30,
                "showticklabels": row == 1,
                "range": [-1.4, len(names) - 0.6],
                "fixedrange": True,
                "showgrid": False,
                "zeroline": False,
            }
            layout[f"yaxis{axis}"] = {
                "domain": [low, low + 0.44],
                "anchor": f"x{axis}",
                "range": [-limit, limit],
                "fixedrange": True,
                "zeroline": True,
                "zerolinewidth": 2,
                "showticklabels": column == 0,
                "title": {"text": kind if column == 0 else ""},
            }
    legend = {"orientation": "h", "y": 1.07, "yanchor": "bottom", "x": 0}
    margin = {"l": 60, "r": 20, "t": 80, "b": 48}
    return theme.built(data, {**layout, "legend": legend, "margin": margin}, 560, legend=True)


def _swapped(
    way: Direction, lines: Lines, axis: str, *, below: bool, named: bool
) -> list[dict[str, Any]]:
    """A line for each thing that is swapped; those below begin with the clip as it is."""
    colours = (theme.IMPORTANCE, theme.EDITED, theme.SECOND)
    return [
        {
            "type": "scatter",
            "x": list(range(-1 if below else 0, len(values))),
            "y": [way.own, *values] if below else values,
            "name": f"{what} swapped",
            "mode": "lines+markers",
            "line": {"color": colours[number], "dash": "solid" if below else "dot"},
            "marker": {"size": 8, "symbol": SYMBOLS[number]},
            "showlegend": named,
            "legendgroup": what,
            "hovertemplate": f"{what}: %{{y:+.2f}}<extra></extra>",
            "xaxis": f"x{axis}",
            "yaxis": f"y{axis}",
        }
        for number, (what, values) in enumerate(lines.items())
    ]


def _sides(classes: tuple[str, str], plots: int) -> list[dict[str, Any]]:
    """Which class is likelier above zero and which below, in the corners of each plot."""
    return [
        {
            "text": f"{arrow} {in_plot(name)}",
            "xref": f"x{axis} domain",
            "yref": f"y{axis} domain",
            "x": 0.01,
            "y": edge,
            "xanchor": "left",
            "yanchor": anchor,
            "showarrow": False,
            "font": {"size": 11},
        }
        for axis in ["", *(str(n) for n in range(2, plots + 1))]
        for name, arrow, anchor, edge in zip(classes, "↑↓", ("top", "bottom"), (1, 0), strict=True)
    ]


def _levels(axis: str, way: Direction) -> list[dict[str, Any]]:
    """Where the two clips stand as they are: own as a dashed line, the other as a dotted one."""
    return [
        {
            "type": "line",
            "xref": f"x{axis} domain",
            "yref": f"y{axis}",
            "x0": 0,
            "x1": 1,
            "y0": level,
            "y1": level,
            "line": {"width": 1.5, "color": theme.QUIET, "dash": dash},
        }
        for level, dash in ((way.own, "dash"), (way.other, "dot"))
    ]
