"""What goes on inside one TAM block: every array between its input and its output, as data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tam_viz.types import BlockTrace, Run


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
