"""The probes find what is there, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.analysis.tam.probes import ranked_right, tell_apart, variance_told

N = 200


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_two_classes_are_told_apart_by_what_differs(rng: np.random.Generator) -> None:
    second = rng.permutation(N) % 2 == 1
    features = rng.normal(size=(N, 30))
    assert abs(tell_apart(features, second) - 0.5) < 0.15
    features[:, 3] += 6 * second
    assert tell_apart(features, second) > 0.97


def test_more_features_than_clips_teach_nothing_of_other_clips(rng: np.random.Generator) -> None:
    second = rng.permutation(N) % 2 == 1
    assert abs(tell_apart(rng.normal(size=(N, 3 * N)), second) - 0.5) < 0.15


def test_the_share_of_variance_is_that_of_the_signal(rng: np.random.Generator) -> None:
    features = rng.normal(size=(N, 10))
    values = features[:, 2] + rng.normal(size=N)  # half of its variance is noise
    assert variance_told(features, values) == pytest.approx(0.5, abs=0.12)
    assert variance_told(features, rng.normal(size=N)) < 0.1
    assert variance_told(features, features[:, 2]) > 0.99


def test_an_order_of_the_clips_is_no_help(rng: np.random.Generator) -> None:
    drift = np.linspace(0, 1, N)  # folds of neighbours would have to extrapolate
    features = np.stack([drift, rng.normal(size=N)], axis=1)
    assert variance_told(features, drift) > 0.99


def test_frames_are_ranked_on_clips_that_were_held_out(rng: np.random.Generator) -> None:
    clip = np.repeat(np.arange(40), 6)
    inside = rng.random(240) < 0.5
    assert ranked_right(inside[:, None] + rng.normal(size=(240, 1)), inside, clip) > 0.65
    answers = np.repeat(rng.random(40) < 0.5, 6)  # the same for all frames of a clip
    mark = np.eye(40)[clip]  # tells the clip, so it tells the answer of a clip seen in fitting
    assert ranked_right(mark, answers, clip) == pytest.approx(0.5, abs=0.2)
