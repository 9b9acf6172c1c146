"""Scores of a change, and what is said of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tam_viz.analysis.edits import effect
from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.edits import TAM_OFF
from tam_viz.types import BlockTrace, Edit, Prediction, TAMTrace

CLASSES = ("moves left", "moves right", "hides")
MOVES_LEFT = Subject("moves left", 0, "true", "moves right", 1, "mirrored")


def said(*logits: float) -> Prediction:
    row = np.array(logits, dtype=np.float32)
    return Prediction(row, row[None], CLASSES[: len(logits)])


def test_scores_of_every_variant() -> None:
    table = effect.score_table({"before": said(3, 1, 0), "after": said(0, 4, 0)}, MOVES_LEFT)
    assert list(table["says"]) == ["moves left", "moves right"]
    assert list(table["log-ratio moves left : moves right"]) == [2, -4]
    assert table.loc["after", "log-odds of moves left"] == pytest.approx(-math.log(math.exp(4) + 1))


def test_classes_to_draw() -> None:
    one = effect.leading_classes([said(3, 1, 0)], said(3, 0, 0), MOVES_LEFT, n=1)
    assert one == ["moves left", "moves right"]  # and what it is compared with
    all_three = effect.leading_classes(
        [said(3, 1, 0), said(0, 9, 1)], said(0, 0, 5), MOVES_LEFT, n=1
    )
    assert all_three == ["moves left", "moves right", "hides"]


def test_the_answer_in_words() -> None:
    turned = effect.describe_answers(
        "V = 1", said(3, 1, 0), said(0, 4, 0), said(0, 0, 1), MOVES_LEFT
    )
    assert turned.startswith(
        "With V = 1, the prediction turns from 'moves left' (0.84) to 'moves r"
    )
    assert "log-ratio 'moves left' (the true class) : 'moves right' (the other class of" in turned
    assert "goes from +2.00 to −4.00; with TAM switched off it is +0.00" in turned
    stayed = effect.describe_answers(
        "V = 1", said(3, 1, 0), said(2, 1, 0), said(0, 0, 1), MOVES_LEFT
    )
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
        "V changes most in b, by 0.200 (the second clip differs there by 0.200), a block "
        "whose V is not edited. Θ changes most in b, by 0.245 (the second clip differs there by "
        "0.245)."
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
    table = effect.channel_change_table({"before": before, "after": after}, 1)
    assert list(table["after"]) == [0.7] * 4 + [0.0, 0.7, 0.3]
    assert table.index[0] == "V, frame 1"
    assert effect.describe_channel_change(before, after, 1) == (
        "Channel 1 of b: V changes most in frame 1, from 0.50 to 0.70; past, present and future "
        "go from 0.00, 1.00, 0.00 to 0.00, 0.70, 0.30."
    )
