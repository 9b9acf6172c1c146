"""Gates by motion, then a cascade of small convolutions over time and space (TEA: ME and MTA)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.aggregate import convolve, mean_over_space, shift_kernel
from tam_viz.models.block import fold, unfold
from tam_viz.models.registry import Insertion, register


@register("tea", network="TEANet", insertion=Insertion.AS_CONV2, paper="2004.01398", reach=(-3, 4))
class TemporalExcitationAggregation(nn.Module):
    """Motion excitation, then multiple temporal aggregation (Li et al., 2020, section 3).

    ME: in reduced features `r = BN(R x)`, the motion `D * r[t+1] - r[t]` (D a 3×3 convolution of
    each channel; zero at the last frame) is averaged over space and expanded,
    `a = 2σ(BN(E ·)) - 1`, and `x + a · x` goes on. MTA: its channels are four fragments; the
    first passes, and each next one is added to the result of the one before (not for the second,
    and not where the stride changes the size), convolved over three frames channel by channel
    and 3×3 over space. The fourth fragment so sees seven frames. The reduction is 16 but leaves
    at least four channels; the kernels over time start as TSM's shift.
    """

    fragments = 4

    def __init__(self, channels: int, frames: int, stride: int = 1) -> None:
        super().__init__()
        self.channels, self.frames, self.stride = channels, frames, stride
        reduced, part = max(min(4, channels), channels // 16), channels // self.fragments
        self.reduce = nn.Conv3d(channels, reduced, 1, bias=False)
        self.reduce_norm = nn.BatchNorm3d(reduced)
        self.align = nn.Conv3d(
            reduced, reduced, (1, 3, 3), padding=(0, 1, 1), groups=reduced, bias=False
        )
        self.expand = nn.Conv1d(reduced, channels, 1, bias=False)
        self.expand_norm = nn.BatchNorm1d(channels)
        over = (1, stride, stride)
        self.kernels = nn.ParameterList(shift_kernel(part) for _ in range(self.fragments - 1))
        self.space = nn.ModuleList(
            nn.Conv3d(part, part, (1, 3, 3), over, (0, 1, 1), bias=False)
            for _ in range(self.fragments - 1)
        )
        for weight in self.space.parameters():
            nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t e f"]:
        """Excites the channels that move, then widens what each fragment sees."""
        excited = x * (1 + self.motion(x)[..., None, None])
        first, *others = excited.chunk(self.fragments, dim=1)
        if self.stride != 1:
            first = unfold(F.avg_pool2d(fold(first), 3, self.stride, 1), x.shape[2])
        outs = [first]
        for i, (part, kernel, space) in enumerate(
            zip(others, self.kernels, self.space, strict=True)
        ):
            joined = part + outs[-1] if i > 0 and self.stride == 1 else part
            outs.append(space(convolve(joined, kernel.expand(x.shape[0], -1, -1))))
        return torch.cat(outs, dim=1)

    def motion(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t"]:
        """The excitation a, in (-1, 1)."""
        r = self.reduce_norm(self.reduce(x))
        change = F.pad(self.align(r)[:, :, 1:] - r[:, :, :-1], (0, 0, 0, 0, 0, 1))
        scores = self.expand_norm(self.expand(mean_over_space(change)))
        return 2 * torch.sigmoid(scores) - 1
