"""Dynamic convolution over time: fixed kernels, mixed anew for each video."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.aggregate import as_matrix, convolve, mean_over_space, shift_kernel
from tam_viz.models.registry import Insertion, register


@register(
    "dynamic",
    network="DynamicConv",
    insertion=Insertion.AFTER_CONV1,
    paper="1912.03458",
    reach=None,
    branch="gate",
)
class DynamicConvolution(nn.Module):
    """A softmax-weighted sum of M learned kernels (Chen et al., 2020; Yang et al., 2019).

    `y[c, t] = Σ_k (Σ_m π[m] · w[m, c, k]) · x[c, t + k - 1]`, where `π = softmax(W₂ ReLU(W₁ p))`
    and `p` is the mean of x over time and space. `3·M·C + C²/4 + M·C/4` parameters, M = 4. All
    channels of a clip share π; a TAM makes a kernel for each. The kernels start as TSM's
    shift plus normal noise of 0.1, which tells them apart.
    """

    def __init__(self, channels: int, frames: int, kernels: int = 4, reduction: int = 4) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        hidden = max(1, channels // reduction)
        self.gate = nn.Sequential(
            nn.Linear(channels, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, kernels),
            nn.Softmax(-1),
        )
        noise = 0.1 * torch.randn(kernels, channels, 3)
        self.kernels = nn.Parameter(shift_kernel(channels) + noise)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Convolves each channel over time with the kernel mixed for its clip."""
        return convolve(x, self.mixed(x))

    def mixed(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c 3"]:
        """The kernel of each channel of each clip."""
        share = self.gate(mean_over_space(x).mean(-1))
        return torch.einsum("nm,mck->nck", share, self.kernels.to(share))

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output."""
        return as_matrix(self.mixed(x)[0], x.shape[2])
