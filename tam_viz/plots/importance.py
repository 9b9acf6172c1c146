"""Importance maps: V by channel, by frame, by block.

Figures are put together as one plain dict and checked once: a visitor who goes through the blocks
waits for every millisecond, and Plotly's `update_…` and `add_…` check everything anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, Int

from tam_viz.plots import theme
from tam_viz.plots.event import bands, bars, stretches
from tam_viz.plots.filmstrip import frame_ticks, strip_image
from tam_viz.plots.targets import targets
from tam_viz.types import Clip

_GAP = 0.045
"""Between the columns, as a share of the width."""
_WIDER = 1.8


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


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of all columns: what a click on one gives, its name, and where names stand."""

    given: list[Any]
    names: list[str]
    axis: dict[str, Any]


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

    A click on a row of the first map gives the channel as `customdata`.

    Args:
        columns: V centred per channel, in (-1, 1), one row per channel as stored.
        order: Channels from top to bottom.
        limit: End of the colour scale on both sides; values beyond it look like it.
        channel: Channel to point at.
    """
    shown = [Column(c.title, c.values[order], c.clip, c.inside) for c in columns]
    title = {"text": f"{len(order)} channels, in the chosen order", "standoff": 34}
    rows = _Rows(
        given=[int(c) for c in order],
        names=[f"channel {c}" for c in order],
        axis={"showticklabels": False, "title": title},
    )
    place = int(np.flatnonzero(order == channel)[0])
    arrows = [_arrow(place, "" if axis else str(channel), axis) for axis in _axes(len(shown))]
    return _side_by_side(shown, rows, centred_scale(limit), 540, strip=0.13, notes=arrows)


def block_overview(names: Sequence[str], columns: Sequence[Column], scale: Scale) -> go.Figure:
    """All blocks side by side: a row per block, in forward order, a column per frame.

    A click on a row of the first map gives the block's name as `customdata`.

    Args:
        names: Block names in forward order.
        columns: One row per block; NaN where nothing was measured.
        scale: Of all columns.
    """
    ticks = {"tickvals": list(range(len(names))), "ticktext": list(names)}
    rows = _Rows(given=list(names), names=list(names), axis=ticks)
    return _side_by_side(columns, rows, scale, 230 + 24 * max(8, len(names)), strip=0.2)


def _axes(columns: int) -> list[str]:
    """Endings of the names of the columns' axes."""
    return ["" if i == 0 else str(i + 1) for i in range(columns)]


def _side_by_side(
    columns: Sequence[Column],
    rows: _Rows,
    scale: Scale,
    height: int,
    *,
    strip: float,
    notes: Sequence[dict[str, Any]] = (),
) -> go.Figure:
    """Heatmaps over frames side by side, each under the film strip.

    Args:
        columns: What to draw.
        rows: Of all of them.
        scale: Colours of all of them.
        height: In pixels.
        strip: Share of the height that the film strip takes.
        notes: Further annotations.
    """
    count, frames = len(columns), columns[0].values.shape[1]
    layout: dict[str, Any] = {"shapes": [], "images": [], "annotations": list(notes)}
    data: list[dict[str, Any]] = []
    domains = _domains(columns)
    for number, (column, axis) in enumerate(zip(columns, _axes(count), strict=True)):
        left, right = domains[number]
        data.append(
            _heatmap(column, rows, scale, axis, first=number == 0, last=number == count - 1)
        )
        layout[f"xaxis{axis}"] = _frame_axis(column, frames, axis, domains[number])
        layout[f"yaxis{axis}"] = {
            **_PLAIN,
            "domain": [0, 1 - strip],
            "anchor": f"x{axis}",
            "range": [len(rows.given) - 0.5, -0.5],
            **(rows.axis if number == 0 else {"showticklabels": False}),
        }
        layout["annotations"].append(theme.centred_text(column.title, (left + right) / 2, 1.0, 14))
        layout["shapes"] += [*_edges(frames, axis), *bars(column.inside, axis)]
        if column.clip is not None:
            image = {"xref": f"x{axis}", "yref": "paper", "x": -0.5, "sizex": frames}
            layout["images"].append(
                {**strip_image(column.clip), **image, "y": 1 - strip / 2, "sizey": strip * 0.8}
            )
    data.append(_clickable(rows, columns[0].values))
    return theme.built(data, {**layout, "hoverdistance": -1, "margin": _MARGIN}, height)


def _domains(columns: Sequence[Column]) -> list[tuple[float, float]]:
    """From where to where each column reaches; those with frames above them are wider."""
    shares = np.array([1.0 if column.clip is None else _WIDER for column in columns])
    widths = shares / shares.sum() * (1 - _GAP * (len(columns) - 1))
    ends = np.cumsum(widths) + _GAP * np.arange(len(columns))
    return [(float(end - width), float(end)) for end, width in zip(ends, widths, strict=True)]


def _frame_axis(
    column: Column, frames: int, axis: str, domain: tuple[float, float]
) -> dict[str, Any]:
    ticks = [str(i + 1) for i in range(frames)]
    if column.clip is not None:
        ticks = [tick.removesuffix(" s") for tick in frame_ticks(column.clip)]
    return {
        **_PLAIN,
        "domain": list(domain),
        "anchor": f"y{axis}",
        "range": [-0.5, frames - 0.5],
        "tickvals": list(range(frames)),
        "ticktext": _edged(ticks),
        "tickangle": 0,
        "ticklabeloverflow": "allow",
        "tickfont": {"size": 10},
        "title": {"text": "frame" if column.clip is None else "frame, seconds in the video"},
    }


def _edged(ticks: Sequence[str]) -> list[str]:
    """Says below the first and the last frame that they are at the padded edge."""
    last = len(ticks) - 1
    return [f"{tick}<br>edge" if i in (0, last) else tick for i, tick in enumerate(ticks)]


_PLAIN: dict[str, Any] = {"fixedrange": True, "showgrid": False, "zeroline": False}
_MARGIN = {"l": 84, "r": 92, "t": 36, "b": 84, "autoexpand": False}
_LINE_MARGIN = {"l": 60, "r": 20, "t": 36, "b": 84, "autoexpand": False}
"""Room for all that stands beside the axes: to let Plotly find it costs a second drawing."""


def _heatmap(
    column: Column, rows: _Rows, scale: Scale, axis: str, *, first: bool, last: bool
) -> dict[str, Any]:
    hover = "%{text}, frame %{x}: %{z:+.3f}<extra></extra>"
    names = None if first else [[name] * column.values.shape[1] for name in rows.names]
    return {
        "type": "heatmap",
        "z": column.values,
        "x": list(range(column.values.shape[1])),
        "y": list(range(len(rows.given))),
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colours,
        "showscale": last,
        "colorbar": theme.colour_bar(scale.title),
        "text": names,
        "texttemplate": "",
        "hoverongaps": False,
        "hovertemplate": hover,
        "hoverinfo": "skip" if first else None,
    }


def _clickable(rows: _Rows, values: Float[np.ndarray, "r t"]) -> dict[str, Any]:
    """A target for each row of the first map; the nearest one is taken, however far it is."""
    numbers = [
        "<br>".join(
            f"frame {number}: {value:+.2f}"
            for number, value in enumerate(row, start=1)
            if not math.isnan(value)
        )
        for row in values
    ]
    return targets(
        [(values.shape[1] - 1) / 2] * len(rows.given),
        list(range(len(rows.given))),
        rows.given,
        [f"{name}<br>{said}" for name, said in zip(rows.names, numbers, strict=True)],
    )


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


def _arrow(row: int, name: str, axis: str) -> dict[str, Any]:
    return {
        "text": name,
        "xref": f"x{axis} domain",
        "yref": f"y{axis}",
        "x": 0,
        "y": row,
        "ax": -18,
        "ay": 0,
        "arrowhead": 2,
        "arrowcolor": theme.FIRST,
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
    data = [
        {
            "type": "scatter",
            "x": list(range(count)),
            "y": values,
            "name": name,
            "mode": "lines+markers",
            "line": {"color": colour, "dash": dash},
            "hovertemplate": "frame %{x}: %{y:.3f}<extra></extra>",
        }
        for name, values, colour, dash in lines
    ]
    chosen = {
        "type": "line",
        "x0": frame,
        "x1": frame,
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "line": {"width": 1, "color": theme.QUIET},
    }
    layout = {
        "margin": _LINE_MARGIN,
        "shapes": [*bands(inside), *_edges(count, ""), chosen],
        "annotations": _event_name(inside),
        "xaxis": {
            "range": [-0.5, count - 0.5],
            "tickvals": list(range(count)),
            "ticktext": _edged(frame_ticks(clip)),
            "tickangle": 0,
            "ticklabeloverflow": "allow",
            "title": {"text": "frame of the view, seconds in the video"},
            "fixedrange": True,
        },
        "yaxis": {"range": [0, 1], "title": {"text": "importance V"}, "fixedrange": True},
    }
    return theme.built(data, layout, 300, legend=True)


def _event_name(inside: Bool[np.ndarray, " t"] | None) -> list[dict[str, Any]]:
    """The name of the true event, at the foot of the first band."""
    return [
        {
            "xref": "x",
            "yref": "y domain",
            "text": "true event",
            "x": first - 0.5,
            "y": 0,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11},
        }
        for first, _ in stretches(inside)[:1]
    ]
