"""Kernels as dots between past, present and future, and how far they move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from tam_viz.plots import theme

_MANY = 3000
"""More dots than this are drawn by the graphics card."""
_BLOCK_LABELS = 16


@dataclass(frozen=True, eq=False)
class Dots:
    """Kernels, or differences of kernels, of n channels.

    Attributes:
        label: What they are of.
        places: Future − past, and weight of the present.
        block: Number of the block of each, from 0 in forward order.
        channel: Its number in the block.
    """

    label: str
    places: Float[np.ndarray, "n 2"]
    block: Int[np.ndarray, " n"]
    channel: Int[np.ndarray, " n"]

    def where(self, chosen: np.ndarray) -> Dots:
        """Those for which `chosen`, booleans `(n,)`, is true."""
        return Dots(self.label, self.places[chosen], self.block[chosen], self.channel[chosen])


@dataclass(frozen=True)
class Mark:
    """A dot that is pointed at."""

    label: str
    place: tuple[float, float]
    colour: str
    symbol: str = "circle-open"


def triangle(
    names: Sequence[str],
    block: int,
    first: Dots,
    second: Dots | None,
    untrained: Dots,
    landmarks: Mapping[str, tuple[float, float, float]],
    marks: Sequence[Mark],
) -> go.Figure:
    """Every kernel between past (left), future (right) and present (top).

    Args:
        names: Of the blocks.
        block: The chosen one, drawn large and, where there is a second clip, with lines from
            the first clip to the second.
        first: Of the clip, coloured by block.
        second: Of the second clip.
        untrained: Of the untrained network.
        landmarks: Fixed kernels as (past, present, future).
        marks: The chosen channel.
    """
    traces = [_cloud(untrained, names, {"color": theme.UNTRAINED, "size": 4})]
    if second is not None:
        traces += [_cloud(second, names, {"color": theme.SECOND, "size": 5}, 0.7)]
        traces += [_moves(first, second, block)]
    traces += _by_depth(first, names, block)
    traces += [_fixed(landmarks), *map(_marked, marks)]
    figure = go.Figure(traces)
    _square(figure, (-1.14, 1.14), (-0.09, 1.09))
    figure.layout.shapes, figure.layout.annotations = [_outline()], [*_corners(), _named(marks[0])]
    figure.update_layout(**_depth_axis(names, block))
    return _finish(figure, len(first.block))


def shifts(
    names: Sequence[str],
    block: int,
    moved: Dots,
    untrained: Dots | None,
    marks: Sequence[Mark],
    end: float,
) -> go.Figure:
    """How far every kernel lies from that of the second clip; the middle is no difference.

    Args:
        names: Of the blocks.
        block: The chosen one, drawn large.
        moved: Differences of the network, coloured by block.
        untrained: Those of the untrained network, where they are known.
        marks: The chosen channel.
        end: Of both axes.
    """
    traces = []
    if untrained is not None:
        traces += [_cloud(untrained, names, {"color": theme.UNTRAINED, "size": 4})]
    traces += [*_by_depth(moved, names, block), *map(_marked, marks)]
    figure = go.Figure(traces)
    figure.layout.annotations = [_named(marks[0])]
    room = 1.06 * end  # for dots at the very end
    _square(figure, (-room, room), (-room / 2, room / 2))
    figure.update_layout(
        xaxis={
            "title": "difference of future − past",
            "zeroline": True,
            "zerolinecolor": theme.QUIET,
        },
        yaxis={
            "title": "difference of the present",
            "zeroline": True,
            "zerolinecolor": theme.QUIET,
        },
        **_depth_axis(names, block),
    )
    return _finish(figure, len(moved.block))


def _cloud(
    dots: Dots, names: Sequence[str], marker: dict[str, Any], opacity: float = 1.0
) -> go.Scatter | go.Scattergl:
    """One trace of dots; a click on one gives its block and channel as `customdata`."""
    kind = go.Scattergl if len(dots.block) > _MANY else go.Scatter
    return kind(
        x=dots.places[:, 0].astype(np.float32),
        y=dots.places[:, 1].astype(np.float32),
        customdata=np.stack([dots.block, dots.channel], axis=1).astype(np.int32),
        text=[names[block] for block in dots.block],
        mode="markers",
        name=dots.label,
        marker={**marker, "opacity": opacity},
        selected={"marker": {"opacity": opacity}},
        unselected={"marker": {"opacity": opacity}},
        hovertemplate=f"{dots.label}<br>%{{text}}, channel %{{customdata[1]}}<br>"
        "future − past %{x:+.2f}, present %{y:+.2f}<extra></extra>",
    )


def _by_depth(dots: Dots, names: Sequence[str], block: int) -> list[go.Scatter | go.Scattergl]:
    """The dots of the chosen block above those of the others."""
    chosen = dots.block == block
    edge = {"coloraxis": "coloraxis", "line": {"width": 0.5, "color": theme.QUIET}}
    here, rest = dots.where(chosen), dots.where(~chosen)
    found = [_cloud(here, names, {**edge, "color": here.block, "size": 8})]
    if len(rest.block):
        found.insert(0, _cloud(rest, names, {**edge, "color": rest.block, "size": 5}, 0.55))
    for cloud in found:
        cloud.showlegend = False  # it would have no colour there
    return found


def _moves(first: Dots, second: Dots, block: int) -> go.Scatter:
    """Thin lines from the first clip's dots of the chosen block to the second's."""
    here = first.block == block
    ends = np.stack([first.places[here], second.places[here]], axis=1)
    paths = np.concatenate([ends, np.full((len(ends), 1, 2), np.nan)], axis=1).reshape(-1, 2)
    return go.Scatter(
        x=paths[:, 0].astype(np.float32),
        y=paths[:, 1].astype(np.float32),
        mode="lines",
        line={"width": 1, "color": theme.faint(theme.SECOND, 0.6)},
        hoverinfo="skip",
        showlegend=False,
    )


def _fixed(landmarks: Mapping[str, tuple[float, float, float]]) -> go.Scatter:
    parts = np.array(list(landmarks.values()))
    return go.Scatter(
        x=parts[:, 2] - parts[:, 0],
        y=parts[:, 1],
        text=list(landmarks),
        mode="markers",
        marker={"symbol": "diamond-open", "size": 13, "color": theme.QUIET, "line_width": 2},
        name="fixed kernels",
        unselected={"marker": {"opacity": 1}},
        hovertemplate="%{text}<extra></extra>",
    )


def _marked(mark: Mark) -> go.Scatter:
    return go.Scatter(
        x=[mark.place[0]],
        y=[mark.place[1]],
        mode="markers",
        marker={"symbol": mark.symbol, "size": 17, "color": mark.colour, "line_width": 3},
        showlegend=False,
        unselected={"marker": {"opacity": 1}},
        hovertemplate=f"{mark.label}<extra></extra>",
    )


def _named(mark: Mark) -> dict[str, Any]:
    """The name of a mark beside it."""
    return {
        "text": f"<b>{mark.label}</b>",
        "x": mark.place[0],
        "y": mark.place[1],
        "ax": 48,
        "ay": -12,
        "arrowcolor": mark.colour,
        "standoff": 9,
    }


def _outline() -> dict[str, Any]:
    """The triangle with lines at ¼, ½ and ¾ of each corner's weight, as one path."""
    lines = ["M -1 0 L 1 0 L 0 1 Z"]
    for share in (0.25, 0.5, 0.75):
        rest = 1 - share
        lines += [
            f"M {-rest} {share} L {rest} {share}",
            f"M {-share} {rest} L {rest - share} 0",
            f"M {share} {rest} L {share - rest} 0",
        ]
    return {
        "type": "path",
        "path": " ".join(lines),
        "line": {"width": 1, "color": "rgba(128,128,128,0.35)"},
        "layer": "below",
    }


def _corners() -> list[dict[str, Any]]:
    corners = (
        ("past", "TSM, one eighth", -1.0, 0.0, -22),
        ("future", "TSM, one eighth", 1.0, 0.0, -22),
        ("present", "TSN", 0.0, 1.0, 16),
    )
    named = [
        {
            "text": f"<b style='color:{theme.TIME_DIRECTION[tap]}'>{tap}</b> {rival}",
            "x": x,
            "y": y,
            "yshift": shift,
            "showarrow": False,
        }
        for tap, rival, x, y, shift in corners
    ]
    middle = {"text": "average", "x": 0.0, "y": 1 / 3, "arrowcolor": theme.QUIET, "standoff": 8}
    return [*named, {**middle, "axref": "x", "ayref": "y", "ax": -0.8, "ay": 0.62}]


def _square(figure: go.Figure, across: tuple[float, float], upwards: tuple[float, float]) -> None:
    """Axes on which the triangle has three equal sides."""
    quiet = {"fixedrange": True, "zeroline": False, "showgrid": False, "constrain": "domain"}
    figure.update_layout(
        xaxis={"range": across, "title": "weight of the future − weight of the past", **quiet},
        yaxis={
            "range": upwards,
            "title": "weight of the present",
            "scaleanchor": "x",
            "scaleratio": math.sqrt(3),
            **quiet,
        },
    )


def _depth_axis(names: Sequence[str], block: int) -> dict[str, Any]:
    """A colour for each block; the bar beside the picture names them."""
    count = len(names)
    colours = theme.depth_colours(count)
    steps = [[(i + end) / count, colour] for i, colour in enumerate(colours) for end in (0, 1)]
    every = -(-count // _BLOCK_LABELS)
    shown = [i for i in range(count) if i % every == 0 or i == block]
    return {
        "coloraxis": {
            "cmin": -0.5,
            "cmax": count - 0.5,
            "colorscale": steps,
            "colorbar": {
                "tickvals": shown,
                "ticktext": [f"<b>{names[i]}</b>" if i == block else names[i] for i in shown],
                "thickness": 14,
                "title": {"text": "block"},
            },
        }
    }


def _finish(figure: go.Figure, dots: int) -> go.Figure:
    theme.finish(figure, 600, legend=True)
    if dots > _MANY:
        figure.layout.hovermode = "closest"
    return figure
