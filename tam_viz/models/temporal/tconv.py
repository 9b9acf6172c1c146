"""Channel-wise temporal convolution: one learned kernel per channel for all videos (C2D-TConv)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.aggregate import as_matrix, convolve, shift_kernel
from tam_viz.models.registry import Insertion, register


@register(
    "tconv", network="C2D-TConv", insertion=Insertion.AFTER_CONV1, paper="2005.06803", reach=(-1, 1)
)
class TemporalConvolution(nn.Module):
    """Three taps per channel, the same for every video (baseline of Liu et al., section 4.2).

    `y[c, t] = Σ_k w[c, k] · x[c, t + k - 1]`, zero beyond the clip. `3·C` parameters, three
    multiply-adds for each value. The kernels start as TSM's shift: from the identity, `[0, 1, 0]`,
    training on MotionPairs never found the order of time.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        self.kernel = nn.Parameter(shift_kernel(channels))

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Convolves each channel over time."""
        return convolve(x, self.kernel.expand(x.shape[0], -1, -1))

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output."""
        return as_matrix(self.kernel, x.shape[2])
