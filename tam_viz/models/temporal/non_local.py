"""Attention between all positions of all frames (Non-local)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.registry import Insertion, register


@register(
    "nonlocal",
    network="Non-local",
    insertion=Insertion.AFTER_BLOCK,
    paper="1711.07971",
    reach=None,
    stages=(2, 3),
    every=2,
)
class NonLocal(nn.Module):
    """Embedded-Gaussian attention over space and time (Wang et al., 2018, section 3).

    `z = BN(W y) + x` with `y_i = Σ_j softmax_j(θ(x_i) · φ(x_j)) g(x_j)` over the t·h·w
    positions, half the channels inside, and φ and g max-pooled 2×2 over space as in the paper.
    `2·C²` parameters and `(t·h·w)² / 4` products of vectors. The scale of the last norm starts
    at zero, so a block starts as the identity. After every second block of the second and third
    stage (res3 and res4 of the paper). Nothing in it knows which frame comes first: it cannot
    tell a clip from its reversal.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        inner = max(1, channels // 2)
        self.theta = nn.Conv3d(channels, inner, 1)
        self.phi = nn.Conv3d(channels, inner, 1)
        self.g = nn.Conv3d(channels, inner, 1)
        self.out = nn.Conv3d(inner, channels, 1, bias=False)
        self.norm = nn.BatchNorm3d(channels)
        nn.init.zeros_(self.norm.weight)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Adds to every position what it attends to."""
        query = self.theta(x).flatten(2).transpose(1, 2)
        key, value = (_positions(branch(x)) for branch in (self.phi, self.g))
        seen = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        y: Tensor = x + self.norm(self.out(seen.transpose(1, 2).unflatten(2, x.shape[2:])))
        return y

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "t t"]:
        """Attention from frame to frame, averaged over space; each row sums to one.

        Not what takes input to output (values are mixed over space and channels too), but how
        much of what is added to a frame comes from each.
        """
        query = self.theta(x).flatten(2).transpose(1, 2)
        scores = (query @ _positions(self.phi(x)).transpose(1, 2)).softmax(-1)[0]
        t = x.shape[2]
        seen: Tensor = scores.unflatten(1, (t, -1)).sum(-1).unflatten(0, (t, -1)).mean(1)
        return seen


def _positions(y: Float[Tensor, "n d t h w"]) -> Float[Tensor, "n p d"]:
    """Vectors of the positions, after 2×2 max-pooling over space."""
    half = (y.shape[2], -(-y.shape[3] // 2), -(-y.shape[4] // 2))
    pooled: Tensor = F.adaptive_max_pool3d(y, half)
    return pooled.flatten(2).transpose(1, 2)
