"""The video networks: a 2D bottleneck ResNet over frames with a temporal module injected."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.block import TemporalBottleneck, fold
from tam_viz.models.joined import convolved
from tam_viz.models.registry import Entry, Insertion, entry
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import UserError

Layers = tuple[int, int, int, int]

DEPTHS: dict[int, Layers] = {
    26: (2, 2, 2, 2),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
"""Bottlenecks in each stage by the depth in the network's name (He et al., 2016, table 1)."""


class VideoNet(nn.Module, ABC):
    """Base of all networks: clips in, features of each frame, logits averaged over frames.

    Averaging logits over frames is the segment consensus of TSN.

    Args:
        frames: T, frames in a clip.
        classes: Number of classes.
        features: Number of features of a frame.
    """

    any_length = False
    """True for a network that looks at frames alone: it takes clips of any length."""

    def __init__(self, frames: int, classes: int, features: int) -> None:
        super().__init__()
        self.frames, self.classes = frames, classes
        self.fc: nn.Module = nn.Linear(features, classes)

    @abstractmethod
    def features(self, x: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n t d"]:
        """Features of each frame, after the temporal modules have mixed the frames."""

    def last_maps(self) -> list[tuple[nn.Module, bool]]:
        """The modules that give the last feature maps, or that are given them (True).

        Empty for a network that averages no maps before its classifier.
        """
        return []

    def forward(self, x: Tensor) -> Float[Tensor, "n k"]:
        """Logits of each clip `(n, 3, t, h, w)`: the mean over its frames of their logits."""
        return self.frame_logits(x).mean(dim=1)

    def frame_logits(self, x: Tensor) -> Float[Tensor, "n t k"]:
        """Logits of each frame.

        Args:
            x: Normalised clips `(n, 3, t, h, w)`; the shape is checked here, not by its type,
                because a batch of frames must be refused with a sentence.

        Raises:
            UserError: The input is not a batch of RGB clips of T frames.
        """
        if x.ndim == 5 and x.shape[2] and self.any_length:
            self._count_frames(x.shape[2])
        if x.ndim != 5 or x.shape[1] != 3 or x.shape[2] != self.frames:
            raise UserError(
                f"This network takes clips of {self.frames} RGB frames as "
                f"(clips, 3, {self.frames}, height, width), and was given {tuple(x.shape)}."
            )
        return self.classified(self.features(x))

    def classified(self, features: Float[Tensor, "n t d"]) -> Float[Tensor, "n t k"]:
        """Logits of each frame from its features, at least in float32."""
        logits: Tensor = self.fc(features.to(torch.promote_types(features.dtype, torch.float32)))
        return logits

    def _count_frames(self, frames: int) -> None:
        """Takes clips of another length from now on."""
        for module in self.modules():
            if isinstance(module, (VideoNet, TemporalBottleneck)):
                module.frames = frames

    def initialise(self) -> None:
        """Random weights for all 2D convolutions (He et al., 2015)."""
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def channels_last(self) -> VideoNet:
        """Lays the weights out with channels innermost, as convolutions are fastest with."""
        layouts = {4: torch.channels_last, 5: torch.channels_last_3d}
        for parameter in self.parameters():
            if parameter.ndim in layouts:
                parameter.data = parameter.data.contiguous(memory_format=layouts[parameter.ndim])
        return self

    def tam_blocks(self) -> Iterator[tuple[str, TAM]]:
        """The TAM blocks by the name of their bottleneck (`layer3.4`), in forward order."""
        for name, module in self.named_modules():
            if isinstance(module, TAM):
                yield name.removesuffix(".temporal"), module


def video_net(
    temporal: str,
    *,
    frames: int,
    classes: int,
    layers: Layers = DEPTHS[50],
    width: int = 64,
    options: Mapping[str, int] | None = None,
) -> VideoNet:
    """The network with a temporal module, with random weights.

    Args:
        temporal: Name in the registry of the temporal module.
        frames: T, frames in a clip.
        classes: Number of classes.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        options: Options of the temporal module, such as `{"taps": 5}` for TAM.

    Raises:
        UserError: There is no such temporal module.
    """
    module = entry(temporal)
    if module.insertion is Insertion.NETWORK:
        net = module.make(frames, classes, layers, width, **(options or {}))
        if not isinstance(net, VideoNet):
            raise TypeError(f"{temporal} is registered as a network and is none")
        return net
    return TemporalResNet(module, frames, classes, layers, width, options or {})


class TemporalResNet(VideoNet):
    """A ResNet over the frames of a clip, with one temporal module throughout.

    Submodules have torchvision's names.
    """

    def __init__(
        self,
        module: Entry,
        frames: int,
        classes: int,
        layers: Layers,
        width: int,
        options: Mapping[str, int],
    ) -> None:
        super().__init__(frames, classes, 8 * width * TemporalBottleneck.expansion)
        self.any_length = module.reach == (0, 0)
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        parts = stages(width, layers, width, frames, [module] * 4, options=options)
        self.layer1, self.layer2, self.layer3, self.layer4 = parts
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.initialise()

    def last_maps(self) -> list[tuple[nn.Module, bool]]:
        """The feature maps of the fourth stage."""
        return [(self.layer4, False)]

    def features(self, x: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n t d"]:
        """Pooled features of each frame."""
        return self.pooled(self.layer4(self.layer3(self.layer2(self.layer1(self.stem(x))))))

    def stem(self, x: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "nt c e f"]:
        """Frames as the first bottleneck is given them."""
        frames: Tensor = self.maxpool(self.relu(convolved(self.conv1, self.bn1, fold(x))))
        return frames

    def trunk(self) -> list[tuple[str, nn.Module]]:
        """The bottlenecks by name, in forward order: frames in, frames out."""
        stages = ("layer1", "layer2", "layer3", "layer4")
        return [
            (f"{stage}.{number}", block)
            for stage in stages
            for number, block in self.get_submodule(stage).named_children()
        ]

    def pooled(self, y: Float[Tensor, "nt c e f"]) -> Float[Tensor, "n t d"]:
        """Features of each frame from what the last bottleneck gives."""
        pooled: Tensor = self.avgpool(y).flatten(1).unflatten(0, (-1, self.frames))
        return pooled


def stages(
    inplanes: int,
    layers: Layers,
    width: int,
    frames: int,
    modules: Sequence[Entry],
    joined: Sequence[int] = (0, 0, 0, 0),
    options: Mapping[str, int] | None = None,
) -> list[nn.Sequential]:
    """The four stages of a bottleneck ResNet.

    Args:
        inplanes: Channels that the stem gives.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage; each next stage has twice as
            many.
        frames: Frames in a clip.
        modules: The temporal module of each stage.
        joined: Channels that are joined to the input of each stage from elsewhere.
        options: Options of the temporal modules.
    """
    none = entry("none")
    built = []
    for s, (depth, module) in enumerate(zip(layers, modules, strict=True)):
        planes, blocks = width * 2**s, []
        inplanes += joined[s]
        for i in range(depth):
            stride = 2 if s > 0 and i == 0 else 1
            sits = module.sits(s + 1, i)
            blocks.append(
                TemporalBottleneck(
                    inplanes,
                    planes,
                    stride,
                    frames,
                    module if sits else none,
                    options or {} if sits else {},
                )
            )
            inplanes = planes * TemporalBottleneck.expansion
        built.append(nn.Sequential(*blocks))
    return built
