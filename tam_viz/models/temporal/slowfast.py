"""Two pathways: few frames seen well, all frames seen narrowly (SlowFast)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.block import TemporalBottleneck, fold, unfold
from tam_viz.models.net import Layers, VideoNet, stages
from tam_viz.models.registry import Insertion, entry, register
from tam_viz.models.temporal_conv import TemporalConv


@register(
    "slowfast", network="SlowFast", insertion=Insertion.NETWORK, paper="1812.03982", reach=None
)
class SlowFast(VideoNet):
    """A slow pathway on every α-th frame and a fast one on all (Feichtenhofer et al., 2019).

    As in table 1 of the paper: temporal convolutions in every bottleneck of the fast pathway
    and in the last two stages of the slow one, no stride over time, and before each stage a
    lateral connection from fast to slow, a convolution over five frames with stride α and twice
    the fast channels, joined by concatenation. Features of both are pooled and concatenated.

    The paper has α = 8, T = 32 and a fast pathway of β = 1/8 of the width; with eight frames α
    is 2 here, and the fast pathway keeps at least four channels.
    """

    def __init__(
        self, frames: int, classes: int, layers: Layers, width: int, alpha: int = 2
    ) -> None:
        alpha = alpha if frames % alpha == 0 else 1
        narrow = max(4, width // 8)
        out = 8 * TemporalBottleneck.expansion
        super().__init__(frames, classes, features=out * (width + narrow))
        self.alpha = alpha
        none, i3d = entry("none"), entry("i3d")
        self.slow_stem = nn.Sequential(
            nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.fast_stem = nn.Sequential(
            nn.Conv3d(3, narrow, (5, 7, 7), (1, 2, 2), (2, 3, 3), bias=False),
            nn.BatchNorm3d(narrow),
            nn.ReLU(inplace=True),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
        )
        self.fast = nn.ModuleList(stages(narrow, layers, narrow, frames, [i3d] * 4))
        sent = [narrow, *(narrow * 2**s * TemporalBottleneck.expansion for s in range(3))]
        self.laterals = nn.ModuleList(TemporalConv(c, 2 * c, taps=5) for c in sent)
        few, joined = frames // alpha, [2 * c for c in sent]
        self.slow = nn.ModuleList(stages(width, layers, width, few, [none, none, i3d, i3d], joined))
        self.initialise()

    def last_maps(self) -> list[tuple[nn.Module, bool]]:
        """The feature maps of both pathways."""
        return [(self.slow[-1], False), (self.fast[-1], False)]

    def features(self, x: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n t d"]:
        """Pooled features: those of a slow frame stand beside each of its α fast ones."""
        few = self.frames // self.alpha
        slow = self.slow_stem(fold(x[:, :, :: self.alpha]))
        fast = fold(self.fast_stem(x))
        for lateral, slow_stage, fast_stage in zip(
            self.laterals, self.slow, self.fast, strict=True
        ):
            sent = fold(lateral(unfold(fast, self.frames))[:, :, :: self.alpha])
            slow = slow_stage(torch.cat([slow, sent], dim=1))
            fast = fast_stage(fast)
        repeated = (
            slow.mean(dim=(2, 3)).unflatten(0, (-1, few)).repeat_interleave(self.alpha, dim=1)
        )
        seen = fast.mean(dim=(2, 3)).unflatten(0, (-1, self.frames))
        return torch.cat([repeated, seen], dim=2)
