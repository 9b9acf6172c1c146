"""Batch norms folded into the layers before them, for inference.

In evaluation mode a batch norm multiplies each channel by a constant and adds another. Where its
input is what a convolution or a linear layer gives, and nothing else reads that, both constants can
be part of the layer's weights: `γ (Wx + b − μ) / √(σ² + ε) + β`. The batch norm becomes an
`nn.Identity` under the same name, so modules keep their places and hooks hear what they heard.

Which layer comes before which batch norm is found by a pass without numbers, on the meta device.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tam_viz.types import InputSpec

_LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class Pair(NamedTuple):
    """The names of a layer and of the batch norm that alone reads what it gives."""

    layer: str
    norm: str


class _Readers(TorchDispatchMode):
    """Counts the operations that read each tensor; keeps all of them, so that ids stay theirs."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count: Counter[int] = Counter()
        self._kept: list[object] = []

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> object:
        out = func(*args, **(kwargs or {}))
        self.count.update({id(a) for a in tree_leaves((args, kwargs)) if isinstance(a, Tensor)})
        self._kept += [args, out]
        return out


def find_pairs(build: Callable[[], nn.Module], spec: InputSpec) -> list[Pair]:
    """The batch norms of a network that can be folded, each with the layer to fold it into.

    A layer or a batch norm that is called more than once, or that has two names, is left out.

    Args:
        build: Makes the network; called with `meta` as the device.
        spec: What it is given.

    Returns:
        The pairs in forward order; none for a network that cannot be run without numbers.
    """
    with torch.device("meta"):
        net = build().eval()
        clip = torch.empty(1, 3, spec.frames, spec.size, spec.size)
    names = Counter(id(m) for _, m in net.named_modules(remove_duplicate=False))
    calls: Counter[str] = Counter()
    givers: dict[int, str] = {}
    found: list[tuple[Pair, int]] = []

    def hear(name: str, module: nn.Module) -> Callable[..., None]:
        def keep(_: nn.Module, args: tuple[Tensor, ...], out: Tensor) -> None:
            calls[name] += 1
            if isinstance(module, _LAYERS):
                givers[id(out)] = name
            elif id(args[0]) in givers:
                found.append((Pair(givers[id(args[0])], name), id(args[0])))

        return keep

    with ExitStack() as hooks, torch.inference_mode(), _Readers() as readers:
        for name, module in net.named_modules():
            if _usual(module) and names[id(module)] == 1:
                hooks.callback(module.register_forward_hook(hear(name, module)).remove)
        try:
            net(clip)
        except (NotImplementedError, RuntimeError):  # it needs numbers
            return []
    return [
        pair
        for pair, tensor in found
        if readers.count[tensor] == 1 and calls[pair.layer] == calls[pair.norm] == 1
    ]


def _usual(module: nn.Module) -> bool:
    """Whether a layer or a batch norm computes what torch's own does, if it is derived from it."""
    kinds = (*_LAYERS, *_NORMS)
    return isinstance(module, kinds) and type(module).forward in [kind.forward for kind in kinds]


def fold_norms(net: nn.Module, pairs: list[Pair]) -> None:
    """Makes each batch norm a part of the layer before it; computed in float64, once.

    Args:
        net: A network with its weights, in evaluation mode; changed in place.
        pairs: What `find_pairs` says of a network of the same shape.
    """
    for pair in pairs:
        layer, norm = net.get_submodule(pair.layer), net.get_submodule(pair.norm)
        if not (isinstance(layer, _LAYERS) and isinstance(norm, _NORMS)) or norm.training:
            raise TypeError(f"{pair.norm} is no batch norm in evaluation mode behind {pair.layer}")
        if norm.running_mean is None or norm.running_var is None:
            continue  # it takes its constants from the batch
        _fold(layer, norm, norm.running_mean, norm.running_var)
        parent, _, child = pair.norm.rpartition(".")
        setattr(net.get_submodule(parent), child, nn.Identity())


@torch.no_grad()
def _fold(
    layer: nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear,
    norm: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d,
    mean: Tensor,
    variance: Tensor,
) -> None:
    weight = layer.weight
    scale = (variance.double() + norm.eps).rsqrt()
    bias = -mean.double() if layer.bias is None else layer.bias.double() - mean.double()
    if norm.affine:
        scale = scale * norm.weight.double()
    bias = bias * scale
    if norm.affine:
        bias = bias + norm.bias.double()
    folded = weight.double() * scale.view(-1, *[1] * (weight.ndim - 1))
    # as they lay in memory, which `to` keeps
    layer.weight = nn.Parameter(folded.to(weight.dtype), weight.requires_grad)
    layer.bias = nn.Parameter(bias.to(weight.dtype), weight.requires_grad)
