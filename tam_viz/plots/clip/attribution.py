"""The effect of single frames on the score of a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float
from plotly.subplots import make_subplots

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.event import bands
from tam_viz.plots.shared.filmstrip import frame_ticks
from tam_viz.types import Clip

_ROW_PX, _AROUND_PX = 150, 110
_WIDTH = 0.36
_FRAMES = "frame of the view, seconds in the video"


@dataclass(frozen=True, eq=False)
class FrameRow:
    """The effect of frames on the score of one network.

    Attributes:
        name: What to write above it.
        colour: Of the network, `#rrggbb`.
        clip: Its frames.
        inside: Which of them lie inside the true event, where it is known.
        drops: What the score loses without a frame.
        sums: What a map says of it.
        untrained: What the untrained network loses, where it is known.
    """

    name: str
    colour: str
    clip: Clip
    inside: Bool[np.ndarray, " t"] | None
    drops: Float[np.ndarray, " t"]
    sums: Float[np.ndarray, " t"]
    untrained: Float[np.ndarray, " t"] | None


def frame_bars(rows: Sequence[FrameRow], method: str, frame: int, kind: str) -> go.Figure:
    """A row of bars for each network, all on one scale.

    Args:
        rows: The networks; at least one.
        method: What made the maps.
        frame: The chosen frame, from 0.
        kind: What the score is, for the axes.
    """
    figure = make_subplots(
        rows=len(rows),
        cols=1,
        subplot_titles=[in_plot(row.name) for row in rows],
        vertical_spacing=min(0.3, 60 / (_ROW_PX * len(rows))),
    )
    shapes: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        axis = "" if number == 1 else str(number)
        figure.add_traces(_bars(row, method, shown=number == 1), rows=number, cols=1)
        shapes += [*bands(row.inside, axis), _chosen(frame, axis)]
        ticks = [str(i + 1) for i in range(len(row.clip.frames))]
        figure.update_xaxes(
            tickvals=list(range(len(ticks))),
            ticktext=frame_ticks(row.clip) if number == len(rows) else ticks,
            range=[-0.5, len(ticks) - 0.5],
            row=number,
        )
    figure.update_layout(shapes=shapes, barmode="overlay")
    figure.update_xaxes(fixedrange=True, showgrid=False, zeroline=False, tickangle=0)
    figure.update_xaxes(title=_FRAMES, row=len(rows))
    values = [a for r in rows for a in (r.drops, r.sums, r.untrained) if a is not None]
    figure.update_yaxes(
        range=_range(values),
        fixedrange=True,
        title=in_plot(kind),
        zeroline=True,
        zerolinewidth=1,
    )
    figure.update_annotations(x=0, xanchor="left", font_size=13)
    theme.finish(figure, _AROUND_PX + _ROW_PX * len(rows), legend=True)
    return figure.update_layout(legend={"y": 1 + 30 / (_ROW_PX * len(rows))}, margin={"t": 70})


def paired_bars(
    clip: Clip,
    inside: Bool[np.ndarray, " t"] | None,
    drops: Mapping[str, Float[np.ndarray, " t"]],
    colour: str,
    frame: int,
    kind: str,
) -> go.Figure:
    """Losses of two networks without each frame: filled bars beside hatched ones, on one scale.

    Args:
        clip: Its frames.
        inside: Which of them lie inside the true event, where it is known.
        drops: What each network loses, by its name; two of them.
        colour: Of both networks, `#rrggbb`.
        frame: The chosen frame, from 0.
        kind: What the score is, for the axis.
    """
    patterns = ({"shape": ""}, {"shape": "/", "fillmode": "replace", "solidity": 0.35})
    data = [
        {
            "type": "bar",
            "x": np.arange(len(lost)) + side * _WIDTH / 2,
            "y": lost,
            "width": _WIDTH,
            "name": in_plot(name),
            "marker": {
                "color": colour,
                "pattern": pattern,
                "line": {"width": 1, "color": colour},
            },
            "customdata": np.arange(1, len(lost) + 1),
            "hovertemplate": "frame %{customdata}: %{y:+.3f} lost by "
            f"{in_plot(name)}<extra></extra>",
        }
        for (name, lost), side, pattern in zip(drops.items(), (-1, 1), patterns, strict=True)
    ]
    ticks = frame_ticks(clip)
    layout = {
        "barmode": "overlay",
        "shapes": [*bands(inside), _chosen(frame, "")],
        "xaxis": {
            "tickvals": list(range(len(ticks))),
            "ticktext": ticks,
            "range": [-0.5, len(ticks) - 0.5],
            "title": {"text": _FRAMES},
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickangle": 0,
        },
        "yaxis": {
            "range": _range(list(drops.values())),
            "title": {"text": f"lost {in_plot(kind)}"},
            "fixedrange": True,
            "zeroline": True,
            "zerolinewidth": 1,
        },
    }
    return theme.built(data, layout, _AROUND_PX + _ROW_PX, legend=True)


def _range(series: Sequence[Float[np.ndarray, " t"]]) -> list[float]:
    """From below the smallest to above the largest value, 0 among them."""
    values = np.concatenate(series)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    space = 0.06 * max(high - low, 1e-3)
    return [low - space, high + space]


def _bars(row: FrameRow, method: str, *, shown: bool) -> list[go.Bar | go.Scatter]:
    """Losses beside sums of the map, and over the losses those of the untrained network."""
    frames = np.arange(len(row.drops))
    hover = "frame %{customdata}: %{y:+.3f}"
    common = {"customdata": frames + 1, "showlegend": shown}
    lost, mapped, base = "loss without the frame", f"sum of {method}", "loss, untrained network"
    bars: list[go.Bar | go.Scatter] = [
        go.Bar(
            x=frames - _WIDTH / 2,
            y=row.drops,
            width=_WIDTH,
            name=lost,
            legendgroup=lost,
            marker={"color": row.colour, "line": {"width": 1, "color": row.colour}},
            hovertemplate=f"{hover} {lost}<extra></extra>",
            **common,
        ),
        go.Bar(
            x=frames + _WIDTH / 2,
            y=row.sums,
            width=_WIDTH,
            name=mapped,
            legendgroup=mapped,
            marker={
                "color": theme.faint(row.colour, 0.25),
                "line": {"width": 1, "color": row.colour},
            },
            hovertemplate=f"{hover} {mapped}<extra></extra>",
            **common,
        ),
    ]
    if row.untrained is not None:
        marks = go.Scatter(
            x=frames - _WIDTH / 2,
            y=row.untrained,
            mode="markers",
            name=base,
            legendgroup=base,
            marker={"symbol": "diamond", "size": 8, "color": "#8C8C8C", "line": _WHITE},
            hovertemplate=f"{hover} {base}<extra></extra>",
            **common,
        )
        bars.append(marks)
    return bars


_WHITE = {"width": 1, "color": "white"}


def _chosen(frame: int, axis: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": f"x{axis}",
        "yref": f"y{axis} domain",
        "x0": frame,
        "x1": frame,
        "y0": 0,
        "y1": 1,
        "line": {"width": 1, "color": theme.QUIET, "dash": "dot"},
    }
