"""The local branch of TAM alone: an importance map and no kernel."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.registry import Insertion, register
from tam_viz.models.temporal.tam import TAM


@register(
    "tam_local",
    network="TANet, V only",
    insertion=Insertion.AFTER_CONV1,
    paper="2005.06803",
    reach=(-1, 1),
)
class LocalOnly(TAM):
    """TAM with Θ = [0, 1, 0] (ablation of Liu et al., 2021, section 4.2).

    `y[t] = V[t] · x[t]`: frames are weighted and never mixed, but V of a frame sees the pooled
    features of its neighbours. The parameters of `L` only. An eighth of the cost of TAM in
    multiply-adds is saved; the fixed kernel goes through the same code, so that it can be
    recorded and edited like any other.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__(channels, frames)
        self.G = Centre(self.taps)


class Centre(nn.Module):
    """Θ = [0, 1, 0] for every channel."""

    def __init__(self, taps: int) -> None:
        super().__init__()
        self.taps = taps

    def forward(self, profile: Float[Tensor, "m t"]) -> Float[Tensor, "m k"]:
        """The kernel that leaves frames where they are."""
        kernel = profile.new_zeros(len(profile), self.taps)
        kernel[:, self.taps // 2] = 1
        return kernel
