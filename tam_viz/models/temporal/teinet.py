"""Motion gate, then channel-wise temporal convolution (TEINet: MEM and TIM)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.aggregate import aggregate, as_matrix, mean_over_space, shift_kernel
from tam_viz.models.registry import Insertion, register


@register(
    "teinet", network="TEINet", insertion=Insertion.AFTER_CONV1, paper="1911.09435", reach=(-1, 2)
)
class TemporalEnhancementInteraction(nn.Module):
    """Motion enhancement, then temporal interaction (Liu et al., 2020, sections 3.1 and 3.2).

    MEM: with `p[t] = mean_hw x[t]`, the gate is `s[t] = σ(W₃ (W₂ p[t+1] - W₁ p[t]))`; the
    difference is zero at the last frame. TIM: `y = Σ_k w[k] · (s · x)[t + k - 1]` for each
    channel. `3·C²/8 + C²/64 + 3·C` parameters at most. The kernel starts as TSM's shift, as
    in the published code.
    """

    def __init__(self, channels: int, frames: int, reduction: int = 8) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        hidden = max(1, channels // reduction)
        self.present = nn.Conv1d(channels, hidden, 1, bias=False)
        self.future = nn.Conv1d(channels, hidden, 1, bias=False)
        self.expand = nn.Conv1d(hidden, channels, 1, bias=False)
        self.kernel = nn.Parameter(shift_kernel(channels))

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Gates each channel by the motion it sees, then convolves it over time."""
        return aggregate(x, self.motion(x), self.kernel.expand(x.shape[0], -1, -1))

    def motion(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t"]:
        """The gate, in (0, 1); ½ where nothing moves and at the last frame."""
        pooled = mean_over_space(x)
        change = self.future(pooled)[:, :, 1:] - self.present(pooled)[:, :, :-1]
        return torch.sigmoid(self.expand(F.pad(change, (0, 1))))

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output."""
        return as_matrix(self.kernel, x.shape[2]) * self.motion(x)[0].unsqueeze(1)
