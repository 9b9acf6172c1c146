"""The arrays inside a TAM block, and the temporal operator of a module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from tam_viz.types.edits import Run
from tam_viz.types.runs import BlockTrace


@dataclass(frozen=True)
class BlockCost:
    """Multiply-adds of one TAM block for one clip, counted by formula.

    With C channels, T frames, H × W cells, K taps, B and A numbers between the layers of the two
    branches. Sums, norms and activations are not multiply-adds; nothing is read beyond the ends.

    Attributes:
        additions: Of the average over space, C·T·H·W; no multiply-adds.
        local: Of the local branch, 3·C·B·T for the first convolution and B·C·T for the second.
        weighting: V ⊙ x by itself, C·T·H·W, as the authors' code does it and this program does
            not.
        joining: V times Θ, which this program does instead, C·K·T.
        kernels: Of the global branch, C·(T·A + A·K).
        aggregation: Of the joint weights with the feature map, C·H·W for each frame that is read.
        grouped: What the grouped convolution of the authors' code takes instead, C·K·T·H·W with
            the zeros beyond the ends; V ⊙ x goes before it.
    """

    additions: int
    local: int
    weighting: int
    joining: int
    kernels: int
    aggregation: int
    grouped: int

    @property
    def total(self) -> int:
        """Multiply-adds of the block as it is computed here."""
        return self.local + self.joining + self.kernels + self.aggregation

    @property
    def authors_total(self) -> int:
        """Multiply-adds of the block as the authors' code computes it."""
        return self.local + self.weighting + self.kernels + self.grouped


@dataclass(frozen=True, eq=False)
class BlockFeatures:
    """Every array between the input and the output of one TAM block (paper, section 3.1).

    Attributes:
        block: Place in the network, such as `layer3.4`.
        x: The feature map that the block is given; at least 0, since it comes out of a ReLU.
        pooled: `x` averaged over h and w; what both branches are given.
        local_hidden: Between the two convolutions of the local branch, after its ReLU, with a
            β-th of the channels (β is 4 as published).
        importance: V; in (0, 1).
        global_hidden: Between the two layers of the global branch, after its ReLU, αT numbers
            for each channel (α is 2 as published).
        logits: Scores of the taps, before the softmax.
        kernel: Θ; rows sum to 1.
        y: The feature map that the block gives on.
        run: The run that all of this belongs to.
    """

    block: str
    x: Float[np.ndarray, "c t h w"]
    pooled: Float[np.ndarray, "c t"]
    local_hidden: Float[np.ndarray, "b t"]
    importance: Float[np.ndarray, "c t"]
    global_hidden: Float[np.ndarray, "c a"]
    logits: Float[np.ndarray, "c k"]
    kernel: Float[np.ndarray, "c k"]
    y: Float[np.ndarray, "c t h w"]
    run: Run

    @property
    def trace(self) -> BlockTrace:
        """V and Θ alone."""
        return BlockTrace(self.block, self.importance, self.kernel)

    @property
    def cost(self) -> BlockCost:
        """Multiply-adds of the block for one clip."""
        c, t, h, w = self.x.shape
        k, a, b = self.kernel.shape[1], self.global_hidden.shape[1], len(self.local_hidden)
        read = sum(max(0, t - abs(tap - k // 2)) for tap in range(k))
        return BlockCost(
            additions=c * t * h * w,
            local=t * (3 * c * b + b * c),
            weighting=c * t * h * w,
            joining=c * k * t,
            kernels=c * (t * a + a * k),
            aggregation=c * h * w * read,
            grouped=c * k * t * h * w,
        )


OperatorKind = Literal["weights", "attention", "taps", "identity"]


@dataclass(frozen=True, eq=False)
class Operator:
    """The temporal operator of a module for one clip: how it mixes frames.

    Attributes:
        matrix: Entry `[c, t, s]` is what frame t of the output takes from frame s of the input;
            one channel where all are alike.
        kind: `weights`, just that: `y[c, t] = Σ_s matrix[c, t, s] · x[c, s]`; `attention`, the
            share of what is added to frame t that comes from frame s, over all positions and
            channels; `taps`, the size of the weights of a convolution that mixes the channels, no
            signs; `identity`, a network that has no module in this block.
    """

    matrix: Float[np.ndarray, "c t t"]
    kind: OperatorKind = "weights"
