"""Sampling to the index, against the published formulas written out as loops."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.types import InputSpec, UserError
from tam_viz.video.sampling import dense, sample, uniform

FRAMES = pytest.mark.parametrize("t", [8, 16])


@FRAMES
def test_uniform_one_view(t: int) -> None:
    for n in range(1, 401):
        tick = n / t
        assert uniform(n, t)[0].tolist() == [int(tick / 2 + tick * i) for i in range(t)], n


@FRAMES
@pytest.mark.parametrize("views", [2, 10])
def test_uniform_several_views(t: int, views: int) -> None:
    for n in range(1, 401):
        tick = n / t
        starts = np.linspace(0, tick - 1, views, dtype=int)
        expected = [[int(start + tick * i) % n for i in range(t)] for start in starts]
        assert uniform(n, t, views).tolist() == expected, n


@FRAMES
@pytest.mark.parametrize("views", [1, 10])
def test_dense(t: int, views: int) -> None:
    for n in range(1, 401):
        step = 64 // t
        positions = max(1, 1 + n - step * t)
        starts = [positions // 2] if views == 1 else np.linspace(0, positions - 1, views, dtype=int)
        expected = [[(i * step + start) % n for i in range(t)] for start in starts]
        assert dense(n, t, views).tolist() == expected, n


def test_published_examples() -> None:
    """0-based; the published lists count from 1."""
    assert (uniform(300, 8)[0] + 1).tolist() == [19, 57, 94, 132, 169, 207, 244, 282]
    assert (dense(300, 8)[0] + 1).tolist() == list(range(119, 176, 8))
    assert (dense(300, 8, 10)[0] + 1).tolist() == list(range(1, 58, 8))
    assert (dense(300, 8, 10)[-1] + 1).tolist() == list(range(237, 294, 8))
    assert (dense(30, 8, 10) + 1).tolist() == [[1, 9, 17, 25, 3, 11, 19, 27]] * 10


def test_the_spec_decides() -> None:
    spec = InputSpec(8, 64, 64, sampling="dense", views=3)
    assert (sample(100, spec) == dense(100, 8, 3)).all()
    assert (sample(100, InputSpec(8, 64, 64)) == uniform(100, 8)).all()


def test_an_unknown_sampling_is_refused() -> None:
    spec = InputSpec(8, 64, 64)
    object.__setattr__(spec, "sampling", "dens")  # as a card.json might say
    with pytest.raises(UserError, match="no sampling 'dens'"):
        sample(100, spec)


def _by_hand(video_frames: int, frames: int, views: int, step: int, view: int) -> list[int]:
    room = max(video_frames - ((frames - 1) * step + 1), 0)
    start = room // 2 if views == 1 else round(view * room / (views - 1))
    return [(start + i * step) % video_frames for i in range(frames)]


@pytest.mark.parametrize(
    ("frames", "step", "views"), [(32, 2, 1), (32, 2, 10), (8, 8, 10), (4, 16, 3)]
)
@pytest.mark.parametrize("video_frames", [1, 5, 30, 57, 64, 100, 301])
def test_interval_is_that_of_3d_networks(
    video_frames: int, frames: int, step: int, views: int
) -> None:
    spec = InputSpec(frames, 64, 64, sampling="interval", views=views, interval=step)
    rows = sample(video_frames, spec)
    assert rows.tolist() == [
        _by_hand(video_frames, frames, views, step, view) for view in range(views)
    ]
    if video_frames > (frames - 1) * step:
        assert (np.diff(rows, axis=1) == step).all()
        assert views == 1 or rows[-1, -1] == video_frames - 1


def test_twice_is_middles_and_beginnings() -> None:
    rows = sample(300, InputSpec(8, 64, 64, sampling="twice", views=2))
    assert (rows[0] == uniform(300, 8)[0]).all()
    assert rows[1].tolist() == [0, 37, 75, 112, 150, 187, 225, 262]
    with pytest.raises(UserError, match="gives 2 views"):
        sample(300, InputSpec(8, 64, 64, sampling="twice"))
