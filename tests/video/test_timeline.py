"""Times of frames from clocks of all kinds."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.video.timeline import timeline

NONE = float("nan")


def test_an_even_clock_that_begins_anywhere() -> None:
    line = timeline(100 + np.arange(5) / 25, np.full(5, 0.04), 1 / 30)
    assert line.times_s == pytest.approx(np.arange(5) / 25)
    assert line.duration_s == pytest.approx(0.2)
    assert line.jumps == 0


def test_a_clock_below_zero() -> None:
    assert timeline(np.arange(-3, 2) / 10, np.zeros(5), 1.0).times_s[0] == 0


def test_no_clock_at_all() -> None:
    line = timeline(np.full(4, NONE), np.zeros(4), 0.5)
    assert line.times_s.tolist() == [0, 0.5, 1, 1.5]
    assert line.duration_s == 2


def test_a_clock_that_stands_still_is_none() -> None:
    assert timeline(np.zeros(4), np.zeros(4), 0.5).times_s.tolist() == [0, 0.5, 1, 1.5]


def test_missing_times_lie_between_their_neighbours() -> None:
    line = timeline(np.array([NONE, 1, NONE, NONE, 4, NONE]), np.zeros(6), 1.0)
    assert line.times_s == pytest.approx(np.arange(6))


def test_frames_at_the_same_time_stay() -> None:
    assert timeline(np.array([0, 1, 1, 2.0]), np.zeros(4), 1.0).times_s.tolist() == [0, 1, 1, 2]


def test_times_given_in_the_order_of_decoding() -> None:
    """As where decoding times were taken for presentation times."""
    assert timeline(np.array([0, 0.3, 0.1, 0.2]), np.zeros(4), 0.1).times_s == pytest.approx(
        [0, 0.1, 0.2, 0.3]
    )


@pytest.mark.parametrize("jump", [-90000.0, 1e9])
def test_a_clock_that_jumps_is_counted_on(jump: float) -> None:
    clock = np.concatenate([np.arange(3.0), jump + np.arange(3.0)])
    line = timeline(clock, np.zeros(6), 1.0)
    assert line.times_s.tolist() == [0, 1, 2, 3, 4, 5]
    assert (line.duration_s, line.jumps) == (6, 1)


def test_no_frame_stands_longer_than_the_file_says_it_lasts() -> None:
    clock = np.array([0.0, 1.0, 2.0, 1500.0])
    assert timeline(clock, np.zeros(4), 1.0).duration_s > 1500  # nothing contradicts it
    assert timeline(clock, np.zeros(4), 1.0, promised_s=4.0).times_s.tolist() == [0, 1, 2, 3]


def test_a_clock_that_hardly_goes_is_not_believed() -> None:
    slow = timeline(np.arange(40) * 2184.0, np.full(40, 2184.0), 0.04)
    assert slow.duration_s == pytest.approx(1.6)
    assert slow.doubted_s == 2184
    lapse = timeline(np.arange(40) * 15.0, np.full(40, 15.0), 0.04)
    assert (lapse.duration_s, lapse.doubted_s) == (600, 0)


def test_the_last_frame_stands_as_long_as_stated_if_the_one_before_did() -> None:
    clock = np.array([0, 0.1, 0.2])
    assert timeline(clock, np.array([0.1, 0.1, 0.5]), 1.0).duration_s == pytest.approx(0.7)
    assert timeline(clock, np.array([0.5, 0.5, 0.5]), 1.0).duration_s == pytest.approx(0.3)
    assert timeline(np.array([5.0]), np.array([0.5]), 1.0).duration_s == 0.5
    assert timeline(np.array([5.0]), np.array([0.0]), 0.04).duration_s == 0.04


def test_whatever_the_clock_times_are_finite_and_never_fall() -> None:
    rng = np.random.default_rng(0)
    for trial in range(200):
        clock = rng.choice([0, 1e-6, 1, 40, 1e6, 9e18], 30) * rng.standard_normal(30)
        clock[rng.random(30) < trial / 200] = NONE
        line = timeline(clock, rng.choice([0, 0.1, 1e18], 30), 0.04)
        assert np.isfinite(line.times_s).all()
        assert line.times_s[0] == 0
        assert (np.diff(line.times_s) >= 0).all()
        assert line.times_s[-1] < line.duration_s <= 30 * 3600
