"""The temporal operator of every block: the T×T matrix of each module for a clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.run import prepared
from tam_viz.models.aggregate import as_matrix
from tam_viz.models.block import TemporalBottleneck
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.models.temporal.divided import DividedAttention
from tam_viz.models.temporal.i3d import InflatedConvolution
from tam_viz.models.temporal.non_local import NonLocal
from tam_viz.models.temporal.none import NoTemporalModule
from tam_viz.types import Clip, Operator, OperatorKind

Make = Callable[[Float[Tensor, "1 c t h w"]], Float[Tensor, "c t t"]]
"""From what a module is given to its operator."""


def operators(loaded: LoadedModel, clip: Clip) -> dict[str, Operator]:
    """The operators of all blocks that have one, by the name of the block.

    One forward pass; each module is asked for its operator at the features that it is given.
    Modules that are no linear map of the frames of a channel once their gates are known (those
    that convolve or gate over space as well, SlowFast and published 3D networks) have none and
    are left out.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.

    Raises:
        UserError: The clip was not prepared for this network.
    """
    x = prepared(loaded, clip)
    by_block: dict[str, Operator] = {}
    with loaded.lock, torch.inference_mode(), ExitStack() as hooks:
        for name, module, make, kind in _modules(loaded.net, loaded.card.temporal):

            def hear(
                _: nn.Module,
                given: tuple[Tensor, ...],
                name: str = name,
                make: Make = make,
                kind: OperatorKind = kind,
            ) -> None:
                by_block[name] = Operator(_copy(make(given[0].detach())), kind)

            hooks.callback(module.register_forward_pre_hook(hear).remove)
        loaded.net(x)
    return by_block


def _modules(net: VideoNet, temporal: str) -> Iterator[tuple[str, nn.Module, Make, OperatorKind]]:
    """The temporal modules that have an operator, by the name of their bottleneck."""
    blocks = {
        name.removesuffix(".block"): block.temporal
        for name, block in net.named_modules()
        if isinstance(block, TemporalBottleneck)
    }
    for name, module in blocks.items():
        if isinstance(module, InflatedConvolution):
            yield name, module, _taps(module), "taps"
        elif isinstance(module, (NonLocal, DividedAttention)):
            yield name, module, module.operator, "attention"
        elif isinstance(module, NoTemporalModule):
            yield name, module, module.operator, "weights" if temporal == "none" else "identity"
        elif callable(operator := getattr(module, "operator", None)):
            yield name, module, operator, "weights"


def _taps(module: InflatedConvolution) -> Make:
    """The size of each tap over the channels that it mixes, for each channel of the output.

    `w[d, k] = ‖weight[d, :, k]‖`, divided by their sum over k: which frame is read, not how
    strongly nor with which sign.
    """

    def make(x: Float[Tensor, "1 c t h w"]) -> Float[Tensor, "d t t"]:
        size = torch.linalg.vector_norm(module.conv.weight, dim=1)
        return as_matrix(size / size.sum(1, keepdim=True), x.shape[2])

    return make


def _copy(matrix: Tensor) -> np.ndarray:
    """With an axis of channels, one where all channels are alike."""
    copied: np.ndarray = matrix.detach().clone().float().cpu().numpy()
    return copied if copied.ndim == 3 else copied[None]
