"""Whether V and Θ of a channel are usual: ranks by hand, and no verdict over a few clips."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.analysis.tam import usual
from tam_viz.analysis.tam.usual import usual_of
from tam_viz.panels.tam import usual as panels
from tam_viz.panels.tam.kernel_study import KernelStudy
from tam_viz.types import BlockTrace, TAMTrace

RNG = np.random.default_rng(0)


def trace() -> TAMTrace:
    kernel = RNG.random((4, 3))
    kernel /= kernel.sum(1, keepdims=True)
    return TAMTrace((BlockTrace("layer1.0", 0.4 + 0.2 * RNG.random((4, 8)), kernel),))


MANY = [trace() for _ in range(40)]
LABELS = ["falls" if i % 4 == 0 else "rises" for i in range(40)]


def found(count: int = 40, channel: int = 2) -> usual.Usual:
    return usual_of(MANY[:count], LABELS[:count], f"{count} clips", "layer1.0", channel, "falls")


def test_ranks_are_shares_of_clips() -> None:
    seen = found()
    here = seen.shares[7]
    for tap in range(3):
        column = [one["layer1.0"].kernel[2, tap] for one in MANY]
        by_hand = (sum(v < here[tap] for v in column) + 0.5) / 40  # itself counts half
        assert usual.below(seen.shares, here)[tap] == pytest.approx(by_hand)
    assert seen.same.tolist() == [label == "falls" for label in LABELS]
    assert usual_of(MANY, LABELS, "", "layer1.0", 2, None).same.sum() == 0


def test_what_lies_outside_is_named_and_the_edges_are_not() -> None:
    seen = found()
    here = np.median(seen.importance, axis=0)
    assert "nothing unusual" in usual.describe_importance(seen, here, 2)
    here[0], here[3], here[5] = 0.99, 0.95, 0.05
    said = usual.describe_importance(seen, here, 2)
    assert said == (
        "V of channel 2 lies outside the middle 90% of its values on 40 clips in frames 4 (0.95, "
        "above 100%) and 6 (0.05, below 100%)."
    )
    kernel = np.array([0.0, 0.0, 1.0])
    said = usual.describe_kernel(seen, kernel, 2)
    assert "past 0%, present 0%, future 100%." in said
    assert said.endswith("Outside the middle 90%: past, present and future.")
    middle = np.median(seen.shares, axis=0)
    assert usual.describe_kernel(seen, middle, 2).endswith("this kernel is nothing unusual.")


def test_over_a_few_clips_nothing_is_called_unusual() -> None:
    few = found(9)
    for said in (
        usual.describe_importance(few, np.ones(8), 2),
        usual.describe_kernel(few, np.array([0.0, 0.0, 1.0]), 2),
    ):
        assert said.endswith("Over so few (9 clips) nothing can be called unusual.")


def test_every_clip_is_a_dot_in_each_row() -> None:
    study = KernelStudy("a.mp4", MANY[0], None, "layer1.0", 2, fitted="")
    panel = panels.kernel(study, found())
    dots = [t for t in panel.figure.data if t.name in ("40 clips", "of its class")]
    assert [len(t.x) for t in dots] == [90, 30]
    values = found().shares
    for kind, mask in zip(dots, (~found().same, found().same), strict=True):
        np.testing.assert_allclose(np.reshape(kind.x, (3, -1)).T, values[mask])
        assert (np.abs(np.reshape(kind.y, (3, -1)) - np.arange(3)[:, None]) < 0.3).all()
    (here,) = (t for t in panel.figure.data if t.name == "a.mp4")
    np.testing.assert_allclose(here.x, MANY[0]["layer1.0"].kernel[2])
    assert len(panel.table) == 41
