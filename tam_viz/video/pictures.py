"""A decoded frame as an upright picture in RGB."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from av.sidedata.sidedata import SideData, Type
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace
from jaxtyping import Int32, UInt8
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video.frames import MAX_PIXELS

if TYPE_CHECKING:
    from av.video.frame import VideoFrame


SIDEWAYS = "sideways"
"""Key in `info` of a picture whose rows are columns of the frame that it was decoded from."""

_UNSPECIFIED = 2
"""FFmpeg's number for a matrix that is not stated."""


@dataclass(frozen=True)
class Colours:
    """How numbers become colours, as FFmpeg numbers the ways.

    Attributes:
        range: 1 for 16 to 235, 2 for 0 to 255.
        space: Matrix from luma and chroma to RGB.
    """

    range: int
    space: int

    @classmethod
    def stated(cls, decoder: VideoCodecContext) -> Colours | None:
        """What the container says of a stream that does not say it itself.

        VP8 has no field for the range and knows one matrix; FFmpeg takes another bit
        (clamping_type) for the range, and its word for the container's. Browsers do not.
        """
        if decoder.name not in ("vp8", "libvpx"):
            return None
        full = decoder.color_range == ColorRange.JPEG
        space = int(decoder.colorspace)
        return cls(
            ColorRange.JPEG if full else ColorRange.MPEG,
            Colorspace.ITU601 if space == _UNSPECIFIED else space,
        )


def display_matrix(frame: VideoFrame) -> Int32[np.ndarray, "3 3"] | None:
    """How a frame is to be turned, as `turned` takes it; None if it stays as it is."""
    data: object
    for data in frame.side_data:
        if isinstance(data, SideData) and data.type == Type.DISPLAYMATRIX:
            return np.frombuffer(bytes(data), np.int32).reshape(3, 3)
    return None


def picture(
    frame: VideoFrame,
    stated: Colours | None = None,
    size: tuple[int, int] | None = None,
    matrix: Int32[np.ndarray, "3 3"] | None = None,
) -> Image.Image:
    """Converts a frame to RGB and turns it.

    Args:
        frame: As decoded.
        stated: Colours that count in place of those that the decoder took from the stream.
        size: Width and height to which it is scaled before it is turned; None leaves its own.
        matrix: Its `display_matrix`.

    Raises:
        UserError: The frame is too large.
    """
    if frame.width * frame.height > MAX_PIXELS:
        raise UserError(
            f"A frame of the video has {frame.width}×{frame.height} pixels; "
            f"at most {MAX_PIXELS // 1_000_000} million pixels are decoded."
        )
    if stated is not None:
        frame.color_range, frame.colorspace = stated.range, stated.space
    scaled = frame if size is None else frame.reformat(*size, "rgb24", interpolation="AREA")
    pixels = scaled.to_ndarray(format="rgb24")
    sideways = False
    if matrix is not None:
        pixels, sideways = turned(pixels, matrix), _quarters(matrix) % 2 == 1
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if sideways:
        image.info[SIDEWAYS] = True
    return image


def turned(pixels: UInt8[np.ndarray, "h w 3"], matrix: np.ndarray) -> UInt8[np.ndarray, "k l 3"]:
    """Applies a display matrix: a mirror image first if it has one, then quarter turns.

    Args:
        pixels: As stored.
        matrix: Rows (a, b, u), (c, d, v), (x, y, w) of ISO/IEC 14496-12, section 8.3.2: the
            column axis goes to (a, b), the row axis to (c, d). Only the signs and ratios of the
            four matter; other angles go to the nearest quarter turn.
    """
    if _area(matrix) < 0:
        pixels = pixels[:, ::-1]
    upright: np.ndarray = np.rot90(pixels, -_quarters(matrix))
    return upright


def _area(matrix: np.ndarray) -> int:
    """What a display matrix makes of an area of 1; negative for a mirror image."""
    a, b, c, d = (int(value) for value in matrix[:2, :2].ravel())
    return a * d - b * c


def _quarters(matrix: np.ndarray) -> int:
    """Quarter turns clockwise after the mirror; none where no picture would be left."""
    sign, (a, b) = np.sign(_area(matrix)), (int(value) for value in matrix[0, :2])
    return round(math.degrees(math.atan2(sign * b, sign * a)) / 90) if sign else 0
