"""The Temporal Adaptive Module: an importance map and a kernel made for each video (TAM)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.models.aggregate import aggregate, as_matrix, mean_over_space
from tam_viz.models.registry import Insertion, register
from tam_viz.types import UserError


@register(
    "tam",
    network="TANet",
    insertion=Insertion.AFTER_CONV1,
    paper="2005.06803",
    reach=None,
    slug="tanet",
    branch="G",
)
class TAM(nn.Module):
    """Two-level adaptive temporal modelling (Liu et al., ICCV 2021, section 3).

    From the features averaged over space, `L` makes the importance map V, which says where in
    time each channel matters (equation 3), and `G` makes the kernel Θ, one for each channel and
    the same at every time (equation 5). The output is `y = Θ ⊗ (V ⊙ x)` (equation 6):
    `y[t] = Σ_k Θ[k] · V[t + k - K // 2] · x[t + k - K // 2]`, zero beyond the clip.

    `G` and `L` are the published names; reading or replacing what they return is how the
    importance map and the kernel are recorded and edited. `G` is bound to the number of frames.

    Args:
        channels: C, a multiple of `beta`.
        frames: T, the number of frames of every clip.
        taps: K, the length of the kernel; odd.
        alpha: Factor by which the hidden layer of `G` is wider than T.
        beta: Factor by which the hidden layer of `L` is narrower than C.
    """

    def __init__(
        self, channels: int, frames: int, taps: int = 3, alpha: int = 2, beta: int = 4
    ) -> None:
        super().__init__()
        if taps % 2 == 0:
            raise ValueError(f"a kernel with {taps} taps has no centre; taps must be odd")
        self.channels, self.frames, self.taps = channels, frames, taps
        self.G: nn.Module = nn.Sequential(
            nn.Linear(frames, frames * alpha, bias=False),
            nn.BatchNorm1d(frames * alpha),
            nn.ReLU(inplace=True),
            nn.Linear(frames * alpha, taps, bias=False),
            nn.Softmax(-1),
        )
        self.L: nn.Module = nn.Sequential(
            nn.Conv1d(channels, channels // beta, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm1d(channels // beta),
            nn.ReLU(inplace=True),
            nn.Conv1d(channels // beta, channels, kernel_size=1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """Weights the frames of each channel by V, then convolves them over time with Θ.

        Raises:
            UserError: The clip has not `frames` frames.
        """
        t = x.shape[2]
        if t != self.frames:
            raise UserError(
                f"This TAM was built for {self.frames} frames and the clip has {t}; "
                f"give it {self.frames} frames or choose a {t}-frame checkpoint."
            )
        return aggregate(x, *self.decide(x))

    def decide(
        self, x: Float[Tensor, "n c t h w"]
    ) -> tuple[Float[Tensor, "n c t"], Float[Tensor, "n c k"]]:
        """V and Θ of each clip; the means that they are made of have at least float32."""
        pooled = mean_over_space(x, torch.promote_types(x.dtype, torch.float32))
        kernel = self.G(pooled.flatten(0, 1)).unflatten(0, pooled.shape[:2])
        return self.L(pooled), kernel

    def operator(self, x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "c t t"]:
        """The matrix that takes the frames of each channel to those of the output.

        `A[c, t, s] = Θ[c, s - t + K // 2] · V[c, s]`.
        """
        importance, kernel = self.decide(x)
        return as_matrix(kernel[0], x.shape[2]) * importance[0].unsqueeze(1)
