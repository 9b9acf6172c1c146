"""A ResNet bottleneck with a temporal module in it; the only place that folds clips and frames.

Convolutions see frames, `(n·t, c, h, w)`; temporal modules see clips, `(n, c, t, h, w)`. Both
are views of the same memory.
"""

from __future__ import annotations

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.joined import Shortcut, added, convolved
from tam_viz.models.registry import Entry, Insertion


def fold(x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "nt c h w"]:
    """Clips to frames."""
    return x.transpose(1, 2).flatten(0, 1)


def unfold(x: Float[Tensor, "nt c h w"], frames: int) -> Float[Tensor, "n c t h w"]:
    """Frames to clips of `frames` frames."""
    clips: Tensor = x.unflatten(0, (-1, frames))
    return clips.transpose(1, 2)


class TemporalBottleneck(nn.Module):
    """The bottleneck of He et al. (2016), stride in the 3x3 convolution, with a temporal module.

    Submodules have torchvision's names. torchvision's own class would do, but importing it costs
    as long as importing torch, and the first page waits for it.

    Args:
        inplanes: Channels of the input.
        planes: Channels inside the bottleneck; the output has four times as many.
        stride: Of `conv2` and of the shortcut.
        frames: Frames in a clip.
        entry: The temporal module and where it sits.
        options: What to make the temporal module with, beside channels and frames.
    """

    expansion = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int,
        frames: int,
        entry: Entry,
        options: Mapping[str, int],
    ) -> None:
        super().__init__()
        outplanes = planes * self.expansion
        self.conv1: nn.Conv2d | None = None
        if entry.insertion is not Insertion.AS_CONV1:
            self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2: nn.Conv2d | None = None
        if entry.insertion is not Insertion.AS_CONV2:
            self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, outplanes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outplanes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inplanes != outplanes:
            self.downsample = Shortcut(
                nn.Conv2d(inplanes, outplanes, 1, stride=stride, bias=False),
                nn.BatchNorm2d(outplanes),
            )
        self.frames, self.insertion = frames, entry.insertion
        if entry.insertion in (Insertion.BEFORE_BLOCK, Insertion.BEFORE_CONV1):
            self.temporal = entry.make(inplanes, frames, **options)
        elif entry.insertion is Insertion.AS_CONV1:
            self.temporal = entry.make(inplanes, frames, out_channels=planes, **options)
        elif entry.insertion is Insertion.AS_CONV2:
            self.temporal = entry.make(planes, frames, stride=stride, **options)
        elif entry.insertion is Insertion.AFTER_BLOCK:
            self.temporal = entry.make(outplanes, frames, **options)
        else:
            self.temporal = entry.make(planes, frames, **options)

    def forward(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt d e f"]:
        """Frames in, frames out."""
        x = self._mix(x) if self.insertion is Insertion.BEFORE_BLOCK else x
        identity = x if self.downsample is None else self.downsample(x)
        y = self._mix(x) if self.insertion is Insertion.BEFORE_CONV1 else x
        y = self.relu(self._convolve(self.conv1, self.bn1, y))
        y = self._mix(y) if self.insertion is Insertion.AFTER_CONV1 else y
        y = self.relu(self._convolve(self.conv2, self.bn2, y))
        y = self.relu(added(self.conv3, self.bn3, y, identity))
        out: Tensor = self._mix(y) if self.insertion is Insertion.AFTER_BLOCK else y
        return out

    def _convolve(
        self, conv: nn.Conv2d | None, norm: nn.Module, x: Float[Tensor, "nt c h w"]
    ) -> Float[Tensor, "nt d e f"]:
        """A convolution, or the temporal module in its place, and its batch norm."""
        y: Tensor = norm(self._mix(x)) if conv is None else convolved(conv, norm, x)
        return y

    def _mix(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt d e f"]:
        return fold(self.temporal(unfold(x, self.frames)))
