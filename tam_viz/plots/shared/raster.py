"""Thousands of dots as one picture: as elements of the page each would be drawn anew at a click."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float
from PIL import Image

_PX = 2
"""Pixels of the picture for one of the page."""


@dataclass(frozen=True)
class Cloud:
    """Dots that look alike.

    Attributes:
        xy: Coordinates as the bytes of float32 pairs, so that a cloud can key a cache.
        colour: As `#rrggbb`.
        size: Diameter in pixels of the page.
        opacity: In (0, 1].
    """

    xy: bytes
    colour: str
    size: float
    opacity: float = 1.0


def cloud(xy: Float[np.ndarray, "n 2"], colour: str, size: float, opacity: float = 1.0) -> Cloud:
    """Dots at coordinates of the axes."""
    return Cloud(xy.astype(np.float32).tobytes(), colour, size, opacity)


def picture(
    clouds: Sequence[Cloud],
    across: tuple[float, float],
    upwards: tuple[float, float],
    size_px: tuple[int, int],
) -> dict[str, Any]:
    """A layout image of clouds, later ones above earlier ones, that fills the axes x and y.

    Args:
        clouds: What to draw.
        across: Range of x.
        upwards: Range of y.
        size_px: Width and height that the axes will have on the page.
    """
    return {
        "source": _drawn(tuple(clouds), across, upwards, size_px),
        "xref": "x",
        "yref": "y",
        "x": across[0],
        "y": upwards[1],
        "sizex": across[1] - across[0],
        "sizey": upwards[1] - upwards[0],
        "sizing": "stretch",
        "layer": "below",
    }


@lru_cache(maxsize=32)
def _drawn(
    clouds: tuple[Cloud, ...],
    across: tuple[float, float],
    upwards: tuple[float, float],
    size_px: tuple[int, int],
) -> str:
    width, height = (side * _PX for side in size_px)
    canvas = np.zeros((height, width, 4), np.float32)  # colours already times their opacity
    for cloud in clouds:
        xy = np.frombuffer(cloud.xy, np.float32).reshape(-1, 2)
        x = (xy[:, 0] - across[0]) / (across[1] - across[0]) * width
        y = (upwards[1] - xy[:, 1]) / (upwards[1] - upwards[0]) * height
        mask = _disk(cloud.size * _PX / 2)[..., None] * np.float32(cloud.opacity)
        rgb = [int(cloud.colour[i : i + 2], 16) for i in (1, 3, 5)]
        ink = mask * np.array([*rgb, 255], np.float32)
        side = len(mask)
        lefts = (x - side / 2).round().astype(int).clip(0, width - side)
        tops = (y - side / 2).round().astype(int).clip(0, height - side)
        for left, top in zip(lefts, tops, strict=True):
            part = canvas[top : top + side, left : left + side]
            part *= 1 - mask
            part += ink
    alpha = np.maximum(canvas[..., 3:], 1e-6)
    canvas[..., :3] *= 255 / alpha
    buffer = io.BytesIO()
    image = Image.fromarray(canvas.round().astype(np.uint8))
    few = image.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _disk(radius: float) -> Float[np.ndarray, "s s"]:
    """How much of each pixel a disk covers, about."""
    side = int(np.ceil(2 * radius)) + 2
    away = np.arange(side) - (side - 1) / 2
    distance = np.hypot(away[:, None], away[None])
    covered: np.ndarray = (radius + 0.5 - distance).clip(0, 1).astype(np.float32)
    return covered
