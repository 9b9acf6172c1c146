"""Inflated convolution: the first convolution of the bottleneck sees three frames (I3D)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.registry import Insertion, register
from tam_viz.models.temporal_conv import TemporalConv


@register("i3d", network="I3D", insertion=Insertion.AS_CONV1, paper="1705.07750", reach=(-1, 1))
class InflatedConvolution(nn.Module):
    """`conv1` inflated to 3×1×1 over all channels (Carreira & Zisserman, 2017, section 2.3).

    `y[d, t] = Σ_k Σ_c w[d, c, k] · x[c, t + k - 1]`, zero beyond the clip. Three times the
    parameters and the arithmetic of `conv1`. Of the ways to inflate, the 2D weight goes to the
    centre tap and the others start at zero, so the network starts as the 2D one.
    """

    def __init__(self, channels: int, frames: int, out_channels: int | None = None) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        self.conv = TemporalConv(channels, out_channels or channels)
        with torch.no_grad():
            self.conv.weight[:, :, [0, 2]] = 0
            nn.init.kaiming_normal_(
                self.conv.weight[:, :, 1:2], mode="fan_out", nonlinearity="relu"
            )

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n d t h w"]:
        """Convolves over time and channels."""
        y: Tensor = self.conv(x)
        return y
