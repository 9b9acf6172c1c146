"""Three gates after a shift: by position, by channel and by motion (ACTION-Net)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.aggregate import convolve, mean_over_space, shift_kernel
from tam_viz.models.registry import Insertion, register


@register(
    "action",
    network="ACTION-Net",
    insertion=Insertion.BEFORE_CONV1,
    paper="2103.07372",
    reach=(-2, 2),
)
class Action(nn.Module):
    """Excitations of a shifted clip (Wang et al., 2021, section 3).

    The clip is convolved over three frames, channel by channel (s; the kernels start as TSM's
    shift, as in the published code). Three gates see s: over positions,
    `σ(K * mean_c s)` with a 3×3×3 kernel (STE); over channels, `σ(E ReLU(K * S mean_hw s))` with
    a convolution over three frames of reduced channels (CE); and of motion,
    `σ(E mean_hw(D * r[t+1] - r[t]))` in reduced features `r = BN(R s)`, D a 3×3 convolution of
    each channel, zero at the last frame (ME). The output is the sum of the three excited clips,
    `3·s + s · (gates)`. The reduction is 16 but leaves at least four channels.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        reduced = max(min(4, channels), channels // 16)
        self.kernel = nn.Parameter(shift_kernel(channels))
        self.position = nn.Conv3d(1, 1, 3, padding=1, bias=False)
        self.squeeze = nn.Conv1d(channels, reduced, 1, bias=False)
        self.over_time = nn.Conv1d(reduced, reduced, 3, padding=1, bias=False)
        self.excite = nn.Conv1d(reduced, channels, 1, bias=False)
        self.reduce = nn.Conv3d(channels, reduced, 1, bias=False)
        self.reduce_norm = nn.BatchNorm3d(reduced)
        self.align = nn.Conv3d(
            reduced, reduced, (1, 3, 3), padding=(0, 1, 1), groups=reduced, bias=False
        )
        self.expand = nn.Conv1d(reduced, channels, 1, bias=False)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Shifts, and adds the clip as each of the three gates excites it."""
        s = convolve(x, self.kernel.expand(x.shape[0], -1, -1))
        positions = torch.sigmoid(self.position(s.mean(dim=1, keepdim=True)))
        profile = mean_over_space(s)
        channels = torch.sigmoid(self.excite(F.relu(self.over_time(self.squeeze(profile)))))
        gates = positions + (channels + self.motion(s))[..., None, None]
        return s * (3 + gates)

    def motion(self, s: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t"]:
        """The gate of motion, in (0, 1); ½ at the last frame."""
        r = self.reduce_norm(self.reduce(s))
        change = F.pad(self.align(r)[:, :, 1:] - r[:, :, :-1], (0, 0, 0, 0, 0, 1))
        return torch.sigmoid(self.expand(mean_over_space(change)))
