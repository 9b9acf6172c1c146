"""Two checkpoints: numbers by hand, and whether a channel's number means the same in both."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tam_viz.analysis.tam import two_checkpoints as analysis
from tam_viz.analysis.tam.two_checkpoints import TwoCheckpoints
from tam_viz.capture.run import run
from tam_viz.models import cards
from tam_viz.models.engine import load
from tam_viz.panels.tam import two_checkpoints as panels
from tam_viz.types import BlockTrace, TAMTrace
from tam_viz.video.library import GALLERY, read_folder

RNG = np.random.default_rng(0)


def block(channels: int = 12) -> BlockTrace:
    kernel = RNG.random((channels, 3))
    return BlockTrace("layer1.0", RNG.random((channels, 8)), kernel / kernel.sum(1, keepdims=True))


def test_distances_by_hand() -> None:
    one, two = block(6), block(6)
    pairs = [(i, j) for i in range(6) for j in range(6)]

    def v(i: int, j: int) -> float:
        return float(((one.importance[i, 1:-1] - two.importance[j, 1:-1]) ** 2).mean() ** 0.5)

    def k(i: int, j: int) -> float:
        return float(np.abs(one.kernel[i] - two.kernel[j]).sum() / 2)

    for found, distance in (
        (analysis.importance_apart(one, two), v),
        (analysis.kernels_apart(one, two), k),
    ):
        assert found.paired == pytest.approx(np.mean([distance(i, i) for i in range(6)]))
        assert found.shuffled == pytest.approx(np.mean([distance(i, j) for i, j in pairs]))
        orders = list(itertools.permutations(range(6)))
        means = [np.mean([distance(i, j) for i, j in enumerate(order)]) for order in orders]
        exact = np.mean(np.array(means) <= found.paired + 1e-12)
        assert found.chance == pytest.approx(exact, abs=0.05)


def test_the_same_network_twice_corresponds() -> None:
    same = TAMTrace((block(),))
    both = TwoCheckpoints(("a", "b"), (same, same))
    for said in (
        analysis.describe_importance(both, "layer1.0"),
        analysis.describe_kernels(both, "layer1.0"),
    ):
        assert "0.000 apart" in said or "in 0% of their weight" in said
        assert said.endswith("a channel's number means something in both.")


@pytest.fixture(scope="module")
def seeds() -> TwoCheckpoints:
    """TANet of two seeds on a clip of the gallery: networks that were trained apart."""
    names = ("tanet-motionpairs", "tanet-motionpairs-seed1")
    models = [load(name, "cpu") for name in names]
    clip = read_folder(GALLERY)[0].read(models[0].card.input)
    one, two = (run(model, clip).tam for model in models)
    return TwoCheckpoints(names, (one, two))


def test_seeds_have_no_common_order_of_channels(seeds: TwoCheckpoints) -> None:
    for name in seeds.traces[0].names:
        assert not analysis.importance_apart(*seeds.block(name)).corresponds
        assert not analysis.kernels_apart(*seeds.block(name)).corresponds
        assert "compare blocks, not channels" in analysis.describe_importance(seeds, name)


def test_panels_show_both_and_the_difference(seeds: TwoCheckpoints) -> None:
    clip = read_folder(GALLERY)[0].read(cards.read_card(cards.find(seeds.names[0])).input)
    first, second = seeds.block("layer4.0")
    shown = [3, 5, 7]
    blocks = panels.importance_blocks(clip, seeds, "layer4.0")
    rows = panels.importance_channels(clip, seeds, "layer4.0", 5, list(range(128)), shown)
    columns = panels.kernel_channels(seeds, "layer4.0", 5, shown)
    taps = panels.kernel_blocks(seeds, "layer4.0")
    for panel in (blocks, rows, columns, taps):
        assert panel.says.endswith(".")
        assert len(panel.table) > 0
        assert panel.figure.layout.font.color is None
        assert len(panel.figure.to_json()) < 1_000_000
    for panel in (blocks, rows):
        maps = [t for t in panel.figure.data if t.type == "heatmap"][-3:]
        np.testing.assert_allclose(maps[2].z, maps[0].z - maps[1].z, atol=1e-6)
        assert maps[0].zmax == maps[1].zmax == maps[2].zmax
    maps = [t for t in columns.figure.data if t.type == "heatmap"]
    order = [c for c in np.argsort(first.kernel[:, 2] - first.kernel[:, 0]) if c in shown]
    np.testing.assert_allclose(maps[0].z, first.kernel[order].T)
    np.testing.assert_allclose(maps[1].z, second.kernel[order].T)
    np.testing.assert_allclose(maps[2].z, (first.kernel - second.kernel)[order].T)
