"""Maps laid over the frames of a clip, on one colour scale for the whole clip."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image, ImageOps
from plotly.colors import sample_colorscale

from tam_viz.plots import theme
from tam_viz.types import Clip

_PER_ROW = 8
_PICTURE_PX = 128
_OPAQUE = 0.8
"""Opacity of the largest value: the frame is still seen below it."""
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
    """The frames of a clip, each with its map over it, in rows of eight.

    A map is as opaque as its value is large, so that zero leaves the frame as it is. The numbers
    below are the frames of the view and their seconds in the video. A click on a frame gives its
    number, from 0, as `customdata`.

    Args:
        clip: The frames.
        maps: One map per frame, of any size; it is resized bilinearly to the frame.
        low: Value at the lower end of the colour scale; what is below it looks like it.
        high: Value at the upper end, above `low`; what is above it looks like it.
        colours: Name of a Plotly colour scale.
        title: What the values are, for the colour bar.
        highlight: A frame to put a border around, from 0.
    """
    count = len(clip.frames)
    columns = min(count, _PER_ROW)
    rows = -(-count // _PER_ROW)
    places = [(i % _PER_ROW, i // _PER_ROW) for i in range(count)]
    pictures = _blended(clip.frames, maps, low, high, colours)
    figure = go.Figure(
        [_points(places, clip, maps), _labels(places, clip), _bar(low, high, colours, title)]
    )
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(
        images=[
            _image(picture, *places[i], bordered=i == highlight)
            for i, picture in enumerate(pictures)
        ],
        xaxis={**hidden, "range": [-0.5, columns - 0.5]},
        yaxis={**hidden, "range": [rows - 0.5, -0.5]},
    )
    theme.finish(figure, 40 + _ROW_PX * rows)
    return figure.update_layout(margin={"l": 10, "r": 10, "t": 16, "b": 16})


@lru_cache(maxsize=16)
def _palette(colours: str) -> tuple[tuple[float, float, float], ...]:
    """256 colours from the lower to the upper end of a scale, RGB in 0 to 255."""
    found = sample_colorscale(colours, [i / 255 for i in range(256)], colortype="tuple")
    return tuple((255 * red, 255 * green, 255 * blue) for red, green, blue in found)


def _blended(
    frames: UInt8[np.ndarray, "t h w 3"],
    maps: Float[np.ndarray, "t a b"],
    low: float,
    high: float,
    colours: str,
) -> UInt8[np.ndarray, "t p q 3"]:
    """Pictures of at most `_PICTURE_PX` pixels."""
    height, width = frames.shape[1:3]
    shrink = min(1.0, _PICTURE_PX / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    below = np.stack([np.asarray(Image.fromarray(f).resize(size)) for f in frames]).astype(float)
    values = np.stack([_resized(m, size) for m in maps]).clip(low, high)
    opacity = _OPAQUE * np.abs(values) / max(abs(low), abs(high))
    steps = (255 * (values - low) / (high - low)).round().astype(int)
    colour = np.array(_palette(colours))[steps]
    mixed: np.ndarray = below + opacity[..., None] * (colour - below)
    return mixed.round().astype(np.uint8)


def _resized(values: Float[np.ndarray, "a b"], size: tuple[int, int]) -> Float[np.ndarray, "p q"]:
    image = Image.fromarray(values.astype(np.float32))
    resized: np.ndarray = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    return resized


def _image(
    picture: UInt8[np.ndarray, "p q 3"], x: int, y: int, *, bordered: bool
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
        "x": x,
        "y": y - 0.08,
        "sizex": 0.96,
        "sizey": 0.84,
        "xanchor": "center",
        "yanchor": "middle",
        "sizing": "contain",
        "layer": "below",
    }


def _points(
    places: list[tuple[int, int]], clip: Clip, maps: Float[np.ndarray, "t a b"]
) -> go.Scatter:
    """Invisible points on the frames, to hover over and to click."""
    return go.Scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        customdata=list(range(len(places))),
        mode="markers",
        marker={"size": 100, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertext=[
            f"frame {i + 1}, {time:.2f} s<br>from {values.min():.3g} to {values.max():.3g}"
            for i, (time, values) in enumerate(zip(clip.times_s, maps, strict=True))
        ],
        hoverinfo="text",
    )


def _labels(places: list[tuple[int, int]], clip: Clip) -> go.Scatter:
    return go.Scatter(
        x=[x for x, _ in places],
        y=[y + 0.42 for _, y in places],
        mode="text",
        text=[f"{i + 1} · {time:.1f} s" for i, time in enumerate(clip.times_s)],
        textfont={"size": 11},
        hoverinfo="skip",
    )


def _bar(low: float, high: float, colours: str, title: str) -> go.Scatter:
    """A trace without points that carries the colour bar."""
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        marker={
            "color": [low],
            "cmin": low,
            "cmax": high,
            "colorscale": colours,
            "showscale": True,
            "colorbar": {"title": {"text": title, "side": "right"}, "thickness": 12},
        },
        hoverinfo="skip",
    )
