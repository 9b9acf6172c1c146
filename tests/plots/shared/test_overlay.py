"""Maps over frames: one scale for all frames, the frame seen below, a small figure."""

from __future__ import annotations

import base64
import dataclasses
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from plotly.graph_objects import Figure

from tam_viz.plots.shared import blending, theme
from tam_viz.plots.shared.blending import Strip
from tam_viz.plots.shared.overlay import overlay_frames, overlay_strips
from tam_viz.types import Clip, InputSpec

SCALE: dict[str, Any] = {"low": -1.0, "high": 1.0, "colours": theme.CHANGE, "title": "score"}


def pictures(figure: Figure) -> list[np.ndarray]:
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


def grey(frame: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(frame).convert("L")).astype(float)[..., None]


def test_blending_by_hand(tiny_clip: Callable[..., Clip]) -> None:
    def blended(clip: Clip, maps: np.ndarray) -> np.ndarray:
        return blending.blended(Strip(clip, maps, -1.0, 1.0), theme.CHANGE)

    clip = tiny_clip()
    maps = np.zeros((4, 1, 1))
    maps[:, 0, 0] = [0.0, 1.0, 9.0, -0.25]
    mixed = blended(clip, maps)
    assert (mixed[0] == grey(clip.frames[0])).all()  # zero leaves the grey frame as it is
    palette = np.array(blending._palette(theme.CHANGE))
    by_hand = 0.2 * grey(clip.frames[1]) + 0.8 * palette[-1]
    assert np.abs(mixed[1] - by_hand).max() <= 0.5 + 1e-9
    twice = blended(clip, maps[[0, 0, 2, 0]])[2]
    at_end = blended(clip, maps[[0, 0, 1, 0]])[2]
    assert (twice == at_end).all()  # beyond the end looks like the end
    place = 0.5 - (0.4 + 0.6 * 0.25) / 2
    quarter = 0.6 * grey(clip.frames[3]) + 0.4 * palette[round(255 * place)]
    assert np.abs(mixed[3] - quarter).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(("low", "colours"), [(-2.0, theme.CHANGE), (0.0, theme.SALIENCY)])
def test_the_colour_bar_is_the_picture_of_each_value_over_middle_grey(
    tiny_clip: Callable[..., Clip], low: float, colours: str
) -> None:
    clip = tiny_clip()
    middle = dataclasses.replace(clip, frames=np.full_like(clip.frames, 128))
    for value in (low, 0.0, 0.5, 1.0, 2.0):
        strip = Strip(middle, np.full((4, 3, 3), value), low, 2.0)
        pixel = blending.blended(strip, colours)[0, 5, 5].astype(int)
        bar = blending.colour_bar(strip, colours, {})["marker"]["colorscale"]
        share = (value - low) / (2.0 - low)
        (colour,) = [text for place, text in bar if place == pytest.approx(share)]
        shown = np.array([int(part) for part in colour[4:-1].split(",")])
        assert np.abs(shown - pixel).max() <= 1
        assert (pixel == 128).all() == (value == 0)  # at 0 the frame is as it is, and the bar too


def test_small_values_can_be_seen_on_any_frame(tiny_clip: Callable[..., Clip]) -> None:
    """A tenth of the largest value moves a pixel by more than 15 of 255 grey levels."""
    clip = tiny_clip()
    for level in (0, 128, 255):
        plain = dataclasses.replace(clip, frames=np.full_like(clip.frames, level))
        for low, colours in ((-1.0, theme.CHANGE), (0.0, theme.SALIENCY)):
            strip = Strip(plain, np.full((4, 2, 2), 0.1), low, 1.0)
            pixel = blending.blended(strip, colours)[0, 0, 0].astype(int)
            assert np.abs(pixel - level).max() > 15


def test_cells_are_drawn_as_they_are_and_smooth_if_asked(tiny_clip: Callable[..., Clip]) -> None:
    clip = tiny_clip()
    plain = dataclasses.replace(clip, frames=np.full_like(clip.frames, 128))
    maps = np.tile(np.array([[1.0, 0.0], [0.0, 0.5]]), (4, 1, 1))
    cells = blending.blended(Strip(plain, maps, -1.0, 1.0), theme.CHANGE)[0]
    half = len(cells) // 2
    for rows in (slice(0, half), slice(half, None)):
        for columns in (slice(0, half), slice(half, None)):
            assert len(np.unique(cells[rows, columns].reshape(-1, 3), axis=0)) == 1
    assert (cells[:half, half:] == 128).all()
    smooth = blending.blended(Strip(plain, maps, -1.0, 1.0, smooth=True), theme.CHANGE)[0]
    assert len(np.unique(smooth.reshape(-1, 3), axis=0)) > 4


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
