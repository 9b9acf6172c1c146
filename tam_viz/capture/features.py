"""Reading everything between the input and the output of one TAM block."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
from torch import Tensor, nn

from tam_viz.analysis.inside import BlockFeatures
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import Clip, UserError


def block_features(loaded: LoadedModel, clip: Clip, block: str) -> BlockFeatures:
    """Runs one clip through a network and keeps every array inside one of its TAM blocks.

    Hooks exist only while this runs, under the network's lock.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.
        block: Name of the block, such as `layer3.4`.

    Raises:
        UserError: The clip was not prepared for this network, or it has no such block with both
            branches of TAM.
    """
    tam = _tam(loaded, block)
    local, global_ = _branch(tam.L, block), _branch(tam.G, block)
    heard: dict[str, np.ndarray] = {}
    with loaded.lock, ExitStack() as hooks:

        def hear(module: nn.Module, name: str, given: str = "") -> None:
            """Keeps what a module gives and, under the name `given`, what it is given."""

            def keep(_: nn.Module, args: tuple[Tensor, ...], out: Tensor) -> None:
                heard[name] = _copy(out)
                if given:
                    heard[given] = _copy(args[0])

            hooks.callback(module.register_forward_hook(keep).remove)

        hear(tam, "y", given="x")
        hear(local[2], "local_hidden")
        hear(local, "importance", given="pooled")
        hear(global_[2], "global_hidden")
        hear(global_[3], "logits")
        hear(global_, "kernel")
        done = run(loaded, clip)
    whole = ("x", "y", "pooled", "local_hidden", "importance")  # with an axis of clips
    arrays = {name: array[0] if name in whole else array for name, array in heard.items()}
    return BlockFeatures(block=block, run=done, **arrays)


def _tam(loaded: LoadedModel, block: str) -> TAM:
    blocks = dict(loaded.net.tam_blocks())
    if block not in blocks:
        there = ", ".join(blocks) or "none: the network has no TAM"
        raise UserError(f"{loaded.card.id} has no TAM block '{block}'; there are {there}.")
    return blocks[block]


def _branch(branch: nn.Module, block: str) -> nn.Sequential:
    if not isinstance(branch, nn.Sequential):
        raise UserError(
            f"{block} is a TAM with one of its branches taken out; choose a network with both."
        )
    return branch


def _copy(array: Tensor) -> np.ndarray:
    """Clones: the memory that a hook sees is overwritten by the next in-place operation."""
    copied: np.ndarray = array.detach().clone().float().cpu().contiguous().numpy()
    return copied
