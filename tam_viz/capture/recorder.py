"""Reading V and Θ with hooks on the `L` and `G` of every TAM block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
from torch import Tensor, nn

from tam_viz.models.net import VideoNet
from tam_viz.types import BlockTrace, TAMTrace


class Recorder:
    """What the hooks saw of one clip."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._importance: dict[str, np.ndarray] = {}
        self._kernel: dict[str, np.ndarray] = {}

    def hear_importance(self, name: str, output: Tensor) -> None:
        """Keeps V of a block, given as `(1, c, t)`."""
        self._importance[name] = _copy(output[0])

    def hear_kernel(self, name: str, output: Tensor) -> None:
        """Keeps Θ of a block, given as `(c, k)`."""
        self._kernel[name] = _copy(output)

    def trace(self) -> TAMTrace | None:
        """Everything heard, in forward order; None for a network without TAM."""
        if not self._names:
            return None
        return TAMTrace(
            tuple(BlockTrace(n, self._importance[n], self._kernel[n]) for n in self._names)
        )


def _copy(output: Tensor) -> np.ndarray:
    """Clones: the memory that a hook sees is overwritten by the next in-place operation."""
    copied: np.ndarray = output.detach().clone().float().cpu().numpy()
    return copied


@contextmanager
def recording(net: VideoNet) -> Iterator[Recorder]:
    """Records one forward pass of one clip; its hooks are gone afterwards, come what may."""
    blocks = tuple(net.tam_blocks())
    recorder = Recorder(tuple(name for name, _ in blocks))
    with ExitStack() as hooks:
        for name, tam in blocks:

            def hear_v(_: nn.Module, __: tuple[Tensor, ...], out: Tensor, name: str = name) -> None:
                recorder.hear_importance(name, out)

            def hear_k(_: nn.Module, __: tuple[Tensor, ...], out: Tensor, name: str = name) -> None:
                recorder.hear_kernel(name, out)

            hooks.callback(tam.L.register_forward_hook(hear_v).remove)
            hooks.callback(tam.G.register_forward_hook(hear_k).remove)
        yield recorder
