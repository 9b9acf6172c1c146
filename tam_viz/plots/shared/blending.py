"""Maps laid over frames as pixels: colours, opacity, the scale beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image
from plotly.colors import sample_colorscale

from tam_viz.plots.shared import theme
from tam_viz.types import Clip

PER_ROW = 8
_PICTURE_PX = 128
_OPAQUE = 0.8
"""Opacity of the largest value: the frame is still seen below it."""
_GREY = 128.0
"""Frames are shown grey, and the colour bar lies on middle grey: all hue is the map's."""
_PALE = 0.4
"""Share of a colour scale, from its pale or dark end at 0, that no map uses: it would tint the
frame where there is next to nothing."""
_BAR_STEPS = 65
NAME_ROWS = 0.2
"""Height of the line above a strip that has a name."""


@dataclass(frozen=True, eq=False)
class Strip:
    """The frames of a clip with maps over them, on one colour scale.

    Attributes:
        clip: The frames.
        maps: One map per frame, of any size.
        low: Value at the lower end of the colour scale; what is below it looks like it.
        high: Value at the upper end, above `low`; what is above it looks like it.
        name: What to write above it.
        smooth: Whether cells larger than a pixel run into each other; they are drawn as they
            are otherwise.
    """

    clip: Clip
    maps: Float[np.ndarray, "t a b"]
    low: float
    high: float
    name: str = ""
    smooth: bool = False

    @property
    def rows(self) -> int:
        """Rows of frames."""
        return -(-len(self.clip.frames) // PER_ROW)

    @property
    def head(self) -> float:
        """Height of the name, in rows."""
        return NAME_ROWS if self.name else 0.0


@lru_cache(maxsize=16)
def _palette(colours: str) -> tuple[tuple[float, float, float], ...]:
    """256 colours from the lower to the upper end of a scale, RGB in 0 to 255."""
    colours_at = sample_colorscale(colours, [i / 255 for i in range(256)], colortype="tuple")
    return tuple((255 * red, 255 * green, 255 * blue) for red, green, blue in colours_at)


def blended(strip: Strip, colours: str) -> UInt8[np.ndarray, "t p q 3"]:
    """Pictures of at most `_PICTURE_PX` pixels."""
    frames = strip.clip.frames
    height, width = frames.shape[1:3]
    shrink = min(1.0, _PICTURE_PX / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    below = np.stack([np.asarray(Image.fromarray(f).resize(size).convert("L")) for f in frames])
    values = np.stack([_resized(m, size, smooth=strip.smooth) for m in strip.maps])
    return _over(below[..., None].astype(float), values, strip, colours).round().astype(np.uint8)


def _over(
    below: Float[np.ndarray, "*n 1"], values: Float[np.ndarray, "*n"], strip: Strip, colours: str
) -> Float[np.ndarray, "*n 3"]:
    """The colours of values mixed with the grey below them, RGB in 0 to 255."""
    shares = (values / max(abs(strip.low), abs(strip.high))).clip(-1, 1)
    shares = np.where(values < 0, 0.0, shares) if strip.low >= 0 else shares
    size = np.abs(shares)
    weights = _PALE + (1 - _PALE) * size
    if strip.low < 0:
        weights = 0.5 + np.sign(shares) * weights / 2
    colour = np.array(_palette(colours))[(255 * weights).round().astype(int)]
    mixed: np.ndarray = below + _OPAQUE * np.sqrt(size)[..., None] * (colour - below)
    return mixed


def _resized(
    values: Float[np.ndarray, "a b"], size: tuple[int, int], *, smooth: bool
) -> Float[np.ndarray, "p q"]:
    """A map as large as a picture: cells as they are, pixels averaged where they are more."""
    image = Image.fromarray(values.astype(np.float32))
    larger = image.width >= size[0] or image.height >= size[1]
    how = Image.Resampling.BILINEAR if smooth or larger else Image.Resampling.NEAREST
    resized: np.ndarray = np.asarray(image.resize(size, how))
    return resized


def colour_bar(strip: Strip, colours: str, bar: dict[str, Any]) -> dict[str, Any]:
    """A trace that carries the colour bar: what values look like over middle grey."""
    shares = np.linspace(0, 1, _BAR_STEPS)
    values = strip.low + shares * (strip.high - strip.low)
    mixed = _over(np.full((_BAR_STEPS, 1), _GREY), values, strip, colours).round().astype(int)
    scale = [
        [share, f"rgb({red},{green},{blue})"]
        for share, (red, green, blue) in zip(shares.tolist(), mixed.tolist(), strict=True)
    ]
    return theme.pointless(
        {
            "color": [strip.low],
            "cmin": strip.low,
            "cmax": strip.high,
            "colorscale": scale,
            "showscale": True,
            "colorbar": bar,
        }
    )
