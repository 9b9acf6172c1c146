"""The global branch of TAM alone: an adaptive kernel and no importance map."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.registry import Insertion, register
from tam_viz.models.temporal.tam import TAM


@register(
    "tam_global",
    network="TANet, Θ only",
    insertion=Insertion.AFTER_CONV1,
    paper="2005.06803",
    reach=None,
    branch="G",
)
class GlobalOnly(TAM):
    """TAM with V = 1 (ablation of Liu et al., 2021, section 4.2).

    `y[t] = Σ_k Θ[k] · x[t + k - 1]`: every video has a kernel of its own for each channel, the
    same at every time. The parameters of `G` only; bound to the number of frames.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__(channels, frames)
        self.L = Ones()


class Ones(nn.Module):
    """V = 1 everywhere."""

    def forward(self, pooled: Float[Tensor, "n c t"]) -> Float[Tensor, "n c t"]:
        """The importance map that changes nothing."""
        return torch.ones_like(pooled)
