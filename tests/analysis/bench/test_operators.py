"""Matrices of who reads whom: where their weight lies, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.analysis.bench import operators as analysis
from tam_viz.analysis.bench.operators import Look
from tam_viz.types import Operator
from tests.support.there import there

BAND = np.array([[0.5, 0.3, 0.0], [0.2, -0.5, 0.3], [0.1, 0.2, 0.5]])


def test_where_the_weight_lies() -> None:
    found = analysis.reach(BAND)
    assert found.past == pytest.approx(0.5 / 2.6)
    assert found.present == pytest.approx(1.5 / 2.6)
    assert found.future == pytest.approx(0.6 / 2.6)
    assert found.far == pytest.approx(0.1 / 2.6)
    assert found.lean == pytest.approx(0.1 / 1.1)
    alone = analysis.reach(np.eye(4))
    assert (alone.present, alone.elsewhere, alone.far, alone.lean) == (1, 0, 0, 0)
    nothing = analysis.reach(np.zeros((4, 4)))
    assert (nothing.past, nothing.present, nothing.future) == (0, 0, 0)
    assert analysis.reach_of(np.ones((2, 4))) is None


def test_matrices_are_made_comparable() -> None:
    np.testing.assert_allclose(analysis.to_scale(7 * BAND), BAND)  # the largest row sum is 1
    assert (analysis.to_scale(np.zeros((3, 3))) == 0).all()
    shares = analysis.rows_to_one(np.array([[1.0, 3.0], [0.0, 0.0]]))
    assert shares.tolist() == [[0.25, 0.75], [0, 0]]


LOOKS: tuple[Look, ...] = ("mean", "size", "channel")


def test_channels_are_looked_at_together_or_one_by_one() -> None:
    left, right = np.eye(3, k=-1), -np.eye(3, k=1)
    operator = Operator(np.stack([left, right]))
    mean, size, one = (there(analysis.look_at(operator, how, 1)) for how in LOOKS)
    np.testing.assert_allclose(mean, (left + right) / 2)
    np.testing.assert_allclose(size, np.sqrt((left**2 + right**2) / 2))
    np.testing.assert_allclose(one, right)
    assert analysis.look_at(operator, "channel", 2) is None
    np.testing.assert_allclose(there(analysis.look_at(Operator(left[None]), "channel", 2)), left)


def test_a_block_without_a_module_is_shown_by_the_nearest_that_has_one() -> None:
    there = {"layer2.1", "layer3.1", "layer3.3"}
    names = ["layer2.0", "layer2.1", "layer3.0", "layer3.1", "layer3.2", "layer3.3", "layer4.0"]
    found = {
        name: Operator(np.eye(4)[None], "attention" if name in there else "identity")
        for name in names
    }
    shown = {name: analysis.nearest_block(found, name) for name in names}
    assert shown == {name: name for name in there} | {
        "layer2.0": "layer2.1",
        "layer3.0": "layer3.1",  # of the same stage
        "layer3.2": "layer3.3",  # the later one
        "layer4.0": "layer3.3",
    }
    assert analysis.nearest_block(found, "layer9.9") == "layer9.9"
    nowhere = {name: Operator(np.eye(4)[None], "identity") for name in names}
    assert analysis.nearest_block(nowhere, "layer4.0") == "layer4.0"


def test_what_is_said_of_operators() -> None:
    found = {"TANet": BAND, "TSN": np.eye(3), "TSM": np.eye(3, k=-1)}
    said = analysis.describe_operators(found, "TANet")
    assert "TANet puts 19% of its weight on the past, 58% on the present and 23%" in said
    assert "Weight on other frames than its own: TSN 0%, TSM 100%." in said
    assert "TANet (4%) looks further than one frame away." in said
    del found["TANet"]
    assert "None of them looks further" in analysis.describe_operators(found, "TANet")


def test_what_is_said_of_influence() -> None:
    whole = np.full((4, 4), 0.25)
    matrices = {
        "TANet": whole,
        "fixed": np.eye(4),
        "untrained": whole,
        "TSN": np.eye(4),
        "TSM": np.eye(4, k=-1),
        "I3D": np.full((2, 4), 0.25),
        "R3D": np.full((1, 4), 0.25),
    }
    said = analysis.describe_influence(matrices, "TANet", "fixed", "untrained")
    assert "In TANet 75% of the influence on a frame's features comes from other frames" in said
    assert "With V and Θ fixed it is 0%, 0% from more than one frame away." in said
    assert "TSM leans most to one side (past 100%, future 0%)" in said
    assert "TSN looks at each frame alone." in said
    assert "I3D and R3D have fewer time steps" in said
    table = analysis.matrix_table(matrices)
    assert len(table) == 5 * 4 + 2 + 1
    assert table.loc[("TSM", 2), "from frame 1"] == 1
