"""Dependence of the features of frame t on the pixels of frame s, by gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.types import Clip, Step, Steps

PROBES = 8
"""Random directions for each frame of the features."""
FEW = 2
"""The same for networks of which one backward pass takes a second."""
_SEED = 0
_PIXELS = 2**18
"""So many go through a network together, as copies of the clip with a direction each."""


def influence(
    loaded: LoadedModel, clip: Clip, probes: int = PROBES, *, detached: bool = False
) -> Steps[Float[np.ndarray, "r s"]]:
    """Estimates `I[t, s] = ‖∂f_t / ∂x_s‖`, the Frobenius norm of the Jacobian.

    f_t are the features of frame t before the classifier, x_s the normalised pixels of frame s.
    For v drawn from N(0, 1), `E ‖vᵀ ∂f_t/∂x_s‖² = ‖∂f_t/∂x_s‖²` (Hutchinson, 1990): the mean over
    `probes` directions, always the same ones, stands for the expectation. It is the slope at this
    clip, not what happens when a frame is taken away.

    A step is a backward pass. The result has a row for each time step of the features (a frame, in
    most networks) and a column for each frame of the clip.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.
        probes: Number of directions.
        detached: Whether the V and Θ of TAM blocks are detached: constants, so that only the
            way through the aggregation is left and not that through what made them.

    Raises:
        UserError: The clip was not prepared for this network.
    """
    x = prepared(loaded, clip)
    together = max(1, min(probes, _PIXELS // math.prod(x.shape[2:])))
    with loaded.lock, torch.enable_grad(), _holding(loaded.net if detached else None):
        copies = x.detach().repeat(together, 1, 1, 1, 1).requires_grad_()
        features = loaded.net.features(copies)
        rows = features.unbind(1)
    directions = torch.Generator().manual_seed(_SEED)
    squares = torch.zeros(len(rows), x.shape[2])
    turns = [(t, first) for t in range(len(squares)) for first in range(0, probes, together)]
    for done, (t, first) in enumerate(turns, start=1):
        v = torch.zeros(together, features.shape[2])
        asked = min(together, probes - first)
        v[:asked] = torch.randn(asked, features.shape[2], generator=directions)
        # as one number: a vector of its own makes torch load sympy, for its compiler
        with loaded.lock, torch.enable_grad():
            along = (rows[t] * v.to(features)).sum()
            (gradient,) = torch.autograd.grad(along, copies, retain_graph=done < len(turns))
        squares[t] += gradient.float().square().sum(dim=(0, 1, 3, 4)).cpu() / probes
        yield Step(done, len(turns), squares.sqrt().numpy() if done == len(turns) else None)


@contextmanager
def _holding(net: VideoNet | None) -> Iterator[None]:
    """Cuts the gradient through V and Θ of a network's TAM blocks on the way forward."""
    with ExitStack() as hooks:
        for _, tam in net.tam_blocks() if net is not None else ():
            for branch in (tam.L, tam.G):
                hooks.callback(branch.register_forward_hook(_detached).remove)
        yield


def _detached(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return output.detach()
