"""Whether a block does the same to every clip, and what the page says of it."""

from __future__ import annotations

import numpy as np
import pytest

from tam_viz.analysis.tam.sameness import describe_sameness, same_blocks, spread_over_clips
from tam_viz.capture.run import run
from tam_viz.experiments.kinds import motionpairs
from tam_viz.experiments.studies.reference import mean_over
from tam_viz.models.engine import load
from tam_viz.types import BlockTrace, TAMTrace, result_of


def traces(*kernels: list[list[float]]) -> list[TAMTrace]:
    v = np.full((2, 4), 0.5)
    return [TAMTrace((BlockTrace("layer1.0", v, np.array(kernel)),)) for kernel in kernels]


def test_the_spread_by_hand() -> None:
    same = traces(*[[[0.0, 0.0, 1.0], [0.2, 0.3, 0.5]]] * 3)
    assert spread_over_clips(same) == {"layer1.0": pytest.approx(0.0, abs=1e-9)}
    turned = traces([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    # the first channel lies half its weight from its mean on both clips, the second none
    assert spread_over_clips(turned) == {"layer1.0": pytest.approx(0.25)}


def test_the_first_block_of_the_tanet_does_the_same_to_every_clip_and_a_late_one_does_not() -> None:
    loaded = load("tanet-motionpairs", "cpu")
    mean = result_of(mean_over(loaded, motionpairs(loaded.card.input, 16)))
    said = [describe_sameness(mean, name) for name in loaded.block_names]
    named = [name for name, sentence in zip(loaded.block_names, said, strict=True) if sentence]
    assert tuple(named) == same_blocks(mean)
    for name in loaded.block_names:
        kernels = np.stack(
            [
                run(loaded, clip).tam[name].kernel
                for clip in motionpairs(loaded.card.input, 16).clips()
            ]
        )
        apart = 0.5 * np.abs(kernels - kernels.mean(0)).sum(-1).mean()
        assert mean.spread[name] == pytest.approx(apart, abs=1e-5)
        assert (name in named) == (apart < 0.05)
