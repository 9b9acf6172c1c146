"""Like profiles get like kernels, because G is one function; V need not be alike."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from tam_viz.analysis.tam.alike import GROUPS, alike, alike_table, describe_alike
from tam_viz.capture.features import branches, clip_features
from tam_viz.models.engine import LoadedModel, load
from tam_viz.types import Clip
from tam_viz.video.library import GALLERY, read_folder

RNG = np.random.default_rng(0)


def test_pairs_are_compared_as_in_a_loop() -> None:
    pooled, kernel, v = RNG.random((6, 4)), RNG.dirichlet(np.ones(3), 6), RNG.random((6, 4))
    pooled[2] = 0  # silent, so left out
    found = alike(pooled, kernel, v)
    assert found is not None
    rows = []
    for a, b in combinations([0, 1, 3, 4, 5], 2):
        profile = np.sqrt(np.mean((pooled[a] - pooled[b]) ** 2))
        importance = np.sqrt(np.mean((v[a] - v[b]) ** 2))
        rows.append((profile, np.abs(kernel[a] - kernel[b]).sum() / 2, importance))
    rows.sort()
    assert found.pairs == len(rows) == GROUPS
    np.testing.assert_allclose(alike_table(found).to_numpy(), rows)
    assert found.kernel_all == pytest.approx(np.mean([row[1] for row in rows]))
    assert f"{found.kernel[0]:.1%}" in describe_alike(found)


def test_too_few_pairs_are_not_compared() -> None:
    assert alike(RNG.random((4, 4)), RNG.dirichlet(np.ones(3), 4), RNG.random((4, 4))) is None


def test_equal_profiles_get_equal_kernels_in_any_channel(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    """A fact of the architecture: it holds for a network with random weights too."""
    loaded, block = tiny_model(), "layer2.0"
    pooled = clip_features(loaded, tiny_clip())[block].pooled
    v, kernel = branches(loaded, block, np.broadcast_to(pooled[3], pooled.shape))
    np.testing.assert_allclose(kernel, np.broadcast_to(kernel[0], kernel.shape), atol=1e-6)
    assert np.abs(v - v[0]).max() > 0.01


def test_on_the_gallery_kernels_of_like_profiles_are_alike_and_v_is_not() -> None:
    """What step 5 of the lesson says, in every block with enough channels."""
    model = load("tanet-motionpairs")
    source = next(s for s in read_folder(GALLERY) if s.name == "recedes_1.mp4")
    for name, inside in clip_features(model, source.read(model.card.input)).items():
        found = alike(inside.pooled, inside.kernel, inside.importance)
        assert found is not None
        if found.pairs > 1000:
            assert found.kernel[0] < 0.75 * found.kernel_all, name
            assert found.importance[0] > 0.75 * found.importance_all, name
