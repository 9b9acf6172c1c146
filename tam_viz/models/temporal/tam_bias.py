"""TAM whose channels may want different kernels from like profiles."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.registry import Insertion, register
from tam_viz.models.temporal.tam import TAM


@register(
    "tam_bias",
    network="TANet, own bias",
    insertion=Insertion.AFTER_CONV1,
    paper="2005.06803",
    reach=None,
    branch="G",
)
class OwnBias(TAM):
    """TAM with a learned bias of each channel under the softmax of `G`; not in the paper.

    The published `G` is one function for all channels (Liu et al., 2021, equation 5), so two
    channels with the same profile get the same kernel. Here `Θ[c] = softmax(g(p[c]) + b[c])`,
    with `g` the layers of `G` before the softmax and `b` starting at zero. 3C parameters more
    than TAM; bound to the number of frames.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__(channels, frames)
        assert isinstance(self.G, nn.Sequential)
        self.G = _BiasedKernels(self.G[:-1], channels, self.taps)


class _BiasedKernels(nn.Module):
    def __init__(self, shared: nn.Sequential, channels: int, taps: int) -> None:
        super().__init__()
        self.shared = shared
        self.bias = nn.Parameter(torch.zeros(channels, taps))

    def forward(self, profiles: Float[Tensor, "n t"]) -> Float[Tensor, "n k"]:
        """Kernels of profiles that come channel by channel, clip after clip."""
        scores: Tensor = self.shared(profiles).unflatten(0, (-1, len(self.bias)))
        return (scores + self.bias).softmax(-1).flatten(0, 1)
