"""The one video network: a 2D bottleneck ResNet over frames, a temporal module injected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.block import TemporalBottleneck, fold
from tam_viz.models.registry import entry
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


class VideoNet(nn.Module):
    """A ResNet over the frames of a clip, its frame logits averaged (segment consensus of TSN).

    Args:
        temporal: Name in the registry of the temporal module in every bottleneck.
        frames: T, frames in a clip.
        classes: Number of classes.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        options: Options of the temporal module, such as `{"taps": 5}` for TAM.

    Raises:
        UserError: There is no such temporal module.
    """

    def __init__(
        self,
        temporal: str,
        *,
        frames: int,
        classes: int,
        layers: Layers = DEPTHS[50],
        width: int = 64,
        options: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__()
        self.frames = frames
        module = entry(temporal)
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inplanes = width
        for stage, depth in enumerate(layers):
            planes, blocks = width * 2**stage, []
            for i in range(depth):
                stride = 2 if stage > 0 and i == 0 else 1
                blocks.append(
                    TemporalBottleneck(inplanes, planes, stride, frames, module, options or {})
                )
                inplanes = planes * TemporalBottleneck.expansion
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inplanes, classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Float[Tensor, "n k"]:
        """Logits of each clip `(n, 3, t, h, w)`: the mean over its frames of their logits."""
        return self.frame_logits(x).mean(dim=1)

    def frame_logits(self, x: Tensor) -> Float[Tensor, "n t k"]:
        """Logits of each frame, after the temporal modules have mixed the frames.

        Args:
            x: Normalised clips `(n, 3, t, h, w)`; the shape is checked here, not by its type,
                because a batch of frames must be refused with a sentence.

        Raises:
            UserError: The input is not a batch of RGB clips of T frames.
        """
        if x.ndim != 5 or x.shape[1] != 3 or x.shape[2] != self.frames:
            raise UserError(
                f"This network takes clips of {self.frames} RGB frames as "
                f"(clips, 3, {self.frames}, height, width), and was given {tuple(x.shape)}."
            )
        y = self.maxpool(self.relu(self.bn1(self.conv1(fold(x)))))
        for stage in (1, 2, 3, 4):
            y = self.get_submodule(f"layer{stage}")(y)
        y = self.avgpool(y).flatten(1)
        logits: Tensor = self.fc(y).unflatten(0, (-1, self.frames))
        return logits

    def tam_blocks(self) -> Iterator[tuple[str, TAM]]:
        """The TAM blocks by the name of their bottleneck (`layer3.4`), in forward order."""
        for name, module in self.named_modules():
            if isinstance(module, TAM):
                yield name.removesuffix(".temporal"), module
