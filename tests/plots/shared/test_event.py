"""Shaded are the frames inside the event, and no other, also where a view begins again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from plotly.graph_objects import Figure

from tam_viz.analysis.tam.importance import inside_event
from tam_viz.plots.clip import attribution
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.column_axes import Column
from tam_viz.plots.shared.event import stretches
from tam_viz.plots.tam import importance
from tam_viz.plots.tam.channel_line import channel_lines
from tam_viz.types import Clip, InputSpec
from tam_viz.video.library import GALLERY, read_folder

SOURCES = {source.name: source for source in read_folder(GALLERY)}
DENSE = InputSpec(frames=8, resize=64, size=64, sampling="dense")
V = np.linspace(0.1, 0.9, 8)


def clip_of(times: list[float], event: tuple[float, float] = (0.7, 2.5)) -> Clip:
    """The clip of the gallery at these seconds, with an event of our own."""
    clip = SOURCES["moves_left_1.mp4"].read(DENSE)
    assert clip.truth is not None
    truth = dataclasses.replace(clip.truth, event_s=event)
    return dataclasses.replace(clip, times_s=np.array(times), truth=truth)


def overview(clip: Clip) -> Figure:
    inside = inside_event(clip)
    columns = [Column("one", V[None], clip, inside), Column("two", V[None], None, inside)]
    return importance.block_overview(["layer1.0"], columns, importance.spread_scale(1.0))


def line(clip: Clip) -> Figure:
    rows = [("V", V, theme.IMPORTANCE, "solid")]
    return channel_lines(clip, rows, inside_event(clip), 0)


def deletion(clip: Clip) -> Figure:
    row = attribution.FrameRow("a network", "#123456", clip, inside_event(clip), V, V, V)
    return attribution.frame_bars([row], "a map", 0, "log-odds")


def shaded(figure: Figure, frames: int) -> dict[str, list[bool]]:
    """By x axis, which frames lie under an orange shape; each is covered whole or not at all."""
    found: dict[str, list[bool]] = {}
    for shape in figure.layout.shapes:
        if shape.fillcolor in (theme.EVENT, theme.EVENT_FILL):
            assert (shape.x0 + 0.5, shape.x1 - 0.5) == (int(shape.x0 + 0.5), int(shape.x1 - 0.5))
            row = found.setdefault(shape.xref or "x", [False] * frames)
            for frame in range(int(shape.x0 + 0.5), int(shape.x1 - 0.5) + 1):
                row[frame] = True
    return found


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        (None, []),
        ([False] * 4, []),
        ([True] * 4, [(0, 3)]),
        ([False, True, True, False], [(1, 2)]),
        ([True, False, True, True], [(0, 0), (2, 3)]),
    ],
)
def test_stretches(inside: list[bool] | None, found: list[tuple[int, int]]) -> None:
    assert stretches(None if inside is None else np.array(inside)) == found


@pytest.mark.parametrize("draw", [overview, line, deletion])
@pytest.mark.parametrize(
    "times",
    [
        [0.0, 0.7, 1.3, 2.0, 2.7, 3.3, 0.2, 0.8],  # a dense window that begins again
        [3.5, 3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.0],  # played backwards
        [0.9, 3.0, 0.9, 3.0, 0.9, 3.0, 0.9, 3.0],
        [1.0] * 8,  # one frame repeated
    ],
)
def test_shaded_is_what_lies_inside(draw: Callable[[Clip], Figure], times: list[float]) -> None:
    clip = clip_of(times)
    inside = [0.7 <= time <= 2.5 for time in times]
    rows = shaded(draw(clip), 8)
    assert rows
    assert all(row == inside for row in rows.values())


def test_a_dense_window_over_a_short_clip_begins_again() -> None:
    """The case itself: 64 frames are asked of a video that has fewer."""
    wrapped = 0
    for source in SOURCES.values():
        clip = source.read(DENSE)
        inside = inside_event(clip)
        assert inside is not None
        for draw in (overview, line, deletion):
            rows = shaded(draw(clip), 8)
            assert all(row == inside.tolist() for row in rows.values())
        wrapped += len(stretches(inside)) > 1
    assert wrapped > 0
