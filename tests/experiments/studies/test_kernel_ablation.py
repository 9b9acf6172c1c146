"""Θ of a block held still: what it costs is what two runs differ by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tam_viz.capture.run import run
from tam_viz.experiments.studies.fixed_kernels import fixed_kernels
from tam_viz.experiments.studies.kernel_ablation import freeze
from tam_viz.models.engine import LoadedModel
from tam_viz.types import ALL_BLOCKS, Clip, Edit
from tests.support.steps import last


def odds(logits: np.ndarray, label: int) -> float:
    shares = np.exp(logits.astype(np.float64)) / np.exp(logits.astype(np.float64)).sum()
    return float(np.log(shares[label] / (1 - shares[label])))


def test_losses_are_what_two_runs_differ_by(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded, clip, other = tiny_model(), tiny_clip(), tiny_clip(1)
    with torch.no_grad():  # kernels that say something
        blocks: dict[str, Any] = dict(loaded.net.tam_blocks())
        for tam in blocks.values():
            tam.G[3].weight.mul_(20)
    given = run(loaded, other).tam
    steps = list(freeze(loaded, clip, 3, given))
    assert len(steps) == 6
    lost = last(steps)
    whole = odds(run(loaded, clip).prediction.logits, 3)
    for number, block in enumerate((*loaded.block_names, ALL_BLOCKS)):
        edited = run(loaded, clip, [Edit(block, "kernel", "donor", donor=other)])
        assert lost[number] == pytest.approx(whole - odds(edited.prediction.logits, 3), abs=1e-5)
    assert np.abs(lost).max() > 1e-4
    for module in loaded.net.modules():
        assert not module._forward_hooks


def test_a_clip_s_own_kernels_cost_nothing(
    tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    lost = last(freeze(loaded, clip, 0, run(loaded, clip).tam))
    np.testing.assert_allclose(lost, 0, atol=1e-5)


def test_fixed_kernels_are_those_of_the_temporal_convolution(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    loaded = tiny_model("tconv")
    found = fixed_kernels(loaded)
    assert {name: len(kernel) for name, kernel in found.items()} == loaded.card.blocks
    before = found["layer1.0"].copy()
    temporal: Any = loaded.net.get_submodule("layer1.0.temporal")
    temporal.kernel.data += 1
    assert (found["layer1.0"] == before).all()  # a copy
    assert fixed_kernels(tiny_model("tam")) == {}
