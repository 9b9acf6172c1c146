"""Importance maps: V by channel, by frame, by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, Int
from plotly.subplots import make_subplots

from tam_viz.plots import theme
from tam_viz.plots.filmstrip import frame_images, frame_ticks
from tam_viz.types import Clip


@dataclass(frozen=True, eq=False)
class Column:
    """One of several heatmaps over frames that stand side by side.

    Attributes:
        title: What it is of.
        values: A row for each row of the heatmap.
        clip: The frames to show above it; None for a mean over clips.
        inside: Which frames lie inside the true event, where it is known.
    """

    title: str
    values: Float[np.ndarray, "r t"]
    clip: Clip | None
    inside: Bool[np.ndarray, " t"] | None = None


@dataclass(frozen=True)
class Scale:
    """How a heatmap's values become colours, and what the colour bar says."""

    low: float
    high: float
    colours: str
    title: str


def spread_scale(limit: float) -> Scale:
    """From 0 to `limit`: how far channels depart from their own mean."""
    return Scale(0.0, limit, theme.IMPORTANCE_SPREAD, "spread of V")


def probe_scale(limit: float) -> Scale:
    """From −`limit` to `limit`: what a probe says, below zero outside and above inside."""
    return Scale(-limit, limit, theme.SHARE, "outside − | + inside")


def centred_scale(limit: float) -> Scale:
    """From −`limit` to `limit`: V less the mean of its channel."""
    return Scale(-limit, limit, theme.IMPORTANCE_CENTRED, "V − channel mean")


def block_maps(
    columns: Sequence[Column], order: Int[np.ndarray, " c"], limit: float, channel: int
) -> go.Figure:
    """A block's maps side by side, on one scale, rows in one order.

    A click on a cell gives the channel as `customdata`.

    Args:
        columns: V centred per channel, in (-1, 1), one row per channel as stored.
        order: Channels from top to bottom.
        limit: End of the colour scale on both sides; values beyond it look like it.
        channel: Channel to point at.
    """
    rows = [Column(c.title, c.values[order], c.clip, c.inside) for c in columns]
    cells = {
        "y": list(range(len(order))),
        "customdata": np.broadcast_to(order[:, None], rows[0].values.shape),
        "hovertemplate": "channel %{customdata}<br>frame %{x}<br>%{z:+.3f}<extra></extra>",
    }
    place = int(np.flatnonzero(order == channel)[0])
    arrows = [_arrow(place, channel, axis) for axis in _axes(len(rows))]
    figure = _side_by_side(rows, cells, centred_scale(limit), strip=0.15, notes=arrows)
    _clickable(figure, rows, [[int(c)] * rows[0].values.shape[1] for c in order])
    figure.update_yaxes(range=[len(order) - 0.5, -0.5], showticklabels=False, row=2)
    rows_title = {"text": f"{len(order)} channels, in the chosen order", "standoff": 34}
    figure.update_yaxes(title=rows_title, row=2, col=1)
    return theme.finish(figure, 540)


def block_overview(names: Sequence[str], columns: Sequence[Column], scale: Scale) -> go.Figure:
    """All blocks side by side: a row per block, in forward order, a column per frame.

    A click on a cell gives the block's name as `customdata`.

    Args:
        names: Block names in forward order.
        columns: One row per block; NaN where nothing was measured.
        scale: Of all columns.
    """
    hover = "%{y}, frame %{x}: %{z:.3f}<extra></extra>"
    cells = {"y": list(range(len(names))), "hovertemplate": hover}
    figure = _side_by_side(columns, cells, scale, strip=0.24)
    _clickable(figure, columns, [[name] * columns[0].values.shape[1] for name in names])
    rows = {"tickvals": list(range(len(names))), "ticktext": list(names)}
    figure.update_yaxes(range=[len(names) - 0.5, -0.5], showticklabels=False, row=2)
    figure.update_yaxes(**rows, showticklabels=True, row=2, col=1)
    return theme.finish(figure, 230 + 24 * max(8, len(names)))


def _axes(columns: int) -> list[str]:
    """Names of the axes of the lower row."""
    return [str(columns + i) for i in range(1, columns + 1)]


def _side_by_side(
    columns: Sequence[Column],
    cells: dict[str, Any],
    scale: Scale,
    *,
    strip: float,
    notes: Sequence[dict[str, Any]] = (),
) -> go.Figure:
    """Heatmaps over frames side by side, each under the film strip.

    Args:
        columns: What to draw.
        cells: Rows and hover text of all of them.
        scale: Colours of all of them.
        strip: Share of the height that the film strip takes.
        notes: Further annotations.
    """
    count, frames = len(columns), columns[0].values.shape[1]
    figure = make_subplots(
        rows=2,
        cols=count,
        row_heights=[strip, 1 - strip],
        vertical_spacing=0.035,
        horizontal_spacing=0.05,
        column_titles=[column.title for column in columns],
    )
    shapes: list[dict[str, Any]] = []
    images: list[dict[str, Any]] = []
    texts = [note.to_plotly_json() for note in figure.layout.annotations] + list(notes)
    shown = next(column.clip for column in columns if column.clip is not None)
    for number, (column, axis) in enumerate(zip(columns, _axes(count), strict=True), start=1):
        figure.add_heatmap(
            z=column.values,
            x=list(range(frames)),
            zmin=scale.low,
            zmax=scale.high,
            colorscale=scale.colours,
            showscale=number == count,
            colorbar={"title": scale.title, "title_side": "right", "thickness": 12},
            row=2,
            col=number,
            **cells,
        )
        if column.clip is not None:
            images += frame_images(column.clip, "" if number == 1 else str(number))
        shapes += [*_edges(frames, axis), *_event(column.inside, axis)]
        texts += _edge_notes(frames, axis)
    # Set whole: `update_layout` would go through them one by one, ten times as slowly.
    figure.layout.shapes, figure.layout.images, figure.layout.annotations = shapes, images, texts
    ticks = frame_ticks(shown)
    figure.update_xaxes(visible=False, row=1)
    figure.update_yaxes(visible=False, range=[0, 1], row=1)
    frame_axis = {"range": [-0.5, frames - 0.5], "showgrid": False, "zeroline": False}
    figure.update_xaxes(**frame_axis, fixedrange=True)
    named = {"tickvals": list(range(frames)), "tickangle": 0, "tickfont_size": 10}
    for number, column in enumerate(columns, start=1):
        whole = column.clip is not None
        text = ticks if whole else [str(i + 1) for i in range(frames)]
        title = "frame, seconds in the video" if whole else "frame"
        figure.update_xaxes(**named, ticktext=text, title=title, row=2, col=number)
    figure.update_yaxes(fixedrange=True, showgrid=False, zeroline=False)
    return figure


def _clickable(figure: go.Figure, columns: Sequence[Column], given: list[list[Any]]) -> None:
    """Invisible points over the cells: a heatmap tells nobody that it was clicked."""
    rows, frames = columns[0].values.shape
    x, y = np.meshgrid(np.arange(frames), np.arange(rows))
    for number in range(1, len(columns) + 1):
        figure.add_scatter(
            x=x.ravel(),
            y=y.ravel(),
            customdata=[value for row in given for value in row],
            mode="markers",
            marker={"size": 12, "opacity": 0},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            hoverinfo="skip" if rows > _MANY else None,
            hovertemplate="%{customdata}, frame %{x}<extra></extra>",
            showlegend=False,
            row=2,
            col=number,
        )


_MANY = 10_000


def _event(inside: Bool[np.ndarray, " t"] | None, axis: str) -> list[dict[str, Any]]:
    """An orange bar above the frames that lie inside the true event."""
    if inside is None or not inside.any():
        return []
    frames = np.flatnonzero(inside)
    return [
        {
            "type": "rect",
            "xref": f"x{axis}",
            "yref": f"y{axis} domain",
            "x0": frames[0] - 0.5,
            "x1": frames[-1] + 0.5,
            "y0": 1.005,
            "y1": 1.025,
            "fillcolor": theme.EVENT,
            "line": {"width": 0},
        }
    ]


def _edges(frames: int, axis: str) -> list[dict[str, Any]]:
    """Frames the first and the last column, where zero padding takes part in the result."""
    return [
        {
            "type": "rect",
            "xref": f"x{axis}",
            "yref": f"y{axis} domain",
            "x0": frame - 0.5,
            "x1": frame + 0.5,
            "y0": 0,
            "y1": 1,
            "fillcolor": "rgba(128,128,128,0.25)",
            "line": {"width": 2, "color": theme.QUIET, "dash": "dot"},
        }
        for frame in sorted({0, frames - 1})
    ]


def _edge_notes(frames: int, axis: str) -> list[dict[str, Any]]:
    return [
        {
            "text": "edge",
            "xref": f"x{axis}",
            "yref": f"y{axis} domain",
            "x": frame,
            "y": 1,
            "yanchor": "top",
            "showarrow": False,
            "font": {"size": 11, "color": "white"},
            "bgcolor": "rgba(60,60,60,0.8)",
        }
        for frame in sorted({0, frames - 1})
    ]


def _arrow(row: int, channel: int, axis: str) -> dict[str, Any]:
    return {
        "text": str(channel),
        "xref": f"x{axis} domain",
        "yref": f"y{axis}",
        "x": 0,
        "y": row,
        "ax": -18,
        "ay": 0,
        "arrowhead": 2,
        "xanchor": "right",
        "font": {"size": 11},
    }


def channel_lines(
    clip: Clip,
    lines: Sequence[tuple[str, Float[np.ndarray, " t"], str, str]],
    inside: Bool[np.ndarray, " t"] | None,
    frame: int,
) -> go.Figure:
    """V of one channel over time, in (0, 1), beside what it is held against.

    Args:
        clip: The clip, for its frames.
        lines: Name, values, colour and dash of each line; the one that matters last.
        inside: Which frames lie inside the true event, where it is known.
        frame: The chosen frame, from 0.
    """
    count = len(clip.frames)
    figure = go.Figure()
    for name, values, colour, dash in lines:
        figure.add_scatter(
            x=list(range(count)),
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate="frame %{x}: %{y:.3f}<extra></extra>",
        )
    band, note = _event_band(inside)
    chosen = {
        "type": "line",
        "x0": frame,
        "x1": frame,
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "line": {"width": 1, "color": theme.QUIET},
    }
    figure.layout.shapes = [*band, *_edges(count, ""), chosen]
    figure.layout.annotations = [*note, *_edge_notes(count, "")]
    figure.update_xaxes(
        range=[-0.5, count - 0.5],
        tickvals=list(range(count)),
        ticktext=frame_ticks(clip),
        tickangle=0,
        title="frame of the view, seconds in the video",
        fixedrange=True,
    )
    figure.update_yaxes(range=[0, 1], title="importance V", fixedrange=True)
    return theme.finish(figure, 300, legend=True)


def _event_band(
    inside: Bool[np.ndarray, " t"] | None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The true event as a band behind the lines, with its name."""
    if inside is None or not inside.any():
        return [], []
    first, last = np.flatnonzero(inside)[[0, -1]]
    place = {"xref": "x", "yref": "y domain"}
    band = {
        **place,
        "type": "rect",
        "x0": first - 0.5,
        "x1": last + 0.5,
        "y0": 0,
        "y1": 1,
        "fillcolor": theme.EVENT_FILL,
        "line": {"width": 1, "color": theme.EVENT},
        "layer": "below",
    }
    note = {
        **place,
        "text": "true event",
        "x": first - 0.5,
        "y": 0,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11},
    }
    return [band], [note]
