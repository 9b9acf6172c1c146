"""Appearance beside relation, the squares of 3D responses (ARTNet: SMART)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.registry import Insertion, register


@register(
    "artnet", network="ARTNet", insertion=Insertion.AS_CONV2, paper="1711.09125", reach=(-1, 1)
)
class AppearanceRelation(nn.Module):
    """A SMART block in place of `conv2` (Wang et al., 2018, section 3.3).

    Appearance: a 1×3×3 convolution, batch norm, ReLU. Relation: a 3×3×3 convolution, its
    responses squared and added in pairs with weight ½ (the cross-channel pooling that makes an
    energy model of it), batch norm, ReLU. A 1×1×1 convolution joins the two. `9·C²` for
    appearance and `13.5·C² + 1.25·C²` more: the relation branch has half the channels of the
    appearance branch, so that the network stays near the size of the others.
    """

    def __init__(self, channels: int, frames: int, stride: int = 1) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        over = (1, stride, stride)
        energies = max(1, channels // 4)
        self.appearance = nn.Conv3d(channels, channels, (1, 3, 3), over, (0, 1, 1), bias=False)
        self.appearance_norm = nn.BatchNorm3d(channels)
        self.relation = nn.Conv3d(channels, 2 * energies, 3, over, 1, bias=False)
        self.relation_norm = nn.BatchNorm3d(energies)
        self.relu = nn.ReLU(inplace=True)
        self.join = nn.Conv3d(channels + energies, channels, 1, bias=False)
        for conv in (self.appearance, self.relation, self.join):
            nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t e f"]:
        """Joins what a frame shows and how frames relate."""
        appearance = self.relu(self.appearance_norm(self.appearance(x)))
        relation = self.relu(self.relation_norm(self.energy(x)))
        y: Tensor = self.join(torch.cat([appearance, relation], dim=1))
        return y

    def energy(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n e t i j"]:
        """Half the sum of two squared responses."""
        squared: Tensor = self.relation(x).square()
        return (squared[:, 0::2] + squared[:, 1::2]) / 2
