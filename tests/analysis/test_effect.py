"""Log-odds against a loop, and what is said of a change."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tam_viz.analysis import effect
from tam_viz.analysis.edits import TAM_OFF
from tam_viz.types import BlockTrace, Edit, Prediction, TAMTrace

CLASSES = ("moves left", "moves right", "hides")
PAIRS = {"moves left": "moves right", "moves right": "moves left"}


def said(*logits: float) -> Prediction:
    row = np.array(logits, dtype=np.float32)
    return Prediction(row, row[None], CLASSES[: len(logits)])


def test_log_odds_are_those_of_a_loop() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (4, 5, 7)).astype(np.float32)
    found = effect.log_odds(logits, 2)
    logs = effect.log_probability(logits, 2)
    assert found.shape == logs.shape == (4, 5)
    for i in range(4):
        for j in range(5):
            row = [float(x) for x in logits[i, j]]
            p = math.exp(row[2]) / sum(math.exp(x) for x in row)
            assert found[i, j] == pytest.approx(math.log(p / (1 - p)), rel=1e-12)
            assert logs[i, j] == pytest.approx(math.log(p), rel=1e-12)


def test_log_odds_are_finite_where_the_probability_rounds_to_one() -> None:
    logits = np.array([500.0, -500.0, 0.0], dtype=np.float32)
    assert float(effect.log_odds(logits, 0)) == pytest.approx(500)
    assert np.isfinite(effect.log_odds(logits, 1))
    assert float(effect.log_probability(logits, 0)) == 0


def test_log_odds_do_not_care_for_what_is_added_to_all_logits() -> None:
    logits = np.array([1.0, 2.0, 3.0])
    assert effect.log_odds(logits + 100, 1) == pytest.approx(effect.log_odds(logits, 1))


def test_the_class_that_is_spoken_of() -> None:
    true = effect.subject_of(said(0, 1, 2), "moves left", PAIRS)
    assert (true.name, true.place, true.known) == ("moves left", 0, True)
    assert (true.rival, true.rival_place) == ("moves right", 1)
    for truth in (None, "dances"):
        own = effect.subject_of(said(0, 1, 2), truth, PAIRS)
        assert (own.name, own.known, own.rival) == ("hides", False, None)
    alone = effect.subject_of(said(0), "moves left", PAIRS)  # its rival is no class of the network
    assert alone.rival is None
    assert alone.against_rival(np.zeros(1)) is None


def test_scores_of_every_variant() -> None:
    to = effect.subject_of(said(3, 1, 0), "moves left", PAIRS)
    table = effect.score_table({"before": said(3, 1, 0), "after": said(0, 4, 0)}, to)
    assert list(table["says"]) == ["moves left", "moves right"]
    assert list(table["log-odds against moves right"]) == [2, -4]
    assert table.loc["after", "log-odds of moves left"] == pytest.approx(-math.log(math.exp(4) + 1))


def test_classes_to_draw() -> None:
    to = effect.subject_of(said(3, 1, 0), "moves left", PAIRS)
    one = effect.leading_classes([said(3, 1, 0)], said(3, 0, 0), to, n=1)
    assert one == ["moves left"]
    all_three = effect.leading_classes([said(3, 1, 0), said(0, 9, 1)], said(0, 0, 5), to, n=1)
    assert all_three == ["moves left", "moves right", "hides"]


def test_the_answer_in_words() -> None:
    to = effect.subject_of(said(3, 1, 0), "moves left", PAIRS)
    turned = effect.describe_answers("V = 1", said(3, 1, 0), said(0, 4, 0), said(0, 0, 1), to)
    assert turned.startswith("With V = 1, the answer turns from 'moves left' (0.84) to 'moves r")
    assert "go from +1.69 to -4.02" in turned
    stayed = effect.describe_answers("V = 1", said(3, 1, 0), said(2, 1, 0), said(0, 0, 1), to)
    assert "stays 'moves left' (0.84 → 0.67)" in stayed


def trace(v: float, k: tuple[float, float, float]) -> TAMTrace:
    late = BlockTrace("b", np.full((2, 4), v), np.tile(k, (2, 1)))
    return TAMTrace((BlockTrace("a", np.full((1, 4), 0.5), np.array([[0.2, 0.3, 0.5]])), late))


def test_changes_are_root_mean_squares() -> None:
    found = effect.change(trace(0.5, (0.0, 1.0, 0.0)), trace(0.7, (0.0, 0.7, 0.3)))
    np.testing.assert_allclose(found.importance, [0, 0.2])
    np.testing.assert_allclose(found.kernel, [0, math.sqrt((0.09 + 0.09) / 3)])
    assert found.end == 0.25
    names = ("a", "b")
    text = effect.describe_change(names, found, found, [Edit("b", "kernel", "centre")])
    assert text == (
        "V changes most in b, by 0.200 (the second clip differs there by 0.200) with nothing "
        "edited there. Θ changes most in b, by 0.245 (the second clip differs there by 0.245)."
    )
    none = effect.change(trace(0.5, (0.0, 1.0, 0.0)), trace(0.5, (0.0, 1.0, 0.0)))
    assert "V is the same in every block" in effect.describe_change(names, none, found, ())
    assert list(effect.change_table(names, found, none)["V, by the edit"]) == list(found.importance)


def test_which_blocks_are_edited() -> None:
    one = [Edit("b", "kernel", "centre")]
    assert effect.edited_blocks(one, ("a", "b"), "kernel") == [False, True]
    assert effect.edited_blocks(one, ("a", "b"), "importance") == [False, False]
    assert effect.edited_blocks(TAM_OFF, ("a", "b"), "importance") == [True, True]


def test_one_channel() -> None:
    before, after = trace(0.5, (0.0, 1.0, 0.0))["b"], trace(0.7, (0.0, 0.7, 0.3))["b"]
    table = effect.channel_table({"before": before, "after": after}, 1)
    assert list(table["after"]) == [0.7] * 4 + [0.0, 0.7, 0.3]
    assert table.index[0] == "V, frame 1"
    assert effect.describe_channel(before, after, 1) == (
        "Channel 1 of b: V changes most in frame 1, from 0.50 to 0.70; past, present and future "
        "go from 0.00, 1.00, 0.00 to 0.00, 0.70, 0.30."
    )
