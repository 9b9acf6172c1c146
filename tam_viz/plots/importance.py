"""Importance maps: V by channel, by frame, by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, Int
from plotly.subplots import make_subplots

from tam_viz.plots import theme
from tam_viz.plots.filmstrip import add_frames, frame_ticks
from tam_viz.types import Clip


@dataclass(frozen=True)
class _Scale:
    """How a heatmap's values become colours, and what the colour bar says."""

    low: float
    high: float
    colours: str
    title: str


def block_maps(
    clip: Clip,
    trained: Float[np.ndarray, "c t"],
    untrained: Float[np.ndarray, "c t"],
    order: Int[np.ndarray, " c"],
    *,
    channel: int | None,
    inside: Bool[np.ndarray, " t"] | None,
) -> go.Figure:
    """A block's map under the film strip, that of an untrained block beside it, one scale.

    Args:
        clip: The clip, for its frames.
        trained: V centred per channel, in (-1, 1).
        untrained: The same of the untrained block.
        order: Channels from top to bottom, for the trained block; the untrained one is drawn in
            the same order.
        channel: Channel to point at.
        inside: Which frames lie inside the true event, where it is known.
    """
    limit = max(float(np.abs(trained[:, 1:-1]).max(initial=0.0)), 0.02)
    scale = _Scale(-limit, limit, theme.IMPORTANCE_CENTRED, "V − channel mean")
    cells = {
        "y": list(range(len(order))),
        "customdata": np.broadcast_to(order[:, None], trained.shape),
        "hovertemplate": "channel %{customdata}<br>frame %{x}<br>%{z:+.3f}<extra></extra>",
    }
    figure = _two_maps(clip, (trained[order], untrained[order]), cells, scale, inside, strip=0.17)
    if channel is not None:
        for axis in ("3", "4"):
            _point_at(figure, int(np.flatnonzero(order == channel)[0]), channel, axis)
    figure.update_yaxes(range=[len(order) - 0.5, -0.5], showticklabels=False, row=2)
    rows = {"text": f"{len(order)} channels, in the chosen order", "standoff": 34}
    figure.update_yaxes(title=rows, row=2, col=1)
    return theme.finish(figure, 560)


def block_overview(
    clip: Clip,
    names: tuple[str, ...],
    trained: Float[np.ndarray, "b t"],
    untrained: Float[np.ndarray, "b t"],
    inside: Bool[np.ndarray, " t"] | None,
) -> go.Figure:
    """How far channels depart from their own mean, by block and frame, under the film strip.

    Args:
        clip: The clip, for its frames.
        names: Block names in forward order.
        trained: Root mean square over channels of centred V; at least 0.
        untrained: The same of an untrained network.
        inside: Which frames lie inside the true event, where it is known.
    """
    limit = max(float(trained[:, 1:-1].max(initial=0.0)), 0.02)
    scale = _Scale(0.0, limit, theme.IMPORTANCE_SPREAD, "spread of V")
    cells = {"y": list(names), "hovertemplate": "%{y}, frame %{x}: %{z:.3f}<extra></extra>"}
    figure = _two_maps(clip, (trained, untrained), cells, scale, inside, strip=0.26)
    figure.update_yaxes(autorange="reversed", row=2)
    return theme.finish(figure, 230 + 24 * max(8, len(names)))


def _two_maps(
    clip: Clip,
    maps: tuple[Float[np.ndarray, "r t"], Float[np.ndarray, "r t"]],
    cells: dict[str, Any],
    scale: _Scale,
    inside: Bool[np.ndarray, " t"] | None,
    *,
    strip: float,
) -> go.Figure:
    """Two heatmaps over frames side by side, each under the film strip.

    Args:
        clip: The clip, for its frames.
        maps: Of this network and of the untrained one.
        cells: Rows and hover text of both heatmaps.
        scale: Colours of both.
        inside: Which frames lie inside the true event, where it is known.
        strip: Share of the height that the film strip takes.
    """
    figure = make_subplots(
        rows=2,
        cols=2,
        row_heights=[strip, 1 - strip],
        vertical_spacing=0.035,
        horizontal_spacing=0.09,
        column_titles=["this network", "untrained"],
    )
    for column, values in enumerate(maps, start=1):
        add_frames(figure, clip, "" if column == 1 else "2")
        figure.add_heatmap(
            z=values,
            x=list(range(values.shape[1])),
            zmin=scale.low,
            zmax=scale.high,
            colorscale=scale.colours,
            showscale=column == 2,
            colorbar={"title": scale.title, "title_side": "right", "thickness": 12},
            row=2,
            col=column,
            **cells,
        )
        _mark_edges(figure, values.shape[1], f"{column + 2}")
        _mark_event(figure, inside, f"{column + 2}")
        _frame_axis(figure, clip, row=2, col=column)
    figure.update_xaxes(visible=False, row=1)
    figure.update_yaxes(visible=False, range=[0, 1], row=1)
    frames = [-0.5, len(clip.frames) - 0.5]
    figure.update_xaxes(range=frames, fixedrange=True, showgrid=False, zeroline=False)
    figure.update_yaxes(fixedrange=True, showgrid=False, zeroline=False)
    return figure


def _mark_event(figure: go.Figure, inside: Bool[np.ndarray, " t"] | None, axis: str) -> None:
    """An orange bar above the frames that lie inside the true event."""
    if inside is None or not inside.any():
        return
    frames = np.flatnonzero(inside)
    figure.add_shape(
        type="rect",
        xref=f"x{axis}",
        yref=f"y{axis} domain",
        x0=frames[0] - 0.5,
        x1=frames[-1] + 0.5,
        y0=1.005,
        y1=1.025,
        fillcolor=theme.EVENT,
        line_width=0,
    )


def _frame_axis(figure: go.Figure, clip: Clip, **place: int) -> None:
    figure.update_xaxes(
        tickvals=list(range(len(clip.frames))),
        ticktext=frame_ticks(clip),
        tickangle=0,
        tickfont_size=10,
        title="frame of the view, seconds in the video",
        **place,
    )


def _mark_edges(figure: go.Figure, frames: int, axis: str) -> None:
    """Frames the first and the last column, where zero padding takes part in the result."""
    for frame in {0, frames - 1}:
        figure.add_shape(
            type="rect",
            xref=f"x{axis}",
            yref=f"y{axis} domain",
            x0=frame - 0.5,
            x1=frame + 0.5,
            y0=0,
            y1=1,
            fillcolor="rgba(128,128,128,0.25)",
            line={"width": 2, "color": theme.QUIET, "dash": "dot"},
        )
        figure.add_annotation(
            text="edge",
            xref=f"x{axis}",
            yref=f"y{axis} domain",
            x=frame,
            y=1,
            yanchor="top",
            showarrow=False,
            font={"size": 11, "color": "white"},
            bgcolor="rgba(60,60,60,0.8)",
        )


def _point_at(figure: go.Figure, row: int, channel: int, axis: str) -> None:
    figure.add_annotation(
        text=str(channel),
        xref=f"x{axis} domain",
        yref=f"y{axis}",
        x=0,
        y=row,
        ax=-18,
        ay=0,
        arrowhead=2,
        xanchor="right",
        font={"size": 11},
    )


def channel_lines(
    clip: Clip,
    trained: Float[np.ndarray, " t"],
    untrained: Float[np.ndarray, " t"],
    channel: int,
    inside: Bool[np.ndarray, " t"] | None,
) -> go.Figure:
    """V of one channel over time, in (0, 1), beside the same channel of an untrained block."""
    frames = list(range(len(trained)))
    figure = go.Figure()
    _event_band(figure, inside)
    for name, values, colour, dash in (
        ("untrained", untrained, theme.QUIET, "dot"),
        (f"channel {channel}", trained, theme.IMPORTANCE, "solid"),
    ):
        figure.add_scatter(
            x=frames,
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate="frame %{x}: %{y:.3f}<extra></extra>",
        )
    _mark_edges(figure, len(trained), "")
    _frame_axis(figure, clip)
    figure.update_xaxes(range=[-0.5, len(frames) - 0.5], fixedrange=True)
    figure.update_yaxes(range=[0, 1], title="importance V", fixedrange=True)
    return theme.finish(figure, 300, legend=True)


def _event_band(figure: go.Figure, inside: Bool[np.ndarray, " t"] | None) -> None:
    if inside is None or not inside.any():
        return
    frames = np.flatnonzero(inside)
    figure.add_vrect(
        x0=frames[0] - 0.5,
        x1=frames[-1] + 0.5,
        fillcolor=theme.EVENT_FILL,
        line={"width": 1, "color": theme.EVENT},
        annotation_text="true event",
        annotation_position="bottom left",
    )
