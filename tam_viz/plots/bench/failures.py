"""Pictures of a scan: accuracy by a column, and who is taken for whom."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from tam_viz.analysis.bench.confusion import Confusion
from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.intervals import error_bars

_ROW_PX, _CELL_PX = 22, 22
_MARGINS = {"left": 190, "right": 20, "top": 20, "bottom": 130}
"""Of the confusion matrix, in pixels: room for the names of classes."""


def accuracy(tables: dict[str, pd.DataFrame], whole: dict[str, float], by: str) -> go.Figure:
    """Top-1 in [0, 1] with its 95% interval, a row for each value of a column.

    Args:
        tables: For each network what `explore.accuracy` found; rows are those of the first.
        whole: Top-1 of each network over all these clips, as a dotted line.
        by: The column.
    """
    first = next(iter(tables.values()))
    names = [in_plot(str(value)) for value in first.index]
    colours = (theme.FIRST, theme.SECOND)
    figure = go.Figure()
    for n, (name, table) in enumerate(tables.items()):
        rows = table.reindex(first.index)
        shift = 0.0 if len(tables) == 1 else 0.17 * (2 * n - 1)
        figure.add_scatter(
            x=rows["top1"],
            y=[row + shift for row in range(len(names))],
            error_x=error_bars(rows["top1"], rows["low"], rows["high"], thickness=1.5, width=3),
            mode="markers",
            marker={"color": colours[n], "size": 8, "symbol": ("circle", "diamond")[n]},
            name=in_plot(name),
            customdata=rows["clips"],
            hovertemplate="%{x:.3f} of %{customdata} clips<extra>" + in_plot(name) + "</extra>",
        )
        figure.add_vline(x=whole[name], line={"color": colours[n], "dash": "dot", "width": 1})
    figure.update_xaxes(range=[0, 1], title="top-1 accuracy", fixedrange=True)
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.6],
        tickvals=list(range(len(names))),
        ticktext=names,
        title=in_plot(by),
        fixedrange=True,
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return theme.finish(figure, 130 + _ROW_PX * len(names), legend=len(tables) > 1)


def changes(table: pd.DataFrame, whole: float, by: str, second: str) -> go.Figure:
    """Clips that become right or wrong, a row for each value of a column.

    Args:
        table: `clips`, `fixed`, `broken` and the change of top-1 `net` with its 95% interval `low`
            and `high`, by value.
        whole: Change of top-1 over all clips, as a dotted line.
        by: The column.
        second: Network or protocol that the change leads to.
    """
    names = [in_plot(str(value)) for value in table.index]
    rows = list(range(len(names)))
    figure = go.Figure()
    for column, sign, colour, label in (
        ("fixed", 1, theme.SECOND, "become right"),
        ("broken", -1, theme.FIRST, "become wrong"),
    ):
        figure.add_bar(
            x=sign * table[column] / table["clips"],
            y=rows,
            orientation="h",
            width=0.55,
            marker={"color": colour, "line": {"width": 0}},
            name=label,
            customdata=table[column],
            hovertemplate=f"%{{customdata}} clips {label}<extra></extra>",
        )
    figure.add_scatter(
        x=table["net"],
        y=rows,
        error_x=error_bars(table["net"], table["low"], table["high"], thickness=1.5, width=3),
        mode="markers",
        marker={"color": theme.REFERENCE, "size": 7, "symbol": "diamond"},
        name="change of top-1, 95% interval",
        hovertemplate="%{x:+.3f}<extra></extra>",
    )
    figure.add_vline(x=whole, line={"color": theme.REFERENCE, "dash": "dot", "width": 1})
    figure.add_vline(x=0, line={"color": theme.REFERENCE, "width": 1})
    figure.update_layout(barmode="relative")
    figure.update_xaxes(
        title=in_plot(f"share of clips that change with {second}"), fixedrange=True, zeroline=False
    )
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.6],
        tickvals=rows,
        ticktext=names,
        title=in_plot(by),
        fixedrange=True,
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return theme.finish(figure, 150 + _ROW_PX * len(names), legend=True)


def confusion(matrix: Confusion) -> dict[str, Any]:
    """The confusion matrix for ECharts, whose cells can be clicked.

    Rows are true classes, columns predictions; a colour is the share of its row.
    """
    counts = matrix.counts
    shares = counts / counts.sum(1, keepdims=True).clip(min=1)
    cells = [
        {"value": [column, row, round(float(shares[row, column]), 4)]}
        for row, column in cell_order(matrix)
    ]
    names = list(matrix.classes)
    axis = {
        "type": "category",
        "data": names,
        "axisLabel": {"interval": 0, "width": 150, "overflow": "truncate"},
        "nameLocation": "middle",
    }
    return {
        "animation": False,
        "tooltip": {"formatter": "{c}"},
        "grid": {**_MARGINS, "containLabel": False, "outerBoundsMode": "none"},
        "xAxis": {**axis, "name": "predicted", "nameGap": 105, "axisLabel": _slanted()},
        "yAxis": {**axis, "name": "true", "nameGap": 165, "inverse": True},
        "visualMap": {
            "min": 0,
            "max": 1,
            "show": False,
            "dimension": 2,
            "inRange": {"color": [theme.faint(theme.IMPORTANCE, 0.04), theme.IMPORTANCE]},
        },
        "series": [{"type": "heatmap", "data": cells, "selectedMode": "single"}],
    }


def confusion_map(matrix: Confusion) -> go.Figure:
    """The same matrix for paper: nothing in it is clicked."""
    counts = matrix.counts
    shares = counts / counts.sum(1, keepdims=True).clip(min=1)
    names = [in_plot(name) for name in matrix.classes]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            zmin=0,
            zmax=1,
            colorscale=[[0, theme.faint(theme.IMPORTANCE, 0.04)], [1, theme.IMPORTANCE]],
            customdata=counts,
            hovertemplate="%{y} taken for %{x}: %{customdata} clips<extra></extra>",
            colorbar={"title": "share of the<br>true class"},
            xgap=1,
            ygap=1,
        )
    )
    figure.update_xaxes(title="predicted", tickangle=-55, automargin=True, fixedrange=True)
    figure.update_yaxes(title="true", autorange="reversed", automargin=True, fixedrange=True)
    return theme.finish(figure, 60 + confusion_height(matrix))


def networks(table: pd.DataFrame) -> go.Figure:
    """Top-1 of each network with its 95% interval, a row for each."""
    names = [in_plot(str(name)) for name in table.index]
    figure = go.Figure(
        go.Scatter(
            x=table["top1"],
            y=names,
            error_x=error_bars(table["top1"], table["low"], table["high"], thickness=1.5, width=3),
            mode="markers",
            marker={"color": theme.FIRST, "size": 8},
            hovertemplate="%{x:.3f}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1], title="top-1 accuracy", fixedrange=True)
    figure.update_yaxes(autorange="reversed", automargin=True, fixedrange=True, title="network")
    return theme.finish(figure, 130 + _ROW_PX * len(names))


def confusion_height(matrix: Confusion) -> int:
    """Height of the picture in pixels."""
    return 150 + _CELL_PX * len(matrix.classes)


def cell_order(matrix: Confusion) -> list[tuple[int, int]]:
    """Row and column of each cell, in the order in which ECharts numbers them."""
    count = len(matrix.classes)
    return [(row, column) for row in range(count) for column in range(count)]


def _slanted() -> dict[str, Any]:
    return {"interval": 0, "rotate": 55, "width": 150, "overflow": "truncate"}
