"""Predictions, and V and Θ of TAM blocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Prediction:
    """The prediction of a network for one clip.

    Attributes:
        logits: Mean over frames of `frame_logits`.
        frame_logits: Logits of each frame, after the network has mixed the frames as it does.
        classes: Class names in the order of the logits.
    """

    logits: Float[np.ndarray, " k"]
    frame_logits: Float[np.ndarray, "t k"]
    classes: tuple[str, ...]

    @cached_property
    def probabilities(self) -> Float[np.ndarray, " k"]:
        """Softmax of the logits; in (0, 1), summing to 1."""
        scaled = np.exp(self.logits.astype(np.float64) - self.logits.max())
        return scaled / scaled.sum()

    def top(self, n: int = 5) -> list[tuple[str, float]]:
        """The `n` most probable classes with their probabilities, best first."""
        best = np.argsort(-self.probabilities, kind="stable")[:n]
        return [(self.classes[i], float(self.probabilities[i])) for i in best]


@dataclass(frozen=True, eq=False)
class BlockTrace:
    """V and Θ of one TAM block for one clip (paper, section 3.1).

    Attributes:
        name: Place in the network, such as `layer3.4`.
        importance: V, the importance map of the local branch; in (0, 1).
        kernel: Θ, the adaptive kernel of the global branch; rows sum to 1. Column `K // 2` is
            the present frame, the columns before it the past, those after it the future.
    """

    name: str
    importance: Float[np.ndarray, "c t"]
    kernel: Float[np.ndarray, "c k"]


@dataclass(frozen=True, eq=False)
class TAMTrace:
    """The decisions of every TAM block, in forward order."""

    blocks: tuple[BlockTrace, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Block names in forward order."""
        return tuple(block.name for block in self.blocks)

    def __getitem__(self, name: str) -> BlockTrace:
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(f"no TAM block {name!r}; there are {', '.join(self.names)}")
