"""Channels in the order of what they do: every number by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.analysis.tam import ranking
from tam_viz.analysis.tam.importance import liveliest, varies
from tam_viz.types import BlockTrace

RNG = np.random.default_rng(0)
V, HELD = RNG.random((7, 8)), RNG.random((7, 8))
KERNELS = [k / k.sum(1, keepdims=True) for k in RNG.random((5, 7, 3))]
ONE, TWO = (BlockTrace("layer1.0", v, k) for v, k in zip((V, HELD), KERNELS, strict=False))


def test_variation_is_the_distance_from_one_frame_repeated() -> None:
    for channel in range(7):
        inner = [(V[channel, t] - HELD[channel, t]) ** 2 for t in range(1, 7)]
        assert varies(V, HELD)[channel] == pytest.approx((sum(inner) / 6) ** 0.5)
    assert ranking.order(varies(V, HELD))[0] == liveliest(V, HELD)
    np.testing.assert_allclose(ranking.importance_apart(ONE, TWO), varies(V, HELD))


def test_what_moves_at_the_edges_does_not_count() -> None:
    padded = V.copy()
    padded[:, [0, -1]] += 5
    np.testing.assert_allclose(varies(padded, HELD), varies(V, HELD))


def test_kernels_apart_is_the_weight_that_lies_elsewhere() -> None:
    for channel in range(7):
        moved = sum(max(a - b, 0) for a, b in zip(KERNELS[0][channel], KERNELS[1][channel]))  # noqa: B905
        assert ranking.kernel_apart(ONE, TWO)[channel] == pytest.approx(moved)


def test_adaptivity_is_zero_only_where_nothing_adapts() -> None:
    mean = sum(KERNELS) / 5
    for channel in range(7):
        by_hand = sum(np.abs(k[channel] - mean[channel]).sum() / 2 for k in KERNELS) / 5
        assert ranking.adaptivity(KERNELS)[channel] == pytest.approx(by_hand)
    still = [np.concatenate([KERNELS[0][:1], k[1:]]) for k in KERNELS]
    assert ranking.adaptivity(still)[0] == pytest.approx(0, abs=1e-12)
    assert (ranking.adaptivity(still)[1:] > 0).all()


def test_the_first_ones_and_the_chosen_one() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.9, 0.0])
    assert ranking.order(scores) == [1, 3, 2, 0, 4]
    assert ranking.top(scores, 3, 2) == [1, 3, 2]
    assert ranking.top(scores, 3, 4) == [1, 3, 4]
    assert ranking.top(scores, 9, 4) == [1, 3, 2, 0, 4]


def test_the_list_says_what_the_maps_show() -> None:
    scores = varies(V, HELD)
    table = ranking.ranking_table(ONE, scores, "a score", 4, 0)
    assert len(table) == 4
    assert 0 in set(table["channel"])
    for channel, row in zip(map(int, table["channel"]), table.to_numpy(), strict=True):
        assert row[1] == pytest.approx(scores[channel])
        assert row[2] == V[channel, 1:-1].argmax() + 2  # frames from 1, the edge left out
        np.testing.assert_allclose(row[3:], KERNELS[0][channel])
