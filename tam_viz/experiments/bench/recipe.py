"""The training recipe of the bench, and its clips."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Int, UInt8

from tam_viz.motionpairs.augment import REVERSED, augment
from tam_viz.motionpairs.pool import Pool
from tam_viz.types import InputSpec

TRAINING_SEED, VALIDATION_SEED, VALIDATION_CLIPS = 0, 1, 320


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights, but for the temporal module.

    A step sees half a batch of clips, augmented, and each of them played backwards as well: the
    two differ in their order alone, which is what there is to learn.

    Attributes:
        seed: Of the initial weights, of the order of the clips and of the augmentation.
        clips: Clips seen in all, reversals included, rounded down to whole steps.
        pool: Number of different clips to choose from; the same ones for every seed.
        batch: Clips in a step; even.
        augment: Random flips, transposition and permutation of colours, the label following.
        rate: Peak learning rate of AdamW; warm-up over the first 8%, then a cosine to zero.
        branch_rate: Factor on the rate of the branch that makes a kernel for each clip
            (`Entry.branch`): TAM's `G`, DFN's generator and the gate of dynamic convolution. At
            the common rate TAM learns later to use its kernels (docs/bench.md, "Does TAM adapt?").
        decay: Weight decay, of matrices and convolutions outside that branch only.
        clip_norm: Largest norm of a gradient.
        residual: Initial scale of the last batch norm of each bottleneck.
        depth: Depth of the ResNet.
        width: Channels inside the bottlenecks of the first stage.
        size: Side of the frames in pixels.
        precision: Arithmetic of the forward and the backward pass; weights, normalisation
            statistics and optimiser stay in float32.
    """

    seed: int = 0
    clips: int = 80_000
    pool: int = 5_000
    batch: int = 4
    augment: bool = True
    rate: float = 1e-3
    branch_rate: float = 10.0
    decay: float = 0.02
    clip_norm: float = 5.0
    residual: float = 0.2
    depth: int = 26
    width: int = 16
    size: int = 64
    precision: Literal["float32", "bfloat16"] = "float32"

    @property
    def steps(self) -> int:
        """Number of optimiser steps."""
        return max(1, self.clips // self.batch)

    @property
    def distinct(self) -> int:
        """Number of different clips in a run, reversals aside: no more are drawn than are seen."""
        return min(self.pool, self.steps * (self.batch // 2))

    @property
    def spec(self) -> InputSpec:
        """What the network is given."""
        return InputSpec(frames=8, resize=self.size, size=self.size)


def training_pool(recipe: Recipe) -> Pool:
    """The clips that a recipe trains on."""
    spec = recipe.spec
    return Pool(TRAINING_SEED, recipe.distinct, "train", spec.frames, spec.size)


def batch_of(
    recipe: Recipe, pool: Pool, step: int
) -> tuple[UInt8[np.ndarray, "n t s s 3"], Int[np.ndarray, " n"]]:
    """Clips of a step with their labels, each followed by its reversal.

    They depend on the number of the step alone, so a run that is resumed sees what it would
    have seen.
    """
    drawn = recipe.batch // 2
    clips: list[UInt8[np.ndarray, "t s s 3"]] = []
    labels: list[int] = []
    rng = np.random.default_rng([recipe.seed, 1, step])
    for number in range(step * drawn, (step + 1) * drawn):
        epoch, index = divmod(number, recipe.distinct)
        frames, label = pool[int(_order(recipe.seed, recipe.distinct, epoch)[index])]
        if recipe.augment:
            frames, label = augment(frames, label, rng)
        clips += [frames, frames[::-1]]
        labels += [label, int(REVERSED[label])]
    return np.stack(clips), np.array(labels)


@lru_cache(maxsize=2)
def _order(seed: int, clips: int, epoch: int) -> Int[np.ndarray, " n"]:
    return np.random.default_rng([seed, 0, epoch]).permutation(clips)
