"""A shift whose share is decided at every position (Gate-Shift)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.registry import Insertion, register


@register("gsm", network="GSM", insertion=Insertion.AFTER_CONV1, paper="1912.00381", reach=(-2, 2))
class GateShift(nn.Module):
    """Gate, shift and add (Sudhakaran et al., 2020, section 3).

    Each half of the channels has one gate for each position, `g = tanh(K * ReLU(BN(x)))` with a
    3×3×3 kernel K. What the gate lets through, `g · x`, is shifted by one frame (the first half
    reads the next frame, the second half the previous one; zero beyond the clip) and added to
    what stays, `x - g · x`. The channels of each half are then interleaved. `29·C + 2`
    parameters. K starts at zero, so the module starts as that permutation of the channels.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        self.norm = nn.BatchNorm3d(channels)
        self.gate = nn.Conv3d(channels, 2, 3, padding=1, groups=2)
        for parameter in self.gate.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Moves a share of each half of the channels by one frame."""
        gates = torch.tanh(self.gate(F.relu(self.norm(x)))).chunk(2, dim=1)
        ahead, back = (g * half for g, half in zip(gates, x.chunk(2, dim=1), strict=True))
        moved = torch.cat([_later(ahead), _earlier(back)], dim=1)
        stays = x - torch.cat([ahead, back], dim=1)
        return _interleaved(stays + moved)


def _later(x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
    return F.pad(x[:, :, 1:], (0, 0, 0, 0, 0, 1))


def _earlier(x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
    return F.pad(x[:, :, :-1], (0, 0, 0, 0, 1, 0))


def _interleaved(x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
    """Within each half of the channels, those of its two quarters take turns."""
    quarters: Tensor = x.unflatten(1, (2, 2, -1))
    return quarters.transpose(2, 3).flatten(1, 3)
