"""Dynamic filters: the kernel comes straight out of a small network, not normalised (DFN)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.aggregate import as_matrix, convolve, mean_over_space
from tam_viz.models.registry import Insertion, register


@register(
    "dfn",
    network="DFN",
    insertion=Insertion.AFTER_CONV1,
    paper="1605.09673",
    reach=None,
    branch="generate",
)
class DynamicFilter(nn.Module):
    """A filter-generating network over time (De Brabandere et al., 2016, section 3).

    For each channel, `w = W₂ ReLU(W₁ p + b₁) + b₂` from its profile `p[t] = mean_hw x[t]`, then
    `y[t] = Σ_k w[k] · x[t + k - 1]`. The paper leaves the generating network open; this one has
    the shape of TAM's global branch, so that the two differ in what TAM adds to it: the
    softmax and the batch norm. `2·T² + 8·T + 3` parameters. `b₂` starts at `[0, 1, 0]`. Bound
    to the number of frames.
    """

    def __init__(self, channels: int, frames: int, alpha: int = 2) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        out = nn.Linear(alpha * frames, 3)
        with torch.no_grad():
            out.bias.copy_(torch.tensor([0.0, 1.0, 0.0]))
        self.generate = nn.Sequential(nn.Linear(frames, alpha * frames), nn.ReLU(inplace=True), out)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Convolves each channel over time with the kernel made for it."""
        return convolve(x, self.generate(mean_over_space(x)))

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output."""
        return as_matrix(self.generate(mean_over_space(x))[0], x.shape[2])
