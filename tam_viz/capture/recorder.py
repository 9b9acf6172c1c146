"""Reading V and Θ with hooks on the `L` and `G` of every TAM block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import numpy as np
from torch import Tensor, nn

from tam_viz.models.net import VideoNet
from tam_viz.types import BlockTrace, TAMTrace


class Recorder:
    """What the hooks saw of the clips of a batch."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._importance: dict[str, np.ndarray] = {}
        self._kernel: dict[str, np.ndarray] = {}

    def hear_importance(
        self, name: str, _module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor
    ) -> None:
        """Keeps V of a block, given as `(n, c, t)`; with the name of the block a forward hook."""
        self._importance[name] = _copy(output)

    def hear_kernel(
        self, name: str, _module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor
    ) -> None:
        """Keeps Θ of a block, given as `(n · c, k)`; with the name of the block a forward hook."""
        self._kernel[name] = _copy(output)

    def trace(self) -> TAMTrace | None:
        """Everything heard of one clip, in forward order; None for a network without TAM."""
        (trace,) = self.traces(1)
        return trace

    def blocks(self, clips: int) -> list[tuple[BlockTrace, ...]]:
        """What was heard for each clip of a batch, of the blocks that ran."""
        names = [name for name in self._names if name in self._kernel]
        kernels = {n: np.split(self._kernel[n], clips) for n in names}
        return [
            tuple(BlockTrace(n, self._importance[n][i], kernels[n][i]) for n in names)
            for i in range(clips)
        ]

    def traces(self, clips: int) -> list[TAMTrace | None]:
        """Everything heard of each clip of a batch."""
        return [TAMTrace(blocks) if self._names else None for blocks in self.blocks(clips)]


def _copy(output: Tensor) -> np.ndarray:
    """Clones: the memory that a hook sees is overwritten by the next in-place operation."""
    copied: np.ndarray = output.detach().clone().float().cpu().numpy()
    return copied


@contextmanager
def recording(net: VideoNet) -> Iterator[Recorder]:
    """Records one forward pass; its hooks are gone afterwards, come what may."""
    blocks = tuple(net.tam_blocks())
    recorder = Recorder(tuple(name for name, _ in blocks))
    with ExitStack() as hooks:
        for name, tam in blocks:
            hear_v = partial(recorder.hear_importance, name)
            hear_k = partial(recorder.hear_kernel, name)
            hooks.callback(tam.L.register_forward_hook(hear_v).remove)
            hooks.callback(tam.G.register_forward_hook(hear_k).remove)
        yield recorder
