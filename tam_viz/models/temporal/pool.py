"""Temporal pooling: every frame becomes the average of itself and its neighbours (C2D-Pool)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.aggregate import as_matrix, convolve
from tam_viz.models.registry import Insertion, register


@register(
    "pool", network="C2D-Pool", insertion=Insertion.AFTER_CONV1, paper="2005.06803", reach=(-1, 1)
)
class TemporalPool(nn.Module):
    """Average over a window of three frames (baseline of Liu et al., 2021, section 4.2).

    `y[t] = (x[t-1] + x[t] + x[t+1]) / 3`, zero beyond the clip: the kernel of a TAM that has
    not made up its mind. No parameters, three multiply-adds for each value. It treats past
    and future alike, so it cannot tell a clip from its reversal.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Averages neighbouring frames."""
        return convolve(x, self._box(x))

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output."""
        return as_matrix(self._box(x)[0], x.shape[2])

    def _box(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c 3"]:
        return x.new_full((x.shape[0], x.shape[1], 3), 1 / 3)
