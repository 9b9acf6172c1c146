"""One clip with many versions of V and Θ of one block, a batch at a time."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, UserError


def variant_logits(
    loaded: LoadedModel,
    clip: Clip,
    block: str,
    importance: Float[np.ndarray, "n c t"],
    kernels: Float[np.ndarray, "n c k"],
) -> Float[np.ndarray, "n m"]:
    """Logits of a clip, a row for each version of V and Θ of one block.

    All versions are one batch; what they say is what `run` says with edits that put the same in.

    Args:
        loaded: The network.
        clip: One view, prepared for it.
        block: Name of the block.
        importance: V, a map for each version.
        kernels: Θ, for each version.

    Raises:
        UserError: The network has no such block, the versions do not fit it, the clip was not
            prepared for it, or an answer is not finite.
    """
    blocks = dict(loaded.net.tam_blocks())
    if block not in blocks:
        raise UserError(
            f"{loaded.card.id} has no TAM block '{block}'; there are {', '.join(blocks) or 'none'}."
        )
    tam, count = blocks[block], len(importance)
    if importance.shape[1:] != (tam.channels, tam.frames) or kernels.shape[1] != tam.channels:
        raise UserError(
            f"{block} has {tam.channels} channels and {tam.frames} frames; V of "
            f"{importance.shape[1:]} and Θ of {kernels.shape[1:]} do not fit it."
        )
    x = prepared(loaded, clip).to(loaded.device)
    v, theta = (torch.from_numpy(a).float().to(loaded.device) for a in (importance, kernels))

    def put_v(_: nn.Module, __: tuple[Tensor, ...], ___: Tensor) -> Tensor:
        return v

    def put_theta(_: nn.Module, __: tuple[Tensor, ...], ___: Tensor) -> Tensor:
        return theta.flatten(0, 1)

    with loaded.lock, torch.inference_mode(), ExitStack() as hooks:
        hooks.callback(tam.L.register_forward_hook(put_v).remove)
        hooks.callback(tam.G.register_forward_hook(put_theta).remove)
        logits: Tensor = loaded.net(x.expand(count, -1, -1, -1, -1)).float().cpu()
    if not torch.isfinite(logits).all():
        raise UserError(
            f"{loaded.card.id} gives no finite answer with this V and Θ in {block}; choose "
            f"another clip or network."
        )
    found: np.ndarray = logits.numpy()
    return found
