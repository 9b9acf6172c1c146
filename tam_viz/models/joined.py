"""A convolution, its folded batch norm and what is added to them as one operation.

On a CPU oneDNN adds while a result is still in its registers, and is given weights in the layout
that it computes with instead of bringing them there in every pass. torch reaches that by operations
of its own compiler, which are not public: they are tried once on a small example, and where they
are absent or say something else the modules run one by one. So they do where a gradient is asked
for, where one of them has a hook, and where operations are counted.

The ReLU behind stays torch's own: that of oneDNN makes zeros of what is no number, and a network
whose activations overflow would give an answer.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_module

Convolution = nn.Conv2d | nn.Conv3d


def convolved(conv: nn.Module, norm: nn.Module, x: Tensor) -> Tensor:
    """`norm(conv(x))`."""
    if isinstance(conv, Convolution) and _possible(conv, norm, x):
        return _run(conv, x)
    y: Tensor = norm(conv(x))
    return y


def added(conv: nn.Module, norm: nn.Module, x: Tensor, other: Tensor) -> Tensor:
    """`norm(conv(x)) + other`."""
    if isinstance(conv, Convolution) and _possible(conv, norm, x):
        return _run_added(conv, x, other)
    y: Tensor = norm(conv(x))
    y += other
    return y


class Shortcut(nn.Sequential):
    """A convolution and its batch norm."""

    def forward(self, x: Tensor) -> Tensor:
        """Features in, features out."""
        return convolved(self[0], self[1], x)


def _possible(conv: Convolution, norm: nn.Module, x: Tensor) -> bool:
    """Whether nobody would notice."""
    return (
        not torch.is_grad_enabled()
        and x.device.type == "cpu"
        and x.dtype == conv.weight.dtype
        and type(norm) is nn.Identity
        and type(conv) in (nn.Conv2d, nn.Conv3d)
        and conv.padding_mode == "zeros"
        and not isinstance(conv.padding, str)
        and not (_heard(conv) or _heard(norm))
        and not torch.is_autocast_enabled("cpu")
        and torch._C._len_torch_dispatch_stack() == 0  # noqa: SLF001  # who counts operations
        and bool(torch.backends.mkldnn.enabled)
        and works(x.dtype, x.ndim)
    )


def _heard(module: nn.Module) -> bool:
    """Whether a hook is called around a module."""
    return bool(
        module._forward_hooks  # noqa: SLF001  # nothing public says
        or module._forward_pre_hooks  # noqa: SLF001
        or torch_module._global_forward_hooks  # noqa: SLF001
        or torch_module._global_forward_pre_hooks  # noqa: SLF001
    )


@cache
def works(dtype: torch.dtype, axes: int) -> bool:
    """Whether the joined operations are here and say what the single ones say, on an example.

    Args:
        dtype: Of the features and the weights.
        axes: Of the features, 4 or 5.
    """
    off = {torch.float32: 1e-4, torch.bfloat16: 0.1}.get(dtype)
    if off is None or axes not in (4, 5):
        return False
    shape, kind = (2, 4, *[5] * (axes - 2)), nn.Conv2d if axes == 4 else nn.Conv3d
    try:
        with (
            torch.inference_mode(mode=False),
            torch.no_grad(),
            torch.random.fork_rng(devices=[]),  # the numbers that others draw stay the same
        ):
            x, other = (torch.randn(shape).to(dtype) for _ in range(2))
            conv = kind(4, 4, 3, padding=1).to(dtype)
            plain = conv(x).float()
            pairs = (_run(conv, x), plain), (_run_added(conv, x, other), plain + other.float())
            return all(torch.allclose(y.float(), z, rtol=off, atol=off) for y, z in pairs)
    except (AttributeError, RuntimeError, TypeError):
        return False


class _Packed(NamedTuple):
    """The weights of a convolution as oneDNN lays them out, and which weights they were."""

    weight: Tensor
    address: int
    version: int


_PACKED: WeakKeyDictionary[nn.Module, _Packed] = WeakKeyDictionary()


def _packed(conv: Convolution, x: Tensor) -> Tensor:
    """The weights of a convolution as oneDNN lays them out; again where they have changed."""
    weight = conv.weight
    version = -1 if weight.is_inference() else weight._version  # noqa: SLF001  # nor this
    known = _PACKED.get(conv)
    if known is None or (known.address, known.version) != (weight.data_ptr(), version):
        with torch.inference_mode(mode=False), torch.no_grad():
            laid_out = torch.ops.mkldnn._reorder_convolution_weight(  # noqa: SLF001
                weight.detach(), *_shape(conv), list(x.shape)
            )
        known = _PACKED[conv] = _Packed(laid_out, weight.data_ptr(), version)
    return known.weight


def _shape(conv: Convolution) -> tuple[list[int], list[int], list[int], int]:
    return [int(p) for p in conv.padding], [*conv.stride], [*conv.dilation], conv.groups


def _run(conv: Convolution, x: Tensor) -> Tensor:
    y: Tensor = torch.ops.mkldnn._convolution_pointwise(  # noqa: SLF001
        x, _packed(conv, x), conv.bias, *_shape(conv), "none", [], ""
    )
    return y


def _run_added(conv: Convolution, x: Tensor, other: Tensor) -> Tensor:
    y: Tensor = torch.ops.mkldnn._convolution_pointwise.binary(  # noqa: SLF001
        x, other, _packed(conv, x), conv.bias, *_shape(conv), "add", 1.0, None, [], ""
    )
    return y
