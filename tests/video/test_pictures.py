"""Decoded frames as upright pictures in the right colours, one at a time."""

from __future__ import annotations

import weakref
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video import pictures
from tam_viz.video.pictures import Colours, picture, turned
from tam_viz.video.readers import read_video
from tests.video.numbered import CORNERS, film
from tests.video.numbered import picture as numbered

ONE = 1 << 16


def matrix(a: int, b: int, c: int, d: int) -> np.ndarray:
    return np.array([[a, b, 0], [c, d, 0], [0, 0, 1 << 30]], np.int32)


def corners(pixels: np.ndarray) -> tuple[int, ...]:
    """Which of the four colours is at the top left, top right, bottom left, bottom right."""
    places = (pixels[2, 2], pixels[2, -3], pixels[-3, 2], pixels[-3, -3])
    return tuple(CORNERS.index(tuple(int(v) for v in place)) for place in places)


@pytest.mark.parametrize(
    ("abcd", "expected"),
    [
        ((ONE, 0, 0, ONE), (0, 1, 2, 3)),
        ((0, ONE, -ONE, 0), (2, 0, 3, 1)),  # a quarter turn clockwise
        ((-ONE, 0, 0, -ONE), (3, 2, 1, 0)),
        ((0, -ONE, ONE, 0), (1, 3, 0, 2)),
        ((-ONE, 0, 0, ONE), (1, 0, 3, 2)),  # a mirror image
        ((ONE, 0, 0, -ONE), (2, 3, 0, 1)),
        ((0, ONE, ONE, 0), (0, 2, 1, 3)),
        ((0, -ONE, -ONE, 0), (3, 1, 2, 0)),
        ((2 * ONE, 0, 0, 2 * ONE), (0, 1, 2, 3)),
        ((64000, 14000, -14000, 64000), (0, 1, 2, 3)),  # some degrees
        ((0, 0, 0, 0), (0, 1, 2, 3)),
    ],
)
def test_turns_and_mirror_images(
    abcd: tuple[int, int, int, int], expected: tuple[int, ...]
) -> None:
    upright = turned(numbered(5), matrix(*abcd))
    assert corners(upright) == expected
    a, b, *_ = abcd
    assert (upright.shape == (128, 96, 3)) == (abs(b) > abs(a))


def test_a_matrix_moves_the_axes_where_it_says() -> None:
    """Against the definition: the pixel (x, y) goes to (a·x + c·y, b·x + d·y), up to a shift."""
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    for a, b, c, d in ((0, 1, -1, 0), (0, 1, 1, 0), (-1, 0, 0, 1), (0, -1, 1, 0)):
        places = {(a * x + c * y, b * x + d * y): pixels[y, x] for y in range(2) for x in range(3)}
        left, top = min(x for x, _ in places), min(y for _, y in places)
        upright = turned(pixels, matrix(a, b, c, d))
        for (x, y), colour in places.items():
            assert (upright[y - top, x - left] == colour).all()


def test_the_range_of_vp8_is_that_of_the_container() -> None:
    frame = av.VideoFrame.from_ndarray(numbered(0), format="rgb24").reformat(format="yuv420p")
    frame.color_range = ColorRange.JPEG  # as FFmpeg takes it from the bit clamping_type
    right = np.asarray(picture(frame, Colours(ColorRange.MPEG, 5)))
    assert np.abs(right[3, 3].astype(int) - CORNERS[0]).max() < 4


@pytest.mark.parametrize("codec", ["vp8", "vp9"])
def test_only_vp8_is_told_its_colours(codec: str) -> None:
    context = av.CodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)
    stated = Colours.stated(context)
    assert stated == (Colours(ColorRange.MPEG, 5) if codec == "vp8" else None)


def test_a_frame_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)
    with pytest.raises(UserError, match="64×64 pixels"):
        picture(av.VideoFrame(64, 64, "rgb24"))


def test_one_large_picture_at_a_time(tmp_path: Path) -> None:
    """However many frames are wanted, each is made small before the next one is decoded."""
    made: list[weakref.ref[Image.Image]] = []
    most = 0

    def small(image: Image.Image) -> Image.Image:
        nonlocal most
        made.append(weakref.ref(image))
        most = max(most, sum(ref() is not None for ref in made))
        return image.resize((8, 8))

    frames = read_video(film(tmp_path / "film.mp4"), "film", np.arange, small)
    assert len(frames.images) == 40
    assert most <= 2
