"""The live numbers of the lesson, and what its questions come to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.analysis.tam import lesson
from tam_viz.analysis.tam import lesson_outcomes as outcomes
from tam_viz.capture.features import clip_features
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import BlockTrace, Clip, Edit, Prediction, Run

RNG = np.random.default_rng(0)


def test_frames_that_only_changed_places() -> None:
    x, order = RNG.random((3, 4, 2, 2)), np.array([2, 0, 3, 1])
    assert outcomes.shuffled_maps(x, x[:, order], order) == outcomes.ExperimentOutcome(
        0, {"change": "0%"}
    )
    assert outcomes.shuffled_maps(x, 1.1 * x[:, order], order).answer == 1
    assert outcomes.shuffled_maps(0 * x, 0 * x, order).answer == 0


@pytest.mark.parametrize(
    ("frames", "answer", "said"), [([2], 0, "3"), ([1, 2, 3], 1, "2, 3 and 4"), ([5], 2, "6")]
)
def test_where_a_blank_frame_is_felt(frames: list[int], answer: int, said: str) -> None:
    v = RNG.random((4, 6))
    after = v.copy()
    after[1, frames] += 0.2
    finding = outcomes.blanked_frame(v, after, 2)
    assert finding.answer == answer
    assert finding.numbers == {"changed": said, "most": "0.20"}


def test_a_blank_frame_that_nobody_feels() -> None:
    v = RNG.random((4, 6))
    assert outcomes.blanked_frame(v, v, 2).numbers["changed"] == "none"


@pytest.mark.parametrize(
    ("same_v", "same_theta", "answer"),
    [(True, True, 0), (False, True, 1), (True, False, 2), (False, False, 3)],
)
def test_what_channels_with_the_same_numbers_share(
    same_v: bool, same_theta: bool, answer: int
) -> None:
    v, theta = RNG.random((2, 6)), RNG.random((2, 3))
    if same_v:
        v[1] = v[0]
    if same_theta:
        theta[1] = theta[0]
    finding = outcomes.same_numbers(v, theta, 0, 1)
    assert finding.answer == answer
    assert finding.numbers["donor"] == "1"


def test_kernels_of_the_clip_played_backwards() -> None:
    forwards = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1], [0.7, 0.2, 0.1], [0.3, 0.4, 0.3]])
    then = np.array([[0.1, 0.2, 0.7], [0.68, 0.22, 0.1], [0.1, 0.9, 0.0], [0.3, 0.4, 0.3]])
    found = [outcomes.backwards_kernels(forwards, then, c) for c in range(4)]
    assert [f.answer for f in found] == [0, 1, 2, 1]  # a kernel alike both ways has stayed
    shares = {name: found[0].numbers[name] for name in ("mirrored", "kept", "neither")}
    assert shares == {"mirrored": "25%", "kept": "50%", "neither": "25%"}


@pytest.mark.parametrize("frames", [4, 8, 16])
def test_a_kernel_that_looks_ahead_brings_content_earlier(frames: int) -> None:
    finding = outcomes.impulse_through_future(frames)
    assert finding.answer == 0
    assert int(finding.numbers["came_out"]) == int(finding.numbers["went_in"]) - 1


def test_the_channel_that_is_least_alike() -> None:
    kernel = np.array([[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.0, 0.1, 0.9]])
    assert outcomes.furthest_channel(kernel, 0) == 2


def said(logits: list[float]) -> Run:
    numbers = np.array(logits, float)
    return Run("c", "n", (), Prediction(numbers, numbers[None], ("a", "b", "c")), None, 0.0)


def test_whether_the_answer_survives() -> None:
    finding = outcomes.taken_out(said([3, 0, 0]), said([2, 1, 0]), said([0, 0, 5]))
    assert finding.answer == 0
    assert [finding.numbers[name] for name in ("said", "then", "last")] == ["a", "a", "c"]
    assert outcomes.taken_out(said([3, 0, 0]), said([0, 3, 0]), said([0, 0, 5])).answer == 1


@pytest.mark.parametrize(
    ("v", "theta", "answer"),
    [
        ([2, 1, 0], [0, 3, 0], 0),
        ([0, 3, 0], [2, 1, 0], 1),
        ([2, 1, 0], [2, 1, 0], 2),
        ([0, 3, 0], [0, 0, 3], 3),
    ],
)
def test_which_level_alone_keeps_the_prediction(
    v: list[float], theta: list[float], answer: int
) -> None:
    finding = outcomes.one_level(said([3, 0, 0]), said(v), said(theta))
    assert finding.answer == answer
    assert finding.numbers["with_v"] == ("a" if answer in (0, 2) else "b")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (1e-6, "less than 0.001%"), (0.000123, "0.012%"), (0.034, "3.4%"), (1.0, "100%")],
)
def test_shares_are_written_with_what_counts(share: float, text: str) -> None:
    assert lesson.percent(share) == text


def test_the_terms_of_a_frame_add_up_to_its_output(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    features = clip_features(loaded, clip)["layer3.0"]
    flat = BlockTrace("layer3.0", np.full((32, 4), 0.5), np.full((32, 3), 1 / 3))
    edited = run(loaded, clip, (Edit("layer3.0", "importance", "one"),))
    assert edited.trace is not None
    for frame, terms in enumerate((2, 3, 3, 2)):
        numbers = lesson.live_numbers(
            features,
            flat,
            channel=5,
            frame=frame,
            network="n",
            blocks=("layer1.0", "layer2.0", "layer3.0", "layer4.0"),
            network_macs=10**9,
        )
        assert numbers["terms"].count("+") == terms - 1
        assert float(numbers["terms_sum"]) == pytest.approx(features.y[5, frame].mean(), abs=6e-4)
    assert numbers["position"] == "3rd"
    assert numbers["untrained_moves"] == "; untrained, the same block departs by 0.00"
    assert numbers["macs_tam"] == f"{features.cost.total:,}"
    assert numbers["macs_tam_authors"] == f"{features.cost.authors_total:,}"
    assert numbers["reach"] == "3"  # four blocks, but only three frames away there is an end
    assert (numbers["alpha"], numbers["beta"]) == ("2", "4")
