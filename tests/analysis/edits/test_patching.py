"""What a patch tells is what it does beyond a null donor."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.analysis.edits.contrasts import Subject
from tam_viz.analysis.edits.patching import (
    ALL_THREE,
    DECISIONS,
    FEATURES,
    PATCHED,
    Patched,
    describe_patches,
    patch_table,
)

TO = Subject("a", 0, "true", "b", 1, "said")
BLOCKS = ("layer1.0", "layer2.0")


def patched(decisions: float, features: float, both: float) -> Patched:
    """A clip that says b by 2, a donor that says a by 2; layer2.0 moves it by so much."""
    rows = {
        what: np.array([[0.0, 2.0], [size, 2.0]])
        for what, size in zip(PATCHED, (decisions, features, both), strict=True)
    }
    return Patched(BLOCKS, np.array([0.0, 2.0]), np.array([2.0, 0.0]), rows)


NULL = patched(1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (patched(1.0, 1.0, 1.0), "The null donor does as much"),
        (patched(3.5, 1.0, 3.5), "what makes the difference is what TAM decides"),
        (patched(1.0, 3.5, 3.5), "there before TAM"),
        (patched(2.0, 2.1, 2.2), "this does not tell them apart"),
        (patched(1.2, 1.2, 4.0), "takes all three"),
    ],
)
def test_what_follows(found: Patched, says: str) -> None:
    assert says in describe_patches(found, NULL, TO)


def test_the_largest_change_and_the_answers_are_told() -> None:
    said = describe_patches(patched(3.5, 1.0, 3.5), NULL, TO)
    assert "log-ratio 'a' : 'b' is −2.00 for the clip and +2.00 for the donor" in said
    assert (
        "What raises it most: V and Θ in layer2.0 +3.50 (null donor at most +1.00, in layer2.0), "
        "with another prediction in 1 of 2 blocks" in said
    )
    assert "V and Θ +2.50, x alone +0.00, x, V and Θ +2.50" in said
    alone = describe_patches(patched(3.5, 1.0, 3.5), None, TO)
    assert "null donor" not in alone


def test_a_right_clip_is_told_by_what_lowers_its_score() -> None:
    right = Patched(
        BLOCKS,
        np.array([2.0, 0.0]),
        np.array([0.0, 2.0]),
        {what: np.array([[2.0, 0.0], [0.5, 0.0]]) for what in PATCHED},
    )
    assert "What lowers it most: V and Θ in layer2.0 −1.50" in describe_patches(right, None, TO)


def test_the_table_has_both_donors() -> None:
    table = patch_table(patched(3.5, 1.0, 3.5), NULL, TO)
    assert list(table.index) == list(BLOCKS)
    assert table[f"{DECISIONS} of the donor"].tolist() == [0.0, 3.5]
    assert table[f"{FEATURES} of the null donor"].tolist() == [0.0, 1.0]
    assert len(table.columns) == 6
    assert f"{ALL_THREE} of the donor" in table
