"""Channel-wise spatio-temporal features beside channel-wise motion (STM: CSTM and CMM)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.aggregate import convolve, shift_kernel
from tam_viz.models.registry import Insertion, register


@register("stm", network="STM", insertion=Insertion.AS_CONV2, paper="1908.02486", reach=(-1, 1))
class SpatioTemporalMotion(nn.Module):
    """CSTM plus CMM in place of `conv2` (Jiang et al., 2019, sections 3.1 and 3.2).

    CSTM: a channel-wise convolution over three frames, then the 3×3 convolution over space.
    CMM: in reduced features `r = R x`, the motion `D * r[t+1] - r[t]`, where D is a 3×3
    convolution of each channel, expanded to C channels; zero at the last frame. The output is
    their sum. `9·C² + 3·C` and `C²/8 + 9·C/16` parameters. The reduction is 16 but leaves at
    least four channels; the kernel over time starts as TSM's shift.
    """

    def __init__(self, channels: int, frames: int, stride: int = 1) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        over = (1, stride, stride)
        self.kernel = nn.Parameter(shift_kernel(channels))
        self.space = nn.Conv3d(channels, channels, (1, 3, 3), over, (0, 1, 1), bias=False)
        reduced = max(min(4, channels), channels // 16)
        self.reduce = nn.Conv3d(channels, reduced, 1, bias=False)
        self.align = nn.Conv3d(
            reduced, reduced, (1, 3, 3), padding=(0, 1, 1), groups=reduced, bias=False
        )
        self.expand = nn.Conv3d(reduced, channels, 1, over, bias=False)
        nn.init.kaiming_normal_(self.space.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t e f"]:
        """Appearance over time plus motion."""
        still = self.space(convolve(x, self.kernel.expand(x.shape[0], -1, -1)))
        y: Tensor = still + self.expand(self.motion(x))
        return y

    def motion(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n r t h w"]:
        """Difference of the next frame and the present one in reduced features."""
        reduced = self.reduce(x)
        change = self.align(reduced)[:, :, 1:] - reduced[:, :, :-1]
        return F.pad(change, (0, 0, 0, 0, 0, 1))
