"""Resizing and cropping as the published code does it, with its own rounding.

The authors' code works on PIL images: antialiased bilinear, sizes rounded down. mmaction2 works
with OpenCV: bilinear between the four nearest pixels however much the picture shrinks, sizes
rounded to the nearest. Its fixed-point weights may differ from those here by one level in 255.
torchvision resizes its videos like the latter and rounds like the former.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8
from PIL import Image, ImageOps

from tam_viz.types import InputSpec, UserError


@dataclass(frozen=True)
class Crop:
    """A square of a resized frame.

    Attributes:
        left: Of the square in pixels of the resized frame.
        top: The same, downwards.
        mirrored: Whether left and right are swapped.
    """

    left: int
    top: int
    mirrored: bool = False


def resized(image: Image.Image, spec: InputSpec) -> Image.Image:
    """The shorter side becomes `resize`, the longer one follows, if it is not stretched."""
    width, height = image.size
    half = 0.5 if spec.toolkit == "opencv" else 0.0
    if spec.stretch:
        scaled = spec.stretch, spec.resize
    elif width <= height:
        scaled = spec.resize, max(spec.size, int(spec.resize * height / width + half))
    else:
        scaled = max(spec.size, int(spec.resize * width / height + half)), spec.resize
    if image.size == scaled:
        return image
    if spec.toolkit == "pil":
        return image.resize(scaled, Image.Resampling.BILINEAR)
    return Image.fromarray(_bilinear(np.asarray(image), *scaled))


def _bilinear(
    pixels: UInt8[np.ndarray, "h w 3"], width: int, height: int
) -> UInt8[np.ndarray, "k l 3"]:
    """OpenCV's: pixels are areas with their centres at halves, the edge is repeated.

    Only the four neighbours of each new pixel are read, so large frames cost no more than small.
    """
    (top, bottom, down), (left, right, across) = (
        _neighbours(old, new) for old, new in zip(pixels.shape, (height, width), strict=False)
    )
    across, down = across[None, :, None], down[:, None, None]
    above = pixels[top][:, left] * (1 - across) + pixels[top][:, right] * across
    below = pixels[bottom][:, left] * (1 - across) + pixels[bottom][:, right] * across
    mixed: np.ndarray = np.rint(above * (1 - down) + below * down).astype(np.uint8)
    return mixed


def _neighbours(
    old: int, new: int
) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """For each of `new` pixels in a line of `old` the two that it lies between, and how far."""
    centres = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    first = np.floor(centres).astype(np.int64)
    return first, np.minimum(first + 1, old - 1), centres - first


def crops(width: int, height: int, spec: InputSpec) -> list[Crop]:
    """The squares of a resized frame that the protocol looks at.

    One is the centre. Three lie along the longer side, or along the width in the authors' code,
    whatever is longer. Ten are the corners and the centre, each with its mirror image.

    Raises:
        UserError: There is no protocol with so many crops.
    """
    across, down = width - spec.size, height - spec.size
    if spec.crops == 1 and spec.toolkit == "opencv":
        return [Crop(across // 2, down // 2)]
    if spec.crops == 1:
        return [Crop(round(across / 2), round(down / 2))]
    if spec.crops == 3 and spec.toolkit == "pil":
        step, middle = across // 4, 2 * (down // 4)
        return [Crop(0, middle), Crop(4 * step, middle), Crop(2 * step, middle)]
    if spec.crops == 3:
        step = (across if across >= down else down) // 2
        offsets = (0, 2 * step, step)
        return [Crop(p, down // 2) if across >= down else Crop(across // 2, p) for p in offsets]
    if spec.crops == 10:
        x, y = across // 4, down // 4
        corners = [(0, 0), (4 * x, 0), (0, 4 * y), (4 * x, 4 * y), (2 * x, 2 * y)]
        return [Crop(a, b, mirrored) for a, b in corners for mirrored in (False, True)]
    raise UserError(f"There is no protocol with {spec.crops} crops; choose 1, 3 or 10.")


def cut(image: Image.Image, crop: Crop, spec: InputSpec) -> Image.Image:
    """A square of a resized frame."""
    box = (crop.left, crop.top, crop.left + spec.size, crop.top + spec.size)
    square = image.crop(box)
    return ImageOps.mirror(square) if crop.mirrored else square
