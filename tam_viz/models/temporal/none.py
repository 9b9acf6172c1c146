"""No temporal module: frames are independent until their logits are averaged (TSN)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.registry import Insertion, register


@register(
    "none",
    network="TSN",
    insertion=Insertion.AFTER_CONV1,
    paper="1608.00859",
    reach=(0, 0),
    slug="tsn",
)
class NoTemporalModule(nn.Module):
    """The identity: a 2D network looks at each frame alone (Wang et al., 2016, section 3.1).

    No parameters, no cost.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Returns `x`."""
        return x

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "t t"]:
        """The matrix that takes the frames of each channel to those of the output."""
        return torch.eye(x.shape[2], dtype=x.dtype, device=x.device)
