"""Published networks that are more than one temporal module throughout a ResNet."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.block import TemporalBottleneck, fold, unfold
from tam_viz.models.net import Layers, TemporalResNet
from tam_viz.models.registry import Insertion, entry
from tam_viz.models.temporal.tsm import TemporalShift

NAME, BLOCK_NAME = "tsm_nonlocal", "tsm_block"
"""What a card calls the networks in the place of a temporal module."""

DEEP = 23
"""Blocks in the third stage from which on the published TSM shifts in every other block."""

Shift = Literal["none", "residual", "block"]
"""Where a shift stands: nowhere, inside the residual branch, or before the whole bottleneck."""


class Form(IntEnum):
    """Forms of non-local attention (Wang et al., 2018, section 3.2); cards store the number."""

    NONE = 0
    EMBEDDED_GAUSSIAN = 1
    DOT_PRODUCT = 2
    GAUSSIAN = 3


class ShiftedResNet(TemporalResNet):
    """A ResNet with TSM's shift in every block, or in every other one, and non-local attention.

    As published: the shift stands before `conv1` of block 0, `every`, 2·`every`, …, of each stage
    (`every` is 2 where a stage has 23 blocks or more); attention follows every second block of
    the second and third stage, beginning with the first.

    Args:
        frames: T, frames in a clip.
        classes: Number of classes.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        every: Distance of the blocks that shift.
        attention: Number of a `Form`.
        biased: 1 if the last convolution of the attention has a bias.
    """

    def __init__(
        self,
        frames: int,
        classes: int,
        layers: Layers,
        width: int,
        every: int = 1,
        attention: int = 0,
        biased: int = 0,
    ) -> None:
        super().__init__(entry("none"), frames, classes, layers, width, {})
        self.any_length = False
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            for block in list(stage.children())[::every]:
                _shift(block, frames, Insertion.BEFORE_CONV1)
        if attention:
            for stage in (self.layer2, self.layer3):
                for i, block in list(enumerate(stage.children()))[::2]:
                    stage[i] = _Attended(block, frames, Form(attention), bool(biased))


class BlockShiftedResNet(TemporalResNet):
    """A ResNet with TSM's shift before every bottleneck, its shortcut included.

    Called in-place shift by Lin et al. (2019, section 4.1) and `--shift_place=block` in their
    code; features of a frame itself are lost to the shortcut too.

    Args:
        frames: T, frames in a clip.
        classes: Number of classes.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
    """

    def __init__(self, frames: int, classes: int, layers: Layers, width: int) -> None:
        super().__init__(entry("none"), frames, classes, layers, width, {})
        self.any_length = False
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            for block in stage.children():
                _shift(block, frames, Insertion.BEFORE_BLOCK)


def _shift(block: nn.Module, frames: int, insertion: Insertion) -> None:
    """Gives a bottleneck without temporal module the shift of TSM."""
    if not isinstance(block, TemporalBottleneck) or block.conv1 is None:
        raise TypeError(f"{type(block).__name__} has no conv1 to shift before")
    block.temporal = TemporalShift(block.conv1.in_channels, frames)
    block.insertion = insertion


class _Attended(nn.Module):
    """A bottleneck with a non-local block behind it."""

    def __init__(self, block: nn.Module, frames: int, form: Form, biased: bool) -> None:
        super().__init__()
        if not isinstance(block, TemporalBottleneck):
            raise TypeError(f"{type(block).__name__} is no bottleneck")
        self.block, self.frames = block, frames
        self.attention = PublishedNonLocal(block.conv3.out_channels, form, biased)

    def forward(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt d e f"]:
        """Frames in, frames out."""
        return fold(self.attention(unfold(self.block(x), self.frames)))


class PublishedNonLocal(nn.Module):
    """Attention over all positions of all frames, as the published video networks have it.

    `z = x + BN(W y)`, `y_i = Σ_j f(x_i, x_j) g(x_j)` with half the channels inside; φ and g are
    max-pooled 2×2 over space. f is `softmax_j(θ(x_i)·φ(x_j))` (embedded Gaussian),
    `θ(x_i)·φ(x_j) / N` over the N positions j (dot product) or `softmax_j(x_i·x_j)` (Gaussian).

    Args:
        channels: Of the input; even.
        form: Of f.
        biased: Whether W has a bias beside the norm.
    """

    def __init__(self, channels: int, form: Form, biased: bool) -> None:
        super().__init__()
        self.form, inner = form, channels // 2
        self.g = nn.Conv3d(channels, inner, 1)
        if form is not Form.GAUSSIAN:
            self.theta = nn.Conv3d(channels, inner, 1)
            self.phi = nn.Conv3d(channels, inner, 1)
        self.out = nn.Conv3d(inner, channels, 1, bias=biased)
        self.norm = nn.BatchNorm3d(channels)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Adds to every position what it attends to."""
        plain = self.form is Form.GAUSSIAN
        query = (x if plain else self.theta(x)).flatten(2).transpose(1, 2)
        key = _pooled(x if plain else self.phi(x))
        value = _pooled(self.g(x))
        if self.form is Form.DOT_PRODUCT:
            seen = query @ (key.transpose(1, 2) @ value) / key.shape[1]
        else:
            seen = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        y: Tensor = x + self.norm(self.out(seen.transpose(1, 2).unflatten(2, x.shape[2:])))
        return y


def _pooled(y: Float[Tensor, "n d t h w"]) -> Float[Tensor, "n p d"]:
    """Vectors of the positions after 2×2 max-pooling over space."""
    pooled: Tensor = F.max_pool3d(y, (1, 2, 2))
    return pooled.flatten(2).transpose(1, 2)
