"""Statistics of traces, on arrays whose answers are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.analysis.clip import predictions
from tam_viz.analysis.tam import importance, importance_words, kernels
from tam_viz.types import BlockTrace, Card, Clip, InputSpec, Prediction, Run, TAMTrace
from tests.support.there import there

V = np.array(
    [[0.5, 0.5, 0.5, 0.5], [0.9, 0.1, 0.1, 0.1], [0.2, 0.2, 0.8, 0.2], [0.4, 0.4, 0.5, 0.4]]
)
K = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
BLOCK = BlockTrace("layer1.0", V, K)
TRACE = TAMTrace((BLOCK, BlockTrace("layer2.0", V[:, ::-1], K[:, ::-1])))


def test_centred_has_no_mean_per_channel_away_from_the_edges() -> None:
    shifted = importance.centred(V)
    np.testing.assert_allclose(shifted[:, 1:-1].mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(shifted[2], [-0.3, -0.3, 0.3, -0.3])
    np.testing.assert_allclose(shifted[1], [0.8, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(importance.centred(V[:, :2])[1], [0.4, -0.4])  # nothing but edges


def test_padding_alone_is_no_departure() -> None:
    """A still clip: V of its first and last frame differs, since they see zero padding."""
    still = np.array([[0.2, 0.5, 0.5, 0.5, 0.5, 0.8], [0.9, 0.4, 0.4, 0.4, 0.4, 0.1]])
    assert importance.departure(still) == pytest.approx(0, abs=1e-12)
    moving = still.copy()
    moving[0, 2] = 0.7
    np.testing.assert_allclose(importance.departure(moving), np.sqrt(0.03 / 8))


def test_orders() -> None:
    assert importance.channel_order(V, "stored").tolist() == [0, 1, 2, 3]
    assert importance.channel_order(V, "variance").tolist() == [2, 3, 0, 1]
    assert importance.channel_order(V, "peak").tolist() == [0, 1, 2, 3]


def test_the_liveliest_channel_is_the_one_on_which_the_clip_tells() -> None:
    frozen = np.array(
        [[0.5, 0.5, 0.5, 0.5], [0.1, 0.1, 0.1, 0.1], [0.2, 0.2, 0.8, 0.2], [0.4, 0.4, 0.4, 0.4]]
    )
    # Channel 1 differs at a padded edge only; channel 2 varies most, but with a frozen frame too.
    assert importance.liveliest(V, frozen) == 3


def test_spread_is_not_the_mean() -> None:
    mirrored = np.array([[0.1, 0.9], [0.9, 0.1]])
    trace = TAMTrace((BlockTrace("a", mirrored, K[:2]),))
    assert mirrored.mean(0).tolist() == [0.5, 0.5]
    np.testing.assert_allclose(importance.spread(trace), [[0.4, 0.4]])


def test_probes_are_told_by_their_mean_and_by_the_chosen_block() -> None:
    """The best of many blocks is always good on a few frames, so it is not what is told."""
    gap = np.nan
    right, wrong = [gap, -1.0, 2.0, 1.0, gap], [gap, 1.0, -2.0, -1.0, gap]
    half = [gap, 0.0, 1.0, -1.0, gap]
    names = ("layer1.0", "layer2.0", "layer3.0")
    inside = np.array([False, False, True, True, True])
    scores, base = np.array([right, half, wrong]), np.array([half, wrong, wrong])
    assert importance_words.describe_probe(names, scores, base, inside, "layer3.0") == (
        "Averaged over blocks, a probe ranks a frame inside the event above one outside it in "
        "50% of the pairs of frames (untrained 17%); ½ is chance. In layer3.0 it does so in 0% "
        "(untrained 0%). This clip has 2 such pairs, so a single block says little."
    )
    for unknown, why in ((None, "not annotated"), (np.ones(5, bool), "fills all frames")):
        sentence = importance_words.describe_probe(names, scores, base, unknown, "layer3.0")
        assert why in sentence
        assert "the probe varies most in" in sentence


def test_inside_event(tiny_clip: Callable[..., Clip]) -> None:
    clip = tiny_clip()  # frames at 0, 1/3, 2/3, 1 s; the event from 0.3 to 0.8 s
    assert there(importance.inside_event(clip)).tolist() == [False, True, True, False]


def test_shares_and_lean() -> None:
    np.testing.assert_allclose(kernels.shares(K), K)
    np.testing.assert_allclose(kernels.lean(K), [0.3, -0.5, 0, 0], atol=1e-12)
    five = np.array([[0.1, 0.2, 0.3, 0.15, 0.25]])
    np.testing.assert_allclose(kernels.shares(five), [[0.3, 0.3, 0.4]])


def test_tables_hold_the_numbers(tiny_clip: Callable[..., Clip]) -> None:
    clip = tiny_clip()
    assert importance.importance_table(BLOCK, clip).to_numpy().tolist() == V.tolist()
    assert importance.spread_table(TRACE, clip).shape == (2, 4)
    taps = {block.name: kernels.shares(block.kernel) for block in TRACE.blocks}
    assert list(kernels.kernel_table(BLOCK).columns) == ["t−1", "t", "t+1"]
    assert kernels.quantile_table(taps).loc["layer1.0", "present median"] == pytest.approx(
        np.median(K[:, 1])
    )
    leans = kernels.lean_table({"clip": TRACE})
    assert leans.loc["layer1.0", "clip"] == pytest.approx(-0.05)
    assert leans.loc["layer2.0", "clip"] == pytest.approx(0.05)
    assert list(predictions.frame_table(clip)["time (s)"]) == [0.0, 0.333, 0.667, 1.0]


def test_sentences_hold_the_numbers() -> None:
    flat = BlockTrace("layer1.0", np.full_like(V, 0.5), np.full_like(K, 1 / 3))
    said = importance_words.describe_block(BLOCK, {"untrained": flat})
    assert said == (
        "Away from the edges, channels of layer1.0 depart from their own mean by 0.152 (root mean "
        "square; untrained 0.000); the largest is +0.30, channel 2 in frame 3."
    )
    assert importance_words.describe_channel_importance(BLOCK, 2) == (
        "Away from the edges, channel 2 passes most of frame 3 (V = 0.80) and least of frame 2 "
        "(V = 0.20). It weights frame 3 above its mean (0.50). At the edges, where padding "
        "dominates, V is 0.20 and 0.20."
    )
    assert importance_words.describe_spread(TRACE, {"untrained": TAMTrace((flat, flat))}) == (
        "Away from the edges, V varies most in layer1.0 at frame 3 (0.152); over all blocks "
        "0.152, untrained 0.000."
    )


def test_two_frames_and_even_kernels_are_described() -> None:
    """Nothing is left without the edges, and nothing varies: no error, no warning."""
    short = BlockTrace("layer1.0", V[:, :2], np.full_like(K, 1 / 3))
    trace = TAMTrace((short,))
    assert "frame 1" in importance_words.describe_block(short, {"the same": short})
    assert importance_words.describe_spread(trace, {"the same": trace})
    assert importance_words.describe_channel_importance(short, 0).endswith(
        "least of frame 1 (V = 0.50)."
    )


def test_predictions_in_words(tiny_clip: Callable[..., Clip]) -> None:
    classes = ("moves left", "moves right")
    card = Card("net", "tam", (1, 1, 1, 1), 8, classes, InputSpec(4, 32, 32))
    logits = np.array([2.0, 0.0])
    run = Run("clip", "net", (), Prediction(logits, logits[None], classes), None, 0.01)
    said = predictions.describe_predictions([card], [run], "moves right")
    assert said == "net predicts 'moves left' (0.88, incorrect). True class: 'moves right'."
    table = predictions.prediction_table([card], [run], "moves right")
    assert table.loc["net", "probability of the true class"] == pytest.approx(0.1192)
    assert table.loc["net", "milliseconds"] == 10.0
    strange = predictions.describe_predictions([card], [run], "abseiling")
    assert "wrong" not in strange
    assert "event 'moves left'" in predictions.describe_frames(tiny_clip())
