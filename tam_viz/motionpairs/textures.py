"""Textures of scenes: vivid sprites on dull backgrounds, drawn once and kept in pools.

Each split has pools of its own, so a network is tested on shapes and textures it never saw.
"""

from __future__ import annotations

import colorsys
import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SPRITES, BACKGROUNDS = 512, 256
_SPRITE_PX = 128
_SUPERSAMPLE = 2
_BACKGROUND_PX = 48

_SHAPES: tuple[tuple[tuple[float, float], ...], ...] = (
    ((-0.95, -0.32), (0.95, -0.32), (0.95, 0.32), (-0.95, 0.32)),  # bar
    ((0.0, -0.95), (0.85, 0.75), (-0.85, 0.75)),  # triangle
    ((-0.75, -0.9), (-0.1, -0.9), (-0.1, 0.25), (0.8, 0.25), (0.8, 0.9), (-0.75, 0.9)),  # L
    ((-0.95, -0.3), (0.1, -0.3), (0.1, -0.8), (0.95, 0.0), (0.1, 0.8), (0.1, 0.3), (-0.95, 0.3)),
    tuple((0.95 * math.cos(a), 0.95 * math.sin(a) - 0.4) for a in np.linspace(0, math.pi, 20)),
    tuple((0.95 * math.cos(a), 0.6 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 30)),
)

_NAMES = ("bar", "triangle", "L", "arrow", "half disc", "ellipse")
POINTING = ("triangle", "arrow")
"""Shapes that seem to point somewhere, whichever way they move."""


def shape_of(pool: int, index: int) -> str:
    """What the outline of a sprite is called."""
    return _NAMES[_draw_shape(np.random.default_rng([pool, 1, index]))]


def _draw_shape(rng: np.random.Generator) -> int:
    """Index in `_SHAPES`; the first number that a sprite draws."""
    return int(rng.integers(len(_SHAPES)))


def _rgb(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


@lru_cache(maxsize=4 * SPRITES)
def sprite(pool: int, index: int) -> Image.Image:
    """One vivid object: RGBA, square, its shape within 0.97 of the half side of its centre.

    Two colours split the shape across its axis, so that turning it shows.
    """
    rng = np.random.default_rng([pool, 1, index])
    shape = _SHAPES[_draw_shape(rng)]
    hue = float(rng.random())
    first = _rgb(hue, rng.uniform(0.75, 1.0), rng.uniform(0.8, 1.0))
    second = _rgb(hue + rng.uniform(0.25, 0.75), rng.uniform(0.6, 1.0), rng.uniform(0.65, 1.0))
    outline = _rgb(hue, 0.5, 0.12)
    side = _SPRITE_PX * _SUPERSAMPLE
    points = [((x + 1) / 2 * side, (y + 1) / 2 * side) for x, y in shape]

    colours = Image.new("RGB", (side, side), first)
    cut = rng.uniform(0.4, 0.6) * side
    ImageDraw.Draw(colours).rectangle((cut, 0, side, side), fill=second)
    border = ImageDraw.Draw(colours)
    border.line([*points, points[0], points[1]], fill=outline, width=side // 16, joint="curve")
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    colours.putalpha(mask)
    return colours.resize((_SPRITE_PX, _SPRITE_PX), Image.Resampling.BOX)


@lru_cache(maxsize=1)
def occluder() -> Image.Image:
    """The dark box with a light border that objects hide behind: RGBA, square, opaque."""
    box = Image.new("RGBA", (_SPRITE_PX, _SPRITE_PX), (205, 205, 200, 255))
    edge = _SPRITE_PX // 20
    inside = (edge, edge, _SPRITE_PX - edge - 1, _SPRITE_PX - edge - 1)
    ImageDraw.Draw(box).rectangle(inside, fill=(34, 34, 38, 255))
    return box


@lru_cache(maxsize=4 * BACKGROUNDS)
def background(pool: int, index: int) -> Image.Image:
    """One dull texture: RGB, square, meant to be enlarged to the size that is needed."""
    rng = np.random.default_rng([pool, 2, index])
    side = _BACKGROUND_PX
    y, x = np.mgrid[0:side, 0:side] / side
    angle = rng.uniform(0, 2 * math.pi)
    along = x * math.cos(angle) + y * math.sin(angle)
    kind = rng.integers(4)
    if kind == 0:
        pattern = rng.standard_normal((side, side))
    elif kind == 1:
        pattern = np.sin(2 * math.pi * (rng.uniform(2, 7) * along + rng.random()))
    elif kind == 2:
        pattern = along
    else:
        centres = rng.random((6, 2))
        distance = (x[..., None] - centres[:, 0]) ** 2 + (y[..., None] - centres[:, 1]) ** 2
        pattern = np.exp(-distance / rng.uniform(0.005, 0.03)).sum(-1)
    pattern = (pattern - pattern.mean()) / (pattern.std() + 1e-6)
    base = np.array(_rgb(rng.random(), rng.uniform(0, 0.25), rng.uniform(0.3, 0.65)), float)
    tint = 1 + 0.1 * rng.standard_normal(3)
    pixels = base + 26 * np.clip(pattern, -2.2, 2.2)[..., None] * tint
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.0)))
