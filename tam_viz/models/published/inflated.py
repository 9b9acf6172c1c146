"""3D ResNets whose bottlenecks are inflated 2D ones: I3D and SlowOnly as mmaction2 has them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.joined import Shortcut, added, convolved
from tam_viz.models.net import Layers, VideoNet

NAME = "inflated"
"""What a card calls the network in the place of a temporal module."""


class InflatedResNet(VideoNet):
    """A ResNet of 3D convolutions (Carreira & Zisserman, 2017; Feichtenhofer et al., 2019).

    In an inflated block `conv1` sees three frames, everything else sees one. With a stem of five
    frames (I3D) the stem, its pooling and a pooling behind the first stage each halve the number
    of frames, so T frames have T / 8 time steps with logits of their own; with a stem of one frame
    (SlowOnly) all T stay.

    Args:
        frames: T, frames in a clip.
        classes: Number of classes.
        layers: Blocks in each stage.
        width: Channels inside the blocks of the first stage.
        stem: Frames that the first convolution sees, 5 or 1.
        inflated: The blocks in forward order as bits, the first one lowest; 1 is inflated.
    """

    def __init__(
        self, frames: int, classes: int, layers: Layers, width: int, stem: int, inflated: int
    ) -> None:
        super().__init__(frames, classes, 32 * width)
        halve = 2 if stem == 5 else 1
        self.conv1 = nn.Conv3d(
            3, width, (stem, 7, 7), (halve, 2, 2), padding=(stem // 2, 3, 3), bias=False
        )
        self.bn1 = nn.BatchNorm3d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool3d((1, 3, 3), (halve, 2, 2), padding=(0, 1, 1))
        self.pool2 = nn.MaxPool3d((halve, 1, 1), (halve, 1, 1))
        channels, number, stages = width, 0, []
        for s, depth in enumerate(layers):
            blocks = []
            for i in range(depth):
                stride = 2 if s > 0 and i == 0 else 1
                taps = 3 if inflated >> number & 1 else 1
                blocks.append(InflatedBottleneck(channels, width * 2**s, stride, taps))
                channels, number = 4 * width * 2**s, number + 1
            stages.append(nn.Sequential(*blocks))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages

    def last_maps(self) -> list[tuple[nn.Module, bool]]:
        """The feature maps of the fourth stage."""
        return [(self.layer4, False)]

    def features(self, x: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n s d"]:
        """Pooled features of each time step."""
        y = self.maxpool(self.relu(convolved(self.conv1, self.bn1, x)))
        y = self.pool2(self.layer1(y))
        y = self.layer4(self.layer3(self.layer2(y)))
        pooled: Tensor = y.mean((3, 4)).transpose(1, 2)
        return pooled


class InflatedBottleneck(nn.Module):
    """The bottleneck of He et al. (2016) in 3D, `taps`×1×1, 1×3×3, 1×1×1."""

    def __init__(self, inplanes: int, planes: int, stride: int, taps: int) -> None:
        super().__init__()
        outplanes = 4 * planes
        self.conv1 = nn.Conv3d(
            inplanes, planes, (taps, 1, 1), padding=(taps // 2, 0, 0), bias=False
        )
        self.bn1 = nn.BatchNorm3d(planes)
        self.conv2 = nn.Conv3d(
            planes, planes, (1, 3, 3), (1, stride, stride), padding=(0, 1, 1), bias=False
        )
        self.bn2 = nn.BatchNorm3d(planes)
        self.conv3 = nn.Conv3d(planes, outplanes, 1, bias=False)
        self.bn3 = nn.BatchNorm3d(outplanes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inplanes != outplanes:
            self.downsample = Shortcut(
                nn.Conv3d(inplanes, outplanes, 1, (1, stride, stride), bias=False),
                nn.BatchNorm3d(outplanes),
            )

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n d t e f"]:
        """Clips in, clips out."""
        identity = x if self.downsample is None else self.downsample(x)
        y = self.relu(convolved(self.conv1, self.bn1, x))
        y = self.relu(convolved(self.conv2, self.bn2, y))
        out: Tensor = self.relu(added(self.conv3, self.bn3, y, identity))
        return out


def pattern(tensors: Mapping[str, Tensor], layers: Layers) -> int:
    """The inflated blocks, as the bits of `InflatedResNet`."""
    names = [
        f"layer{s + 1}.{i}.conv1.weight" for s, depth in enumerate(layers) for i in range(depth)
    ]
    three_taps = [tensors.get(name, torch.empty(0)).shape[2:3] == (3,) for name in names]
    return sum(1 << number for number, inflated in enumerate(three_taps) if inflated)
