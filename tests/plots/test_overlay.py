"""Maps over frames: one scale for all frames, the frame seen below, a small figure."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tam_viz.plots import overlay, theme
from tam_viz.plots.overlay import Strip, overlay_frames, overlay_strips
from tam_viz.types import Clip, InputSpec

SCALE = {"low": -1.0, "high": 1.0, "colours": theme.CHANGE, "title": "score"}


def pictures(figure: object) -> list[np.ndarray]:
    sources = [image.source for image in figure.layout.images]
    data = [base64.b64decode(source.split(",")[1]) for source in sources]
    return [np.asarray(Image.open(io.BytesIO(one))) for one in data]


@pytest.mark.parametrize(("frames", "size", "rows"), [(4, 32, 1), (8, 64, 1), (32, 224, 4)])
def test_every_frame_is_there_and_the_figure_is_small(
    tiny_clip: Callable[..., Clip], frames: int, size: int, rows: int
) -> None:
    clip = tiny_clip(spec=InputSpec(frames, size, size))
    maps = np.random.default_rng(0).normal(size=(frames, 7, 5))
    figure = overlay_frames(clip, maps, **SCALE)
    shown = pictures(figure)
    assert len(shown) == frames
    assert {picture.shape for picture in shown} == {(min(size, 128), min(size, 128), 3)}
    assert len({image.y for image in figure.layout.images}) == rows
    assert [text.split(" ")[0] for text in figure.data[1].text] == [
        str(i) for i in range(1, frames + 1)
    ]
    assert len(figure.to_json()) < 1_000_000


def test_the_scale_is_the_one_that_was_given(tiny_clip: Callable[..., Clip]) -> None:
    figure = overlay_frames(tiny_clip(), np.full((4, 2, 2), 0.1), **SCALE)
    marker = figure.data[3].marker
    assert (marker.cmin, marker.cmax) == (-1.0, 1.0)
    assert marker.colorbar.title.text == "score"


def test_blending_by_hand(tiny_clip: Callable[..., Clip]) -> None:
    def blended(clip: Clip, maps: np.ndarray) -> np.ndarray:
        return overlay._blended(Strip(clip, maps, -1.0, 1.0), theme.CHANGE)

    clip = tiny_clip()
    maps = np.zeros((4, 1, 1))
    maps[:, 0, 0] = [0.0, 1.0, 9.0, -0.5]
    mixed = blended(clip, maps)
    assert (mixed[0] == clip.frames[0]).all()  # zero leaves the frame as it is
    palette = np.array(overlay._palette(theme.CHANGE))
    by_hand = 0.2 * clip.frames[1] + 0.8 * palette[-1]
    assert np.abs(mixed[1] - by_hand).max() <= 0.5 + 1e-9
    twice = blended(clip, maps[[0, 0, 2, 0]])[2]
    at_end = blended(clip, maps[[0, 0, 1, 0]])[2]
    assert (twice == at_end).all()  # beyond the end looks like the end
    half = 0.6 * clip.frames[3] + 0.4 * palette[round(255 / 4)]
    assert np.abs(mixed[3] - half).max() <= 0.5 + 1e-9


def test_a_frame_is_pointed_at(tiny_clip: Callable[..., Clip]) -> None:
    plain = pictures(overlay_frames(tiny_clip(), np.zeros((4, 2, 2)), **SCALE))
    marked = pictures(overlay_frames(tiny_clip(), np.zeros((4, 2, 2)), highlight=2, **SCALE))
    changed = [not np.array_equal(a, b) for a, b in zip(plain, marked, strict=True)]
    assert changed == [False, False, True, False]
    assert marked[2].shape == plain[2].shape


def test_strips_have_names_and_scales_of_their_own(tiny_clip: Callable[..., Clip]) -> None:
    maps = np.zeros((4, 2, 2))
    wide = InputSpec(12, 32, 32)
    strips = [
        Strip(tiny_clip(), maps, -1.0, 1.0, "first"),
        Strip(tiny_clip(spec=wide), np.zeros((12, 3, 3)), 0.0, 5.0, "second"),
    ]
    figure = overlay_strips(strips, colours=theme.CHANGE, title="score")
    assert [trace.text[0] for trace in figure.data[2::4]] == ["first", "second"]
    bars = [trace.marker for trace in figure.data[3::4]]
    assert [(bar.cmin, bar.cmax) for bar in bars] == [(-1.0, 1.0), (0.0, 5.0)]
    assert bars[0].colorbar.y > bars[1].colorbar.y
    assert len(figure.layout.images) == 16
    assert tuple(figure.layout.xaxis.range) == (-0.5, 7.5)
