"""Maps laid over the frames of a clip, on one colour scale for the whole clip."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image, ImageOps

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.blending import NAME_ROWS, PER_ROW, Strip, blended, colour_bar
from tam_viz.types import Clip

_ROW_PX = 136
_OUTER, _INNER = "#000000", "#FFFFFF"
"""Borders around a frame that is pointed at; one of them stands out on any page and picture."""


def overlay_frames(
    clip: Clip,
    maps: Float[np.ndarray, "t a b"],
    *,
    low: float,
    high: float,
    colours: str,
    title: str,
    highlight: int | None = None,
) -> go.Figure:
    """The frames of a clip, each with its map over it: one strip of `overlay_strips`.

    Args:
        clip: The frames.
        maps: One map per frame, of any size; its cells are drawn as they are.
        low: Value at the lower end of the colour scale; what is below it looks like it.
        high: Value at the upper end, above `low`; what is above it looks like it.
        colours: Name of a Plotly colour scale.
        title: What the values are, for the colour bar.
        highlight: A frame to put a border around, from 0.
    """
    strip = Strip(clip, maps, low, high)
    return overlay_strips([strip], colours=colours, title=title, highlight=highlight)


def overlay_strips(
    strips: Sequence[Strip], *, colours: str, title: str, highlight: int | None = None
) -> go.Figure:
    """Clips below each other, each with its maps over its frames, in rows of eight.

    Frames are grey and all colour is the map's. Its opacity grows with the square root of its
    value, so that zero leaves the grey frame as it is and small values can be seen; the colour
    bar shows the same mixture over middle grey. The numbers below are the frames of the view and
    their seconds in the video. A click on a frame gives its number, from 0, as `customdata`.

    Args:
        strips: What to draw; each has a colour bar of its own.
        colours: Name of a Plotly colour scale.
        title: What the values are, for the colour bars.
        highlight: A frame of each clip to put a border around, from 0.
    """
    data: list[dict[str, Any]] = []
    top = 0.0
    whole = sum(strip.head + strip.rows for strip in strips)
    images: list[dict[str, Any]] = []
    for strip in strips:
        first = top + strip.head
        middle, share = 1 - (first + strip.rows / 2) / whole, strip.rows / whole
        scale = {**theme.colour_bar(title), "y": middle, "len": share, "nticks": 5}
        positions = _positions(strip, first)
        data += [_points(positions, strip), _labels(positions, strip.clip)]
        data += [_name(strip.name, top), colour_bar(strip, colours, scale)]
        images += [
            _image(picture, position, bordered=i == highlight)
            for i, (picture, position) in enumerate(
                zip(blended(strip, colours), positions, strict=True)
            )
        ]
        top = first + strip.rows
    columns = min(PER_ROW, max(len(strip.clip.frames) for strip in strips))
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "images": images,
        "xaxis": {**hidden, "range": [-0.5, columns - 0.5]},
        "yaxis": {**hidden, "range": [whole, 0]},
        "margin": {"l": 10, "r": 104, "t": 16, "b": 16, "autoexpand": False},
    }
    return theme.built(data, layout, 32 + round(_ROW_PX * whole))


def _positions(strip: Strip, first: float) -> list[tuple[float, float]]:
    """Middles of the frames; `first` is where their rows begin."""
    count = len(strip.clip.frames)
    return [(float(i % PER_ROW), first + 0.5 + i // PER_ROW) for i in range(count)]


def _image(
    picture: UInt8[np.ndarray, "p q 3"], position: tuple[float, float], *, bordered: bool
) -> dict[str, Any]:
    image, buffer = Image.fromarray(picture), io.BytesIO()
    if bordered:
        thick = max(1, image.width // 32)
        image = ImageOps.crop(image, 2 * thick)
        image = ImageOps.expand(ImageOps.expand(image, thick, _INNER), thick, _OUTER)
    image.save(buffer, "JPEG", quality=88, subsampling=0)
    return {
        "source": f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}",
        "xref": "x",
        "yref": "y",
        "x": position[0],
        "y": position[1] - 0.08,
        "sizex": 0.96,
        "sizey": 0.84,
        "xanchor": "center",
        "yanchor": "middle",
        "sizing": "contain",
        "layer": "below",
    }


def _points(positions: Sequence[tuple[float, float]], strip: Strip) -> dict[str, Any]:
    """Invisible points on the frames, to hover over and to click."""
    return {
        "type": "scatter",
        "x": [x for x, _ in positions],
        "y": [y for _, y in positions],
        "customdata": list(range(len(positions))),
        "mode": "markers",
        "marker": {"size": 100, "opacity": 0},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "hovertext": [
            f"frame {i + 1}, {time:.2f} s<br>from {values.min():.3g} to {values.max():.3g}"
            for i, (time, values) in enumerate(zip(strip.clip.times_s, strip.maps, strict=True))
        ],
        "hoverinfo": "text",
    }


def _labels(positions: Sequence[tuple[float, float]], clip: Clip) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [x for x, _ in positions],
        "y": [y + 0.42 for _, y in positions],
        "mode": "text",
        "text": [f"{i + 1} · {time:.1f} s" for i, time in enumerate(clip.times_s)],
        "textfont": {"size": 11},
        "hoverinfo": "skip",
    }


def _name(name: str, top: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [-0.48],
        "y": [top + NAME_ROWS / 2],
        "mode": "text",
        "text": [in_plot(name)],
        "textposition": "middle right",
        "textfont": {"size": 13},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
