"""Log-odds against a loop, and which two classes are spoken of."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tam_viz.analysis.edits import contrasts
from tam_viz.analysis.edits.contrasts import ALL_OTHERS, Contrast, Subject, subject_of
from tam_viz.types import Prediction

CLASSES = ("moves left", "moves right", "hides")
PAIRS = {"moves left": "moves right", "moves right": "moves left"}


def said(*logits: float) -> Prediction:
    row = np.array(logits, dtype=np.float32)
    return Prediction(row, row[None], CLASSES[: len(logits)])


def roles(found: Subject) -> tuple[str, str, str | None, str | None]:
    return found.name, found.role, found.rival, found.rival_role


def test_log_odds_are_those_of_a_loop() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (4, 5, 7)).astype(np.float32)
    found = contrasts.log_odds(logits, 2)
    logs = contrasts.log_probability(logits, 2)
    assert found.shape == logs.shape == (4, 5)
    for i in range(4):
        for j in range(5):
            row = [float(x) for x in logits[i, j]]
            p = math.exp(row[2]) / sum(math.exp(x) for x in row)
            assert found[i, j] == pytest.approx(math.log(p / (1 - p)), rel=1e-12)
            assert logs[i, j] == pytest.approx(math.log(p), rel=1e-12)


def test_log_odds_are_finite_where_the_probability_rounds_to_one() -> None:
    logits = np.array([500.0, -500.0, 0.0], dtype=np.float32)
    assert float(contrasts.log_odds(logits, 0)) == pytest.approx(500)
    assert np.isfinite(contrasts.log_odds(logits, 1))
    assert float(contrasts.log_probability(logits, 0)) == 0


def test_log_odds_do_not_care_for_what_is_added_to_all_logits() -> None:
    logits = np.array([1.0, 2.0, 3.0])
    assert contrasts.log_odds(logits + 100, 1) == pytest.approx(contrasts.log_odds(logits, 1))


@pytest.mark.parametrize(
    ("logits", "truth", "expected"),
    [
        ((2, 0, 1), "moves left", ("moves left", "true", "moves right", "mirrored")),
        ((0, 1, 2), "moves left", ("moves left", "true", "hides", "said")),
        ((0, 1, 2), None, ("hides", "said", "moves right", "next")),
        ((0, 1, 2), "dances", ("hides", "said", "moves right", "next")),
        ((2, 0, 1), None, ("moves left", "said", "moves right", "mirrored")),
        ((0, 1, 2), "hides", ("hides", "true", "moves right", "next")),
    ],
)
def test_a_wrong_answer_is_what_a_class_is_held_against(
    logits: tuple[int, ...], truth: str | None, expected: tuple[str, ...]
) -> None:
    found = subject_of(said(*map(float, logits)), truth, PAIRS)
    assert roles(found) == expected
    assert found.known == (expected[1] == "true")
    assert CLASSES[found.class_index] == found.name
    assert CLASSES[found.rival_index or 0] == found.rival


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Contrast("hides"), ("hides", "said", "moves left", "true")),
        (Contrast("moves right"), ("moves right", "chosen", "hides", "said")),
        (Contrast(None, "moves right"), ("moves left", "true", "moves right", "mirrored")),
        (Contrast("hides", "moves right"), ("hides", "said", "moves right", "next")),
        (Contrast("moves right", "moves left"), ("moves right", "chosen", "moves left", "true")),
        (Contrast(None, "moves left"), ("moves left", "true", "hides", "said")),
        (Contrast("dances", "swims"), ("moves left", "true", "hides", "said")),
        (Contrast(None, ALL_OTHERS), ("moves left", "true", None, None)),
    ],
)
def test_the_two_classes_are_chosen(asked: Contrast, expected: tuple[str | None, ...]) -> None:
    """The network says 'hides', then 'moves right'; the clip is 'moves left'."""
    assert roles(subject_of(said(0, 1, 2), "moves left", PAIRS, asked)) == expected


def test_scores_are_against_the_rival_or_against_all_others() -> None:
    logits = np.array([[1.0, 3.0, 7.0], [2.0, 2.0, 0.0]])
    subject = subject_of(said(0, 1, 2), "moves left", PAIRS)
    assert list(subject.score(logits)) == [-6, 2]
    assert subject.says == "'moves left' (the true class) against 'hides' (the predicted class)"
    assert (subject.kind, subject.measure) == ("log-ratio", "log-ratio 'moves left' : 'hides'")
    assert subject.measure_says == (
        "log-ratio 'moves left' (the true class) : 'hides' (the predicted class)"
    )
    alone = subject_of(said(0, 1, 2), "moves left", PAIRS, Contrast(None, ALL_OTHERS))
    assert list(alone.score(logits)) == list(contrasts.log_odds(logits, 0))
    assert alone.against_rival(logits) is None
    assert (alone.kind, alone.measure) == ("log-odds", "log-odds of 'moves left'")
    assert alone.says == "'moves left' (the true class)"
    assert alone.measure_says == "log-odds of 'moves left' (the true class)"


def test_a_network_of_one_class_has_no_rival() -> None:
    alone = subject_of(said(0.0), "moves left", PAIRS)
    assert alone.rival is None
