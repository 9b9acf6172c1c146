"""The aggregation of TAM against a hand-written loop and the published grouped convolution."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tam_viz.models.aggregate import (
    aggregate,
    as_matrix,
    convolve,
    mean_over_space,
    shift_kernel,
)


def by_hand(x: Tensor, importance: Tensor, kernel: Tensor) -> Tensor:
    n, c, t, _, _ = x.shape
    taps = kernel.shape[-1]
    y = torch.zeros_like(x)
    for i in range(n):
        for j in range(c):
            for frame in range(t):
                for k in range(taps):
                    read = frame + k - taps // 2
                    if 0 <= read < t:
                        y[i, j, frame] += kernel[i, j, k] * importance[i, j, read] * x[i, j, read]
    return y


def grouped(x: Tensor, importance: Tensor, kernel: Tensor) -> Tensor:
    n, c, t, h, w = x.shape
    weighted = (x * importance[..., None, None]).reshape(1, n * c, t, h * w)
    taps = kernel.reshape(n * c, 1, -1, 1)
    pad = kernel.shape[-1] // 2
    return F.conv2d(weighted, taps, padding=(pad, 0), groups=n * c).view(n, c, t, h, w)


def inputs(taps: int = 3, frames: int = 6) -> tuple[Tensor, Tensor, Tensor]:
    shape = (2, 4, frames)
    return (
        torch.randn(*shape, 3, 5, dtype=torch.double),
        torch.rand(*shape, dtype=torch.double),
        torch.rand(2, 4, taps, dtype=torch.double).softmax(-1),
    )


def in_layout(x: Tensor, layout: str) -> Tensor:
    """Clips as views of frames in memory, as a bottleneck hands them over."""
    frames = x.transpose(1, 2).reshape(-1, x.shape[1], *x.shape[3:])
    if layout == "channels_last":
        frames = frames.contiguous(memory_format=torch.channels_last)
    clips: Tensor = frames.unflatten(0, (x.shape[0], -1)).transpose(1, 2)
    return clips


@pytest.mark.parametrize("frames", [1, 2, 6])
@pytest.mark.parametrize("taps", [1, 3, 5])
def test_equals_the_loop(taps: int, frames: int) -> None:
    x, importance, kernel = inputs(taps, frames)
    expected = by_hand(x, importance, kernel)
    torch.testing.assert_close(aggregate(x, importance, kernel), expected)


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
def test_equals_the_grouped_convolution_with_its_gradients(layout: str) -> None:
    x, importance, kernel = inputs()
    laid = in_layout(x, layout)
    ours = [v.clone().requires_grad_() for v in (laid, importance, kernel)]
    theirs = [v.clone().requires_grad_() for v in (x, importance, kernel)]
    y, reference = aggregate(*ours), grouped(*theirs)
    torch.testing.assert_close(y, reference)
    up = torch.randn_like(reference)
    y.backward(up)
    reference.backward(up)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad)


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
def test_keeps_the_layout_in_memory(layout: str) -> None:
    x, importance, kernel = inputs()
    laid = in_layout(x, layout)
    assert aggregate(laid, importance, kernel).stride() == laid.stride()


def test_gradients_by_finite_differences() -> None:
    leaves = [v.requires_grad_() for v in inputs()]
    assert torch.autograd.gradcheck(aggregate, leaves)


def test_half_precision_features_keep_their_type() -> None:
    x, importance, kernel = inputs()
    y = aggregate(x.bfloat16(), importance.float(), kernel.float())
    assert y.dtype == torch.bfloat16
    torch.testing.assert_close(y.double(), grouped(x, importance, kernel), rtol=0.03, atol=0.03)


@pytest.mark.parametrize("frames", [1, 2, 6])
@pytest.mark.parametrize("taps", [1, 3, 5])
def test_without_importance_it_is_a_convolution(taps: int, frames: int) -> None:
    x, importance, kernel = inputs(taps, frames)
    torch.testing.assert_close(convolve(x, kernel), by_hand(x, importance.fill_(1), kernel))


@pytest.mark.parametrize("frames", [1, 2, 6])
@pytest.mark.parametrize("taps", [1, 3, 5])
def test_its_matrix_does_the_same(taps: int, frames: int) -> None:
    x, _, kernel = inputs(taps, frames)
    product = torch.einsum("cts,csij->ctij", as_matrix(kernel[0], frames), x[0])
    torch.testing.assert_close(product, convolve(x, kernel)[0])


def test_the_shift_takes_an_eighth_from_each_side() -> None:
    x = torch.randn(1, 16, 4, 1, 1)
    y = convolve(x, shift_kernel(16)[None])
    torch.testing.assert_close(y[0, :2, :3], x[0, :2, 1:])
    torch.testing.assert_close(y[0, 2:4, 1:], x[0, 2:4, :3])
    assert not y[0, :2, 3].any()
    assert not y[0, 2:4, 0].any()
    torch.testing.assert_close(y[0, 4:], x[0, 4:])


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
def test_the_profile_is_the_mean_of_the_pixels(layout: str) -> None:
    x = in_layout(inputs()[0], layout)
    torch.testing.assert_close(mean_over_space(x), x.flatten(3).mean(3))
