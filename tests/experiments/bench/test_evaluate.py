"""Scores are what they say, and several networks see the same clips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from tam_viz.analysis.bench.results import Measured
from tam_viz.experiments.bench.evaluate import evaluate, metrics_of, score
from tam_viz.models.engine import LoadedModel
from tam_viz.types import InputSpec, UserError, result_of


def measured(models: list[LoadedModel], count: int, **options: Any) -> list[Measured]:
    return result_of(evaluate(models, 4, count, **options))


def test_scores_by_hand() -> None:
    classes = ("moves left", "moves right", "approaches")
    logits = np.array([[3, 1, 2], [1, 2, 3], [2, 1, 3], [0, 1, 2]], dtype=float)
    labels = np.array([0, 1, 0, 2])
    scores = score(logits, labels, classes, ["calm", "hard", "calm", "hard"])
    assert scores.n == 4
    assert scores.top1 == 0.5  # the first and the last
    interval = binomtest(2, 4).proportion_ci(method="wilson")
    assert scores.interval == (interval.low, interval.high)
    assert scores.within_pair == 1.0  # left over right twice, right over left once
    assert scores.by_class == {"moves left": 0.5, "moves right": 0.0, "approaches": 1.0}
    assert scores.by_family == {"horizontal": 1.0}
    assert scores.by_kind == {"calm": 0.5, "hard": 0.5}
    assert metrics_of(scores, 2)[0].protocol.startswith("4 MotionPairs test clips, seed 2")
    assert [m.name for m in metrics_of(scores, 2, "shift")] == ["shift_top1", "shift_within_pair"]


def test_together_is_as_alone(tiny_model: Callable[..., LoadedModel]) -> None:
    small = tiny_model("tsm", InputSpec(4, 48, 48))
    models = [tiny_model(), tiny_model("none"), small]
    together = measured(models, 40)
    assert together == [measured([loaded], 40)[0] for loaded in models]
    assert sum(together[0].by_kind.values()) > 0


def test_the_shift_set_is_told_by_kind(tiny_model: Callable[..., LoadedModel]) -> None:
    (scores,) = measured([tiny_model()], 80, split="shift")
    assert set(scores.by_kind) == {"faster", "slower", "camera", "smaller", "crowded"}


def test_what_cannot_be_measured_is_refused(tiny_model: Callable[..., LoadedModel]) -> None:
    loaded = tiny_model()
    with pytest.raises(UserError, match="At least one clip"):
        next(evaluate([loaded], 0, 0))
    object.__setattr__(loaded.card, "classes", ("abseiling", *loaded.card.classes[1:]))
    with pytest.raises(UserError, match="not trained on MotionPairs"):
        next(evaluate([loaded], 0, 8))
