"""Many interventions in one picture: block × edit, from clip to clip, in the clip's own time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from tam_viz.analysis.formatting import signed
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.dark import ON_DARK
from tam_viz.plots.shared.names import MANY_BLOCKS, wrapped


def block_by_edit(
    rows: Sequence[str],
    columns: Sequence[str],
    change: Float[np.ndarray, "b e"],
    noise: Float[np.ndarray, " b"],
    turned: Bool[np.ndarray, "b e"],
    answers: Sequence[Sequence[str]],
    limit: float,
    kind: str,
    marked: tuple[int, int] | None = None,
) -> go.Figure:
    """The change of a score by block and edit; red loses and blue gains.

    A click on a cell gives the numbers of its row and column as `customdata`.

    Args:
        rows: Blocks in forward order, then all of them together.
        columns: What is done.
        change: By block and edit.
        noise: With nothing edited, drawn as a last column.
        turned: Where the prediction changes.
        answers: What the network says, by block and edit.
        limit: End of the colour scale on both sides; values beyond it look like it.
        kind: What the score is, such as `log-odds`.
        marked: Row and column of a cell to draw a frame around.
    """
    count, width = len(rows), len(columns)
    figure = go.Figure()
    figure.add_heatmap(
        z=np.column_stack([change, noise]),
        x=list(range(width + 1)),
        y=list(range(count)),
        zmin=-limit,
        zmax=limit,
        zmid=0,
        colorscale=theme.CHANGE,
        colorbar=theme.colour_bar(f"change of {kind}"),
        text=[[_short(value) for value in row] for row in np.column_stack([change, noise])],
        texttemplate="%{text}",
        textfont={"size": 11},
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )
    _cells(figure, rows, columns, change, answers)
    _turning_points(figure, turned)
    _name_axes(figure, rows, columns)
    figure.layout.shapes = [
        _rule(x0=-0.5, x1=width + 0.5, y0=count - 1.5, y1=count - 1.5),
        _rule(x0=width - 0.5, x1=width - 0.5, y0=-0.5, y1=count - 0.5),
        *([] if marked is None else _frame(*marked)),
    ]
    theme.finish(figure, 150 + 30 * count, legend=True)
    figure.update_layout(margin={"l": 80, "b": 80}, **ON_DARK)
    return figure


def _turning_points(figure: go.Figure, turned: Bool[np.ndarray, "b e"]) -> None:
    """A dot in the corner of each cell in which the prediction changes."""
    b, e = np.nonzero(turned)
    figure.add_scatter(
        x=e + 0.4,
        y=b - 0.32,
        mode="markers",
        name="the prediction changes",
        marker={"size": 9, "color": "black", "line": {"width": 1.5, "color": "white"}},
        hoverinfo="skip",
        showlegend=True,
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _name_axes(figure: go.Figure, rows: Sequence[str], columns: Sequence[str]) -> None:
    width, count = len(columns), len(rows)
    whole = [name.replace(", ", ",\N{NO-BREAK SPACE}") for name in columns]  # [0, 1, 0]
    axis: dict[str, Any] = {"fixedrange": True, "showgrid": False, "zeroline": False}
    figure.update_xaxes(
        tickvals=list(range(width + 1)),
        ticktext=[wrapped(name, 11) for name in (*whole, "no edit, pixels ±2")],
        tickangle=0,
        tickfont={"size": 11 if width < MANY_BLOCKS else 10},
        side="bottom",
        range=[-0.5, width + 0.5],
        **axis,
    )
    figure.update_yaxes(
        tickvals=list(range(count)), ticktext=list(rows), range=[count - 0.5, -0.5], **axis
    )


def _short(value: float) -> str:
    """A change with two digits; three behind the point at most."""
    size = abs(value)
    if size < 0.0005:
        return "0"
    return signed(value, max(0, min(3, 1 - int(np.floor(np.log10(size))))))


def _cells(
    figure: go.Figure,
    rows: Sequence[str],
    columns: Sequence[str],
    change: Float[np.ndarray, "b e"],
    answers: Sequence[Sequence[str]],
) -> None:
    """Points that cannot be seen over the cells, for clicks and to say what is there."""
    cells = [(i, j) for i in range(len(rows)) for j in range(len(columns))]
    figure.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        mode="markers",
        marker={"size": 22, "symbol": "square", "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=cells,
        text=[
            f"{columns[j]} in {rows[i]}: {change[i, j]:+.3f}<br>predicts '{answers[i][j]}'"
            for i, j in cells
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _frame(row: int, column: int) -> list[dict[str, Any]]:
    """Around a cell, in two colours, so that it is seen on any cell and any page."""
    return [
        {
            "type": "rect",
            "x0": column - 0.5,
            "x1": column + 0.5,
            "y0": row - 0.5,
            "y1": row + 0.5,
            "line": {"width": width, "color": colour},
        }
        for width, colour in ((6, "white"), (3, theme.EDITED))
    ]


def _rule(**ends: float) -> dict[str, Any]:
    return {"type": "line", **ends, "line": {"width": 3, "color": theme.QUIET}}
