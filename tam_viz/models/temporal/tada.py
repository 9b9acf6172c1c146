"""A spatial convolution whose weights are calibrated for every frame (TAdaConv)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models.aggregate import convolve, mean_over_space
from tam_viz.models.registry import Insertion, register


@register(
    "tada",
    network="TAda2D",
    insertion=Insertion.AS_CONV2,
    paper="2110.06178",
    reach=None,
    branch="route",
)
class TemporallyAdaptiveConvolution(nn.Module):
    """TAdaConv and temporal average pooling (Huang et al., 2022, sections 3.2 and 3.3).

    The 3×3 kernel of frame t is `W[t] = α[t] · W`, one factor for each input channel, which is the
    same as to multiply the input by α. With `p[t] = mean_hw x[t]` and g its mean over t,
    `α = 1 + K₂ * ReLU(BN(K₁ * (p + G g)))`; K₁ and K₂ convolve over three frames and reduce the
    channels by four. Then `z = y + BN(mean of y[t-1], y[t], y[t+1])`; in the paper y has a batch
    norm of its own, which here is the bottleneck's. K₂ and the last norm start at zero, so the
    module starts as the plain convolution. `9·C²`, `2.5·C²` and `2.5·C` parameters.
    """

    def __init__(self, channels: int, frames: int, stride: int = 1, reduction: int = 4) -> None:
        super().__init__()
        self.channels, self.frames = channels, frames
        over = (1, stride, stride)
        self.space = nn.Conv3d(channels, channels, (1, 3, 3), over, (0, 1, 1), bias=False)
        self.route = Route(channels, max(1, channels // reduction))
        self.pool_norm = nn.BatchNorm3d(channels)
        nn.init.zeros_(self.pool_norm.weight)
        nn.init.kaiming_normal_(self.space.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t e f"]:
        """Convolves every frame with its own kernel, then adds the mean of its neighbours."""
        y = self.space(x * self.route(mean_over_space(x))[..., None, None])
        pooled = convolve(y, y.new_full((y.shape[0], y.shape[1], 3), 1 / 3))
        z: Tensor = y + self.pool_norm(pooled)
        return z


class Route(nn.Module):
    """The calibration factors from the profiles of the channels (the paper's equation 3)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.whole = nn.Conv1d(channels, channels, 1)
        self.reduce = nn.Conv1d(channels, hidden, 3, padding=1)
        self.norm = nn.BatchNorm1d(hidden)
        self.expand = nn.Conv1d(hidden, channels, 3, padding=1, bias=False)
        nn.init.zeros_(self.expand.weight)

    def forward(self, profile: Float[Tensor, "n c t"]) -> Float[Tensor, "n c t"]:
        """α of each channel and frame; 1 at the start of training."""
        context = self.whole(profile.mean(dim=2, keepdim=True))
        hidden = F.relu(self.norm(self.reduce(profile + context)))
        factors: Tensor = 1 + self.expand(hidden)
        return factors
