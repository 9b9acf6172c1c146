"""Factorised convolution: first over space, then, after a ReLU, over time (R(2+1)D)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.registry import Insertion, register
from tam_viz.models.temporal_conv import TemporalConv


@register(
    "r2plus1d", network="R(2+1)D", insertion=Insertion.AS_CONV2, paper="1711.11248", reach=(-1, 1)
)
class FactorisedConvolution(nn.Module):
    """A 1×3×3 convolution, batch norm, ReLU, a 3×1×1 convolution (Tran et al., 2018, section 3.5).

    The paper widens what lies between the two until the parameters equal those of a 3×3×3
    convolution; here it keeps the C channels of `conv2`, so that the network with time is the
    2D network and `3·C²` parameters more. The convolution over time starts as the identity.
    """

    def __init__(self, channels: int, frames: int, stride: int = 1) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        self.space = nn.Conv3d(
            channels, channels, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False
        )
        self.norm = nn.BatchNorm3d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.time = TemporalConv(channels, channels)
        nn.init.kaiming_normal_(self.space.weight, mode="fan_out", nonlinearity="relu")
        nn.init.dirac_(self.time.weight)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t e f"]:
        """Convolves over space, then over time."""
        y: Tensor = self.time(self.relu(self.norm(self.space(x))))
        return y
