"""Per-channel convolutions over time, among them TAM's `Θ ⊗ (V ⊙ x)`, in few passes over memory.

The published code multiplies x by V and calls a grouped convolution with one group per clip
and channel. Here V and Θ are first joined into one small weight per tap, clip, channel and
frame, so forwards x is read once per tap and nothing as large is written but the result. The
features may lie in memory in the plain or in the channels-last layout; neither is copied into
the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable


def aggregate(
    x: Float[Tensor, "n c t h w"],
    importance: Float[Tensor, "n c t"],
    kernel: Float[Tensor, "n c k"],
) -> Float[Tensor, "n c t h w"]:
    """`y[t] = Σ_k kernel[k] · importance[s] · x[s]` with `s = t + k - K // 2`, zero outside.

    Differentiable once in all three arguments.
    """
    if x.device.type == "cuda" and not torch.is_grad_enabled() and _one_kernel(x.device):
        from tam_viz.models.aggregate_gpu import tap_sum

        return tap_sum(x, importance, kernel)
    weights = kernel.unsqueeze(-1) * importance.unsqueeze(-2)
    y: Tensor = _TapSum.apply(x, weights)
    return y


@cache
def _one_kernel(device: torch.device) -> bool:
    """Whether a GPU does all of it in one kernel."""
    try:
        from tam_viz.models.aggregate_gpu import works
    except ImportError:  # there is no Triton for this system
        return False
    return works(device)


def convolve(
    x: Float[Tensor, "n c t h w"], kernel: Float[Tensor, "n c k"]
) -> Float[Tensor, "n c t h w"]:
    """`aggregate` with every frame of importance one."""
    y: Tensor = _TapSum.apply(x, kernel.unsqueeze(-1).expand(-1, -1, -1, x.shape[2]))
    return y


def as_matrix(kernel: Float[Tensor, "c k"], frames: int) -> Float[Tensor, "c t t"]:
    """The matrix of `convolve`: entry `[c, t, s]` is what frame t takes from frame s."""
    taps = kernel.shape[1]
    matrix = kernel.new_zeros(kernel.shape[0], frames, frames)
    for k in range(taps):
        shift = k - taps // 2
        length = frames - abs(shift)
        if length > 0:
            diagonal = matrix.diagonal(shift, dim1=1, dim2=2)
            diagonal.copy_(kernel[:, k : k + 1].expand(-1, length))
    return matrix


def shift_kernel(channels: int) -> Float[Tensor, "c 3"]:
    """The shift of TSM as a kernel: an eighth of the channels reads ahead, an eighth back."""
    kernel = torch.zeros(channels, 3)
    part = channels // 8
    kernel[:part, 2] = 1
    kernel[part : 2 * part, 0] = 1
    kernel[2 * part :, 1] = 1
    return kernel


def mean_over_space(
    x: Float[Tensor, "n c t h w"], dtype: torch.dtype | None = None
) -> Float[Tensor, "n c t"]:
    """The profile of each channel: its mean over h and w, in `dtype` or that of x."""
    return sum_over_space(x, dtype or x.dtype) / (x.shape[3] * x.shape[4])


def sum_over_space(x: Float[Tensor, "n c t h w"], dtype: torch.dtype) -> Float[Tensor, "n c t"]:
    """Sum over h and w, added up in `dtype`.

    Frames go before channels for the sum, as they lie in memory: in the channels-last layout
    torch is many times slower over the axes in their logical order.
    """
    return x.transpose(1, 2).sum(dim=(3, 4), dtype=dtype).transpose(1, 2)


def _over_space(
    weights: Float[Tensor, "n c k t"], dtype: torch.dtype
) -> Float[Tensor, "n c k t 1 1"]:
    """Weights ready to multiply features: channels innermost in memory, h and w broadcast."""
    inner = weights.to(dtype).permute(0, 2, 3, 1).contiguous()
    return inner.permute(0, 3, 1, 2)[..., None, None]


def _taps(taps: int, frames: int) -> Iterator[tuple[int, slice, slice]]:
    """For each tap k, the centre first: k, the frames written and the frames read."""
    centre = taps // 2
    for k in sorted(range(taps), key=lambda k: abs(k - centre)):
        shift = k - centre
        written = slice(max(0, -shift), frames - max(0, shift))
        read = slice(max(0, shift), frames - max(0, -shift))
        if written.start < written.stop:
            yield k, written, read


class _TapSum(torch.autograd.Function):
    """`y[t] = Σ_k weights[k, s] · x[s]`; accumulates in place, which autograd alone cannot."""

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        x: Float[Tensor, "n c t h w"],
        weights: Float[Tensor, "n c k t"],
    ) -> Float[Tensor, "n c t h w"]:
        ctx.save_for_backward(x, weights)
        w = _over_space(weights, x.dtype)
        y = torch.empty_like(x)
        for k, written, read in _taps(weights.shape[2], x.shape[2]):
            if k == weights.shape[2] // 2:
                torch.mul(x, w[:, :, k], out=y)
            else:
                y[:, :, written].addcmul_(x[:, :, read], w[:, :, k, read])
        return y

    @staticmethod
    @once_differentiable
    def backward(
        ctx: FunctionCtx, dy: Float[Tensor, "n c t h w"]
    ) -> tuple[Tensor | None, Tensor | None]:
        x, weights = ctx.saved_tensors  # type: ignore[attr-defined]  # set by save_for_backward
        taps = weights.shape[2]
        w = _over_space(weights, x.dtype)
        dx, dweights = torch.empty_like(x), torch.zeros_like(weights)
        for k, written, read in _taps(taps, x.shape[2]):
            if k == taps // 2:
                torch.mul(dy, w[:, :, k], out=dx)
            else:
                dx[:, :, read].addcmul_(dy[:, :, written], w[:, :, k, read])
            product = dy[:, :, written] * x[:, :, read]
            dweights[:, :, k, read] = sum_over_space(product, weights.dtype)
        return dx, dweights
