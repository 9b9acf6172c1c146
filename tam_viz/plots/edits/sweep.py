"""Many interventions in one picture: block × edit, from clip to clip, in the clip's own time."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, UInt8
from PIL import Image

from tam_viz.analysis.words import signed
from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme

_TILE_PX, _GAP_PX = 44, 2
_SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x", "star", "pentagon")
_MANY = 10


def wrapped(text: str, letters: int) -> str:
    """Text in lines of about so many letters."""
    return "<br>".join(in_plot(line) for line in textwrap.wrap(text, letters)) or in_plot(text)


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
    whole = [name.replace(", ", ",\N{NO-BREAK SPACE}") for name in columns]  # [0, 1, 0]
    ticks = [wrapped(name, 11) for name in (*whole, "no edit, pixels ±2")]
    axis: dict[str, Any] = {"fixedrange": True, "showgrid": False, "zeroline": False}
    figure.update_xaxes(
        tickvals=list(range(width + 1)),
        ticktext=ticks,
        tickangle=0,
        tickfont={"size": 11 if width < _MANY else 10},
        side="bottom",
        **axis,
    )
    figure.update_yaxes(
        tickvals=list(range(count)), ticktext=list(rows), range=[count - 0.5, -0.5], **axis
    )
    figure.layout.shapes = [
        _rule(x0=-0.5, x1=width + 0.5, y0=count - 1.5, y1=count - 1.5),
        _rule(x0=width - 0.5, x1=width - 0.5, y0=-0.5, y1=count - 0.5),
        *([] if marked is None else _frame(*marked)),
    ]
    figure.update_xaxes(range=[-0.5, width + 0.5])
    theme.finish(figure, 150 + 30 * count, legend=True)
    figure.update_layout(margin={"l": 80, "b": 80})
    return figure


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
                "tickangle": -60 if len(names) > _MANY else -30,
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
            "marker": {"size": 8, "symbol": _SYMBOLS[number]},
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


@dataclass(frozen=True, eq=False)
class Series:
    """One network's dots.

    Attributes:
        name: What it is called.
        colour: Of its dots.
        columns: Values for each column, a value per row.
        says: What it says, by row.
    """

    name: str
    colour: str
    columns: Sequence[Float[np.ndarray, " r"]]
    says: Sequence[str]


@dataclass(frozen=True)
class Axis:
    """One column of dots.

    Attributes:
        title: Of the axis.
        limit: Its end on both sides.
        chance: Where a network that knows nothing would be.
    """

    title: str
    limit: float
    chance: float


def tempi(
    rows: Sequence[str],
    strips: Sequence[UInt8[np.ndarray, "t h w 3"]],
    series: Sequence[Series],
    axes: Sequence[Axis],
) -> go.Figure:
    """Dots of several networks by how a clip is played, its frames beside each row.

    Args:
        rows: What each way to play it is called, from top to bottom.
        strips: The frames that a network sees, by row.
        series: The networks.
        axes: The columns of dots.
    """
    figure = go.Figure()
    domains = _domains(len(axes))
    for column, axis in enumerate(axes):
        for number, one in enumerate(series):
            figure.add_scatter(
                x=one.columns[column],
                y=[i + 0.13 * (number - (len(series) - 1) / 2) for i in range(len(rows))],
                xaxis=f"x{column + 2}",
                mode="markers",
                name=in_plot(one.name),
                legendgroup=one.name,
                showlegend=column == 0,
                marker={
                    "size": 10,
                    "color": one.colour,
                    "symbol": _SYMBOLS[number % len(_SYMBOLS)],
                    "line": {"width": 1, "color": theme.QUIET},
                },
                customdata=[in_plot(says) for says in one.says],
                hovertemplate=f"{in_plot(one.name)}: %{{x:+.2f}}<br>predicts '%{{customdata}}'"
                "<extra></extra>",
            )
        figure.layout[f"xaxis{column + 2}"] = {
            "domain": domains[column + 1],
            "range": [-axis.limit, axis.limit],
            "title": {"text": wrapped(axis.title, 34), "font": {"size": 12}},
            "fixedrange": True,
            "zeroline": True,
            "zerolinewidth": 2,
        }
    figure.layout.xaxis = {"domain": domains[0], "range": [0, 1], "visible": False}
    figure.layout.yaxis = {
        "tickvals": list(range(len(rows))),
        "ticktext": [wrapped(row, 20) for row in rows],
        "range": [len(rows) - 0.5, -0.5],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }
    figure.layout.images = [_strip(frames, i) for i, frames in enumerate(strips)]
    figure.layout.shapes = [
        *(_between_rows(i) for i in range(1, len(rows))),
        *(_chance(f"x{n}", axis.chance) for n, axis in enumerate(axes, start=2)),
    ]
    theme.finish(figure, 130 + 62 * len(rows), legend=True)
    figure.update_layout(margin={"l": 130, "b": 60})
    return figure


def _domains(columns: int) -> list[list[float]]:
    """Shares of the width: the frames, then the columns of dots."""
    width = (0.64 - 0.04 * (columns - 1)) / columns
    starts = [0.36 + i * (width + 0.04) for i in range(columns)]
    return [[0.0, 0.34], *([start, start + width] for start in starts)]


def _between_rows(i: int) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": i - 0.5,
        "y1": i - 0.5,
        "line": {"width": 1, "color": "rgba(128,128,128,0.3)"},
    }


def _chance(axis: str, level: float) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": axis,
        "yref": "paper",
        "x0": level,
        "x1": level,
        "y0": 0,
        "y1": 1,
        "line": {"width": 1.5, "color": theme.QUIET, "dash": "dot"},
    }


def _strip(frames: UInt8[np.ndarray, "t h w 3"], row: int) -> dict[str, Any]:
    """The frames side by side as one small picture."""
    step = _TILE_PX + _GAP_PX
    strip = Image.new("RGB", (step * len(frames) - _GAP_PX, _TILE_PX), (128, 128, 128))
    for i, frame in enumerate(frames):
        strip.paste(Image.fromarray(frame).resize((_TILE_PX, _TILE_PX)), (i * step, 0))
    buffer = io.BytesIO()
    strip.save(buffer, "JPEG", quality=85)
    return {
        "source": f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}",
        "xref": "x",
        "yref": "y",
        "x": 0,
        "y": row,
        "sizex": 1,
        "sizey": 0.9,
        "xanchor": "left",
        "yanchor": "middle",
        "sizing": "contain",
    }
