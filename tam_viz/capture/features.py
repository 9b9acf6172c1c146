"""Reading everything between the input and the output of TAM blocks."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import BlockFeatures, Clip, UserError


def clip_features(loaded: LoadedModel, clip: Clip) -> dict[str, BlockFeatures]:
    """Runs one clip through a network and keeps every array inside its TAM blocks, by block.

    Hooks exist only while this runs, under the network's lock.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.

    Raises:
        UserError: The clip was not prepared for this network, or it has no TAM with both branches.
    """
    heard: dict[str, dict[str, np.ndarray]] = {}
    with loaded.lock, ExitStack() as hooks:
        for block, tam in _blocks(loaded).items():
            local, global_ = _branch(tam.L, block), _branch(tam.G, block)
            hear = partial(_hear, hooks, heard.setdefault(block, {}))
            hear(tam, "y", given="x")
            hear(local[2], "local_hidden")
            hear(local, "importance", given="pooled")
            hear(global_[2], "global_hidden")
            hear(global_[3], "logits")
            hear(global_, "kernel")
        done = run(loaded, clip)
    whole = ("x", "y", "pooled", "local_hidden", "importance")  # with an axis of clips
    return {
        block: BlockFeatures(
            block=block,
            run=done,
            **{name: array[0] if name in whole else array for name, array in arrays.items()},
        )
        for block, arrays in heard.items()
    }


def _hear(
    hooks: ExitStack, heard: dict[str, np.ndarray], module: nn.Module, name: str, given: str = ""
) -> None:
    """Keeps what a module gives and, under the name `given`, what it is given."""

    def keep(_: nn.Module, args: tuple[Tensor, ...], out: Tensor) -> None:
        heard[name] = _copy(out)
        if given:
            heard[given] = _copy(args[0])

    hooks.callback(module.register_forward_hook(keep).remove)


def branches(
    loaded: LoadedModel, block: str, pooled: Float[np.ndarray, "c t"]
) -> tuple[Float[np.ndarray, "c t"], Float[np.ndarray, "c k"]]:
    """V and Θ that one TAM block computes from given pooled features.

    Args:
        loaded: The network.
        block: Name of the block.
        pooled: What its two branches are given instead of the average of a feature map.

    Raises:
        UserError: The network has no such block.
    """
    tam = _tam(loaded, block)
    given = torch.from_numpy(pooled.astype(np.float32)).to(loaded.device)
    with loaded.lock, torch.inference_mode():
        return _copy(tam.L(given[None]))[0], _copy(tam.G(given))


def importance_steps(
    loaded: LoadedModel, block: str, pooled: Float[np.ndarray, "c t"]
) -> tuple[Float[np.ndarray, "b t"], Float[np.ndarray, "c t"]]:
    """The steps of the local branch of one TAM block for given pooled features.

    Args:
        loaded: The network.
        block: Name of the block.
        pooled: What the branch is given instead of the average of a feature map.

    Returns:
        The hidden layer after its ReLU, and V.

    Raises:
        UserError: The network has no such block with both branches of TAM.
    """
    branch = _branch(_tam(loaded, block).L, block)
    given = torch.from_numpy(pooled.astype(np.float32)).to(loaded.device)[None]
    with loaded.lock, torch.inference_mode():
        hidden = branch[2](branch[1](branch[0](given)))
        return _copy(hidden)[0], _copy(branch[4](branch[3](hidden)))[0]


def kernel_steps(
    loaded: LoadedModel, block: str, profiles: Float[np.ndarray, "n t"]
) -> tuple[Float[np.ndarray, "n a"], Float[np.ndarray, "n k"], Float[np.ndarray, "n k"]]:
    """The steps of the global branch of one TAM block for given pooled features.

    Args:
        loaded: The network.
        block: Name of the block.
        profiles: Pooled numbers of one channel in each row.

    Returns:
        The hidden layer after its ReLU, the scores of the taps, and Θ.

    Raises:
        UserError: The network has no such block with both branches of TAM.
    """
    branch = _branch(_tam(loaded, block).G, block)
    given = torch.from_numpy(profiles.astype(np.float32)).to(loaded.device)
    with loaded.lock, torch.inference_mode():
        hidden = branch[2](branch[1](branch[0](given)))
        logits = branch[3](hidden)
        return _copy(hidden), _copy(logits), _copy(branch[4](logits))


def _tam(loaded: LoadedModel, block: str) -> TAM:
    blocks = _blocks(loaded)
    if block not in blocks:
        raise UserError(
            f"{loaded.card.id} has no TAM block '{block}'; there are {', '.join(blocks)}."
        )
    return blocks[block]


def _blocks(loaded: LoadedModel) -> dict[str, TAM]:
    blocks = dict(loaded.net.tam_blocks())
    if not blocks:
        raise UserError(f"{loaded.card.id} has no TAM block; choose a network with TAM.")
    return blocks


def _branch(branch: nn.Module, block: str) -> nn.Sequential:
    if not isinstance(branch, nn.Sequential):
        raise UserError(
            f"{block} lacks one of the two branches of the published TAM; choose a network that "
            f"has both."
        )
    return branch


def _copy(array: Tensor) -> np.ndarray:
    """Clones: the memory that a hook sees is overwritten by the next in-place operation."""
    copied: np.ndarray = array.detach().clone().float().cpu().contiguous().numpy()
    return copied
