"""Differences of neighbouring frames at several scales as a gate (TDN: L-TDM)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.aggregate import convolve, shift_kernel
from tam_viz.models.registry import Insertion, register


@register("tdn", network="TDN", insertion=Insertion.AFTER_CONV1, paper="2012.10071", reach=(-2, 2))
class TemporalDifference(nn.Module):
    """Long-term differences, both ways, then a convolution (Wang et al., 2021, section 3.3).

    In reduced features `r = BN(R x)`, the differences `d = D * r[t±1] - r[t]` (D a 3×3
    convolution of each channel, for alignment; zero at the end of the clip) are seen at three
    scales: as they are, convolved 3×3, and convolved at half the size. Their mean, expanded to
    C channels with batch norm, makes the gates `g± = σ(·) - ½`, and `z = x + x · (g₊ + g₋) / 2`.
    Both ways share their weights, so the gates alone cannot tell a clip from its reversal; the
    channel-wise convolution over three frames that follows (in the published code, where it
    starts as TSM's shift, as here) can. The reduction is 16 but leaves at least four channels.
    The short-term module of the stem needs several frames per segment and is left out.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        reduced = max(min(4, channels), channels // 16)
        self.reduce = nn.Conv3d(channels, reduced, 1, bias=False)
        self.reduce_norm = nn.BatchNorm3d(reduced)
        self.align = _conv(reduced, groups=reduced)
        self.fine, self.coarse = _conv(reduced), _conv(reduced)
        self.expand = nn.Conv3d(reduced, channels, 1, bias=False)
        self.expand_norm = nn.BatchNorm3d(channels)
        self.kernel = nn.Parameter(shift_kernel(channels))

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Gates every position by the changes around it, then convolves over time."""
        gated = x * (1 + self.gate(x))
        return convolve(gated, self.kernel.expand(x.shape[0], -1, -1))

    def gate(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Mean of the gates of both directions, in (-½, ½)."""
        r = self.reduce_norm(self.reduce(x))
        aligned = self.align(r)
        later = F.pad(aligned[:, :, 1:] - r[:, :, :-1], (0, 0, 0, 0, 0, 1))
        earlier = F.pad(aligned[:, :, :-1] - r[:, :, 1:], (0, 0, 0, 0, 1, 0))
        gates = [torch.sigmoid(self.scales(change)) - 0.5 for change in (later, earlier)]
        return (gates[0] + gates[1]) / 2

    def scales(self, change: Float[Tensor, "n r t h w"]) -> Float[Tensor, "n c t h w"]:
        """The differences seen at three scales and expanded."""
        t, h, w = change.shape[2:]
        small = F.adaptive_avg_pool3d(change, (t, -(-h // 2), -(-w // 2)))
        coarse = F.interpolate(self.coarse(small), size=(t, h, w))
        y: Tensor = self.expand_norm(self.expand((change + self.fine(change) + coarse) / 3))
        return y


def _conv(channels: int, groups: int = 1) -> nn.Conv3d:
    return nn.Conv3d(channels, channels, (1, 3, 3), padding=(0, 1, 1), groups=groups, bias=False)
