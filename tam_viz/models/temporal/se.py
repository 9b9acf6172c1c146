"""Squeeze-and-excitation of each frame: what an importance map would be without time (SE)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.aggregate import mean_over_space
from tam_viz.models.registry import Insertion, register


@register("se", network="SENet", insertion=Insertion.AFTER_CONV1, paper="1709.01507", reach=(0, 0))
class SqueezeExcitation(nn.Module):
    """Gates the channels of each frame by what that frame holds (Hu et al., 2018, section 3).

    `y[c, t] = s[c, t] · x[c, t]` with `s[:, t] = σ(W₂ ReLU(W₁ mean_hw x[:, t]))`. `2·C²/4`
    parameters; the reduction is 4, as in TAM's local branch, of which this is the case without
    neighbours.
    """

    def __init__(self, channels: int, frames: int, reduction: int = 4) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        hidden = max(1, channels // reduction)
        self.gate = nn.Sequential(
            nn.Conv1d(channels, hidden, 1),
            nn.ReLU(inplace=True),
            nn.Conv1d(hidden, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Multiplies each channel of each frame by its gate in (0, 1)."""
        gate: Tensor = self.gate(mean_over_space(x))
        return x * gate[..., None, None]

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output: diagonal."""
        return torch.diag_embed(self.gate(mean_over_space(x))[0])
