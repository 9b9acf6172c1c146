"""Temporal shift: a part of the channels is read from the neighbouring frames (TSM)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.aggregate import as_matrix, shift_kernel
from tam_viz.models.registry import Insertion, register


@register("tsm", network="TSM", insertion=Insertion.BEFORE_CONV1, paper="1811.08383", reach=(-1, 1))
class TemporalShift(nn.Module):
    """Residual shift (Lin et al., 2019, section 4).

    The first eighth of the channels reads the next frame, the second eighth the previous one,
    the rest stay; frames beyond the clip are zero. No parameters and no arithmetic, one copy.
    """

    fold = 8

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Shifts the first two groups of `c // 8` channels by one frame each way."""
        part = x.shape[1] // self.fold
        y = torch.empty_like(x)
        y[:, :part, :-1] = x[:, :part, 1:]
        y[:, :part, -1] = 0
        y[:, part : 2 * part, 1:] = x[:, part : 2 * part, :-1]
        y[:, part : 2 * part, 0] = 0
        y[:, 2 * part :] = x[:, 2 * part :]
        return y

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output."""
        return as_matrix(shift_kernel(x.shape[1]).to(x), x.shape[2])
