"""Batch norms folded into the layers before them, for inference.

In evaluation mode a batch norm multiplies each channel by a constant and adds another. Where its
input is what a convolution or a linear layer gives, and nothing else reads that, both constants can
be part of the layer's weights: `γ (Wx + b − μ) / √(σ² + ε) + β`. The batch norm becomes an
`nn.Identity` under the same name, so modules keep their places and hooks hear what they heard.

Which layer comes before which batch norm is found by a pass on a small clip.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

from tam_viz.types import InputSpec

_LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_SMALL, _FEW = 32, 16
"""Side and frames of the clip of that pass, for networks that take any."""


class Pair(NamedTuple):
    """The names of a layer and of the batch norm that alone reads what it gives."""

    layer: str
    norm: str


def find_pairs(net: nn.Module, spec: InputSpec) -> list[Pair]:
    """The batch norms of a network that can be folded, each with the layer to fold it into.

    A layer or a batch norm that is called more than once, or that has two names, is left out.

    Args:
        net: The network, in evaluation mode.
        spec: What it is given.

    Returns:
        The pairs in forward order.
    """
    if not any(isinstance(module, _NORMS) for module in net.modules()):
        return []
    for frames, size in (
        (spec.frames, min(_SMALL, spec.size)),
        (min(_FEW, spec.frames), spec.size),
    ):
        try:
            return _heard(net, frames, size)
        except RuntimeError:  # it takes clips of one size alone
            continue
    return []


def _heard(net: nn.Module, frames: int, size: int) -> list[Pair]:
    names = Counter(id(m) for _, m in net.named_modules(remove_duplicate=False))
    calls: Counter[str] = Counter()
    givers: dict[Node | None, str] = {}
    pairs: list[tuple[Pair, Node | None]] = []

    def hear(name: str) -> Callable[..., None]:
        def keep(module: nn.Module, args: tuple[Tensor, ...], out: Tensor) -> None:
            calls[name] += 1
            if isinstance(module, _LAYERS):
                givers[out.grad_fn] = name
            elif args[0].grad_fn in givers:
                pairs.append((Pair(givers[args[0].grad_fn], name), args[0].grad_fn))

        return keep

    clip = torch.zeros(1, 3, frames, size, size, device=next(net.parameters()).device)
    with ExitStack() as hooks, torch.inference_mode(mode=False), torch.enable_grad():
        for name, module in net.named_modules():
            if _usual(module) and names[id(module)] == 1:
                hooks.callback(module.register_forward_hook(hear(name)).remove)
        readers = _readers(net(clip.requires_grad_()).grad_fn)
    return [
        pair
        for pair, made in pairs
        if readers[made] == 1 and calls[pair.layer] == calls[pair.norm] == 1
    ]


def _readers(last: Node | None) -> Counter[Node | None]:
    """How many operations read what each operation gives, by the graph for gradients."""
    count: Counter[Node | None] = Counter()
    seen, rest = {last}, [last]
    while rest:
        node = rest.pop()
        for read, _ in node.next_functions if node is not None else ():
            count[read] += 1
            if read not in seen:
                seen.add(read)
                rest.append(read)
    return count


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
