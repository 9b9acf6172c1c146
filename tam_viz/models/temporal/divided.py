"""Attention over time, then over space, that knows which frame is which (TimeSformer)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.registry import Insertion, register


@register(
    "divided",
    network="TimeSformer",
    insertion=Insertion.AFTER_BLOCK,
    paper="2102.05095",
    reach=None,
    stages=(2, 3),
)
class DividedAttention(nn.Module):
    """Divided space-time attention (Bertasius et al., 2021, section 3), after a bottleneck.

    With z the features of a position, `z ← z + W MSA_time(LN(z) + e[t])`, where each position
    attends to its own place in all frames, then `z ← z + W MSA_space(LN(z))`, where it attends to
    all of its frame. e, one learned vector a frame, tells the frames apart, so the order of time
    can be seen. Half the channels inside, in heads of 32. The paper's tokens also have positions
    in space and an MLP after each block; here the convolutions around give both. Both W start at
    zero, so the module starts as the identity. `4·C² + T·C + 4·C` parameters and a few. After
    every bottleneck of the second and third stage, the stages of non-local attention. Bound to the
    number of frames.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        self.position = nn.Parameter(0.02 * torch.randn(frames, channels))
        self.time, self.space = Attention(channels), Attention(channels)
        self.time_norm, self.space_norm = nn.LayerNorm(channels), nn.LayerNorm(channels)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Adds what each position attends to in time, then in space."""
        height, width = x.shape[3:]
        z = x.permute(0, 3, 4, 2, 1).flatten(1, 2)  # (n, p, t, c)
        z = z + self.time(self.time_norm(z) + self.position)
        z = z.transpose(1, 2)  # (n, t, p, c)
        z = z + self.space(self.space_norm(z))
        y: Tensor = z.unflatten(2, (height, width)).permute(0, 4, 1, 2, 3)
        return y

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "t t"]:
        """Attention from frame to frame, averaged over positions and heads; rows sum to one.

        Not what takes input to output (values are mixed over channels too), but how much of what
        is added to a frame comes from each.
        """
        z = x.permute(0, 3, 4, 2, 1).flatten(1, 2)
        query, key, _ = self.time.projected(self.time_norm(z) + self.position)
        scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
        return scores.softmax(-1).mean(dim=(0, 1, 2))


class Attention(nn.Module):
    """Multi-head self-attention over the axis before the last, half the channels inside."""

    head = 32

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(1, channels // 2)
        self.heads = max(1, inner // self.head)
        self.project = nn.Linear(channels, 3 * inner)
        self.out = nn.Linear(inner, channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, z: Float[Tensor, "n a b c"]) -> Float[Tensor, "n a b c"]:
        """What each of the b positions of a row gathers from the others and itself."""
        query, key, value = self.projected(z)
        gathered = F.scaled_dot_product_attention(query, key, value)
        y: Tensor = self.out(gathered.transpose(2, 3).flatten(3))
        return y

    def projected(
        self, z: Float[Tensor, "n a b c"]
    ) -> tuple[Float[Tensor, "n a g b d"], Float[Tensor, "n a g b d"], Float[Tensor, "n a g b d"]]:
        """Query, key and value of each head."""
        split = self.project(z).unflatten(-1, (3, self.heads, -1))
        query, key, value = (part.transpose(2, 3) for part in split.unbind(-3))
        return query, key, value
