"""TAM as a matrix, against a loop and against the module itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tam_viz.analysis.tam.tam_operator import tam_operator
from tam_viz.capture.features import clip_features
from tam_viz.models.engine import LoadedModel
from tam_viz.types import BlockTrace, Clip


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("frames", [1, 2, 6])
def test_it_is_the_sum_over_taps(taps: int, frames: int) -> None:
    rng = np.random.default_rng(0)
    v, theta = rng.random((4, frames)), rng.dirichlet(np.ones(taps), 4)
    found = tam_operator(BlockTrace("b", v, theta))
    for c in range(4):
        for t in range(frames):
            for s in range(frames):
                k = s - t + taps // 2
                expected = theta[c, k] * v[c, s] if 0 <= k < taps else 0.0
                assert found[c, t, s] == pytest.approx(expected)


def test_it_does_what_the_block_does(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    features = clip_features(tiny_model(), tiny_clip())["layer2.0"]
    found = np.einsum("cts,cshw->cthw", tam_operator(features.trace), features.x)
    np.testing.assert_allclose(found, features.y, atol=1e-5)
