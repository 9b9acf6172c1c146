"""Kernels as dots between past, present and future, and how far they move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.raster import cloud, picture
from tam_viz.plots.tam.triangle_frame import (
    _ACROSS,
    _UPWARDS,
    BAR,
    FREE,
    GREY,
    corners,
    depth_axis,
    fixed,
    key,
    outline,
    square,
)

_PLOT_PX = 490
"""Height of the axes on the page."""
_WHERE = "channel %{customdata[1]}<br>future − past %{x:+.2f}, present %{y:+.2f}"


@dataclass(frozen=True, eq=False)
class Dots:
    """Kernels, or differences of kernels, of n channels.

    Attributes:
        label: What they are of.
        simplex_xy: Future − past, and weight of the present.
        block: Number of the block of each, from 0 in forward order.
        channel: Its number in the block.
    """

    label: str
    simplex_xy: Float[np.ndarray, "n 2"]
    block: Int[np.ndarray, " n"]
    channel: Int[np.ndarray, " n"]

    def where(self, chosen: np.ndarray) -> Dots:
        """Those for which `chosen`, booleans `(n,)`, is true."""
        return Dots(self.label, self.simplex_xy[chosen], self.block[chosen], self.channel[chosen])


@dataclass(frozen=True)
class Mark:
    """A dot that is pointed at."""

    label: str
    simplex_xy: tuple[float, float]
    colour: str
    symbol: str = "circle-open"


def triangle(
    names: Sequence[str],
    block: int,
    first: Dots,
    second: Dots | None,
    untrained: Dots | None,
    landmarks: Mapping[str, tuple[float, float, float]],
    marks: Sequence[Mark],
) -> go.Figure:
    """Every kernel between past (left), future (right) and present (top).

    A click on a dot of the chosen block gives its block and channel as `customdata`; dots of other
    blocks cannot be clicked, or a click where many lie would take a block that nobody meant.

    Args:
        names: Of the blocks.
        block: The chosen one, drawn large and, where there is a second clip, with lines from
            the first clip to the second.
        first: Of the clip, coloured by block.
        second: Of the second clip.
        untrained: Of the untrained network, where it is known.
        landmarks: Fixed kernels as (past, present, future).
        marks: The chosen channel.
    """
    around = [] if untrained is None else [(untrained, GREY)]
    data: list[dict[str, Any]] = []
    if second is not None:
        around.append((second, theme.SECOND))
        data.append(_moves(first, second, block))
    data += [key(dots.label, colour) for dots, colour in around]
    data.append(_chosen(first, names, block))
    data += [BAR, fixed(landmarks), *map(_marked, marks)]
    layout = {
        **square(_ACROSS, _UPWARDS),
        "images": [_backdrop(around, first, names, _ACROSS, _UPWARDS)],
        "shapes": [outline()],
        "annotations": [*corners(), _named(marks[0], *FREE)],
        **depth_axis(names, block),
    }
    return theme.built(data, layout, 600, legend=True)


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
    around = [] if untrained is None else [(untrained, GREY)]
    room = 1.06 * end  # for dots at the very end
    across, upwards = (-room, room), (-room / 2, room / 2)
    layout = square(across, upwards)
    zero = {"zeroline": True, "zerolinecolor": theme.QUIET}
    layout["xaxis"] |= {"title": {"text": "difference of future − past"}, **zero}
    layout["yaxis"] |= {"title": {"text": "difference of the present"}, **zero}
    layout |= {
        "images": [_backdrop(around, moved, names, across, upwards)],
        "annotations": [_named(marks[0], 0.8 * across[1], 0.92 * upwards[1])],
        **depth_axis(names, block),
    }
    data = [key(dots.label, colour) for dots, colour in around]
    data.append(_chosen(moved, names, block))
    data += [BAR, *map(_marked, marks)]
    return theme.built(data, layout, 600, legend=True)


def _backdrop(
    around: Sequence[tuple[Dots, str]],
    first: Dots,
    names: Sequence[str],
    across: tuple[float, float],
    upwards: tuple[float, float],
) -> dict[str, Any]:
    """All dots as one picture: those around in their colours, those of the clip by block."""
    clouds = [cloud(dots.simplex_xy, colour, 4.5, 0.6) for dots, colour in around]
    for block, colour in enumerate(theme.depth_colours(len(names))):
        clouds.append(cloud(first.simplex_xy[first.block == block], colour, 5.0, 0.6))
    height = _PLOT_PX
    wide = round(height * (across[1] - across[0]) / (upwards[1] - upwards[0]) / math.sqrt(3))
    return picture(clouds, across, upwards, (wide, height))


def _chosen(dots: Dots, names: Sequence[str], block: int) -> dict[str, Any]:
    """The dots of the chosen block, large."""
    here = dots.where(dots.block == block)
    return {
        "type": "scatter",
        "x": here.simplex_xy[:, 0].astype(np.float32),
        "y": here.simplex_xy[:, 1].astype(np.float32),
        "customdata": np.stack([here.block, here.channel], axis=1).tolist(),
        "mode": "markers",
        "name": in_plot(dots.label),
        "showlegend": False,  # it would have no colour there
        "marker": {
            "color": theme.depth_colours(len(names))[block],
            "size": 8,
            "line": {"width": 0.5, "color": theme.QUIET},
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "hovertemplate": f"{in_plot(dots.label)}<br>{names[block]}, {_WHERE}<extra></extra>",
    }


def _moves(first: Dots, second: Dots, block: int) -> dict[str, Any]:
    """Thin lines from the first clip's dots of the chosen block to the second's."""
    here = first.block == block
    ends = np.stack([first.simplex_xy[here], second.simplex_xy[here]], axis=1)
    paths = np.concatenate([ends, np.full((len(ends), 1, 2), np.nan)], axis=1).reshape(-1, 2)
    return {
        "type": "scatter",
        "x": paths[:, 0].astype(np.float32),
        "y": paths[:, 1].astype(np.float32),
        "mode": "lines",
        "line": {"width": 1, "color": theme.faint(theme.SECOND, 0.6)},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _marked(mark: Mark) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [mark.simplex_xy[0]],
        "y": [mark.simplex_xy[1]],
        "mode": "markers",
        "marker": {
            "symbol": mark.symbol,
            "size": 17,
            "color": mark.colour,
            "line": {"width": 3},
        },
        "showlegend": False,
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
    }


def _named(mark: Mark, x: float, y: float) -> dict[str, Any]:
    """The name of a mark at the free spot `x`, `y`, where no dot lies below it."""
    return {
        "text": f"<b>{in_plot(mark.label)}</b>",
        "x": mark.simplex_xy[0],
        "y": mark.simplex_xy[1],
        "axref": "x",
        "ayref": "y",
        "ax": x,
        "ay": y,
        "arrowcolor": mark.colour,
        "standoff": 9,
    }
