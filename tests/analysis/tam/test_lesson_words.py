"""What the lesson says of a clip and a channel holds for that clip and that channel."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.analysis.tam.lesson_words import describe_adapted, describe_carried, describe_ends
from tam_viz.types import BlockTrace


def rows(*kernels: tuple[float, float, float]) -> np.ndarray:
    return np.array(kernels)


@pytest.mark.parametrize(
    ("kernel", "says"),
    [
        ((0.0, 0.0, 1.0), "puts 100% of its weight on the next frame: content moves"),
        ((0.95, 0.05, 0.0), "puts 95% of its weight on the previous frame"),
        ((0.01, 0.97, 0.02), "keeps 97% of the weight on itself, so it carries almost nothing"),
        ((0.2, 0.5, 0.3), "takes 50% of the kernel's weight from its neighbours"),
    ],
)
def test_neighbours_are_carried_only_where_they_are(
    kernel: tuple[float, float, float], says: str
) -> None:
    said = describe_carried(rows(kernel, (0.0, 1.0, 0.0)), 0)
    assert says in said
    assert ("it now carries something" in said) == (kernel == (0.2, 0.5, 0.3))
    mean = (kernel[0] + kernel[2]) / 2
    assert f"2 channels of the block, {mean:.0%} of the weight lies on neighbours" in said


def test_what_padding_leaves_of_the_ends() -> None:
    said = describe_ends(rows((0.3, 0.1, 0.6)), 0)
    assert "the first frame keeps 70% of the kernel's weight and the last one 40%" in said


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ((0.0, 0.04, 0.96), "nearly the same kernel: (0.00, 0.04, 0.96) instead of"),
        ((0.5, 0.25, 0.25), "another kernel: (0.50, 0.25, 0.25) instead of (0.00, 0.00, 1.00)"),
    ],
)
def test_another_clip_gets_another_kernel_only_where_it_does(
    after: tuple[float, float, float], says: str
) -> None:
    v = np.full((2, 4), 0.5)
    first = BlockTrace("b", v, rows((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)))
    second = BlockTrace("b", v + 0.25, rows(after, (0.0, 1.0, 0.0)))
    said = describe_adapted(first, second, 0, "the clip backwards")
    assert says in said
    assert "differs by up to 0.25" in said
    mean = np.abs(rows(after)[0] - (0, 0, 1)).sum() / 4
    assert f"moves {mean:.0%} of its weight" in said
