"""One clip with many versions of V and Θ of one block, from that block on, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tam_viz.capture.batches import at_once, attempt, in_batches, stage_of
from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import TemporalResNet
from tam_viz.types import Clip, UserError


def variant_logits(
    loaded: LoadedModel,
    clip: Clip,
    block: str,
    importance: Float[np.ndarray, "n c t"],
    kernels: Float[np.ndarray, "n c k"],
) -> Float[np.ndarray, "n m"]:
    """Logits of a clip, a row for each version of V and Θ of one block.

    They share what comes before the block, once; what they say is what `run` says with edits that
    put the same in.

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
    before = _features(loaded, clip, block)

    def work(attempted: LoadedModel, versions: Sequence[int]) -> list[Tensor]:
        which = list(versions)
        v, theta = (torch.from_numpy(a[which]).float() for a in (importance, kernels))
        return [*_from_block(attempted, before, block, v, theta)]

    rows: list[Tensor] = []
    for some in in_batches(range(count), at_once(loaded, stage_of(block))):
        rows += attempt(loaded, some, work)
    logits = torch.stack(rows)
    if not torch.isfinite(logits).all():
        raise UserError(
            f"{loaded.card.id} gives no finite answer with this V and Θ in {block}; choose "
            f"another clip or network."
        )
    return logits.numpy()


def _features(loaded: LoadedModel, clip: Clip, block: str) -> Float[Tensor, "t c h w"]:
    """What a block is given of a clip."""
    net = _resnet(loaded)
    with loaded.lock, torch.inference_mode():
        y = net.stem(prepared(loaded, clip))
        for name, bottleneck in net.trunk():
            if name == block:
                break
            y = bottleneck(y)
        return y


def _from_block(
    loaded: LoadedModel,
    given: Float[Tensor, "t b h w"],
    block: str,
    v: Float[Tensor, "n c t"],
    theta: Float[Tensor, "n c k"],
) -> Float[Tensor, "n m"]:
    """Logits from a block on, with its V and Θ replaced."""
    net = _resnet(loaded)
    tam = dict(net.tam_blocks())[block]
    v, theta = v.to(loaded.device), theta.to(loaded.device).flatten(0, 1)
    trunk = net.trunk()
    first = [name for name, _ in trunk].index(block)
    with loaded.lock, torch.inference_mode(), ExitStack() as hooks:
        hooks.callback(tam.L.register_forward_hook(lambda *_: v).remove)
        hooks.callback(tam.G.register_forward_hook(lambda *_: theta).remove)
        y = torch.cat([given] * len(v)).to(loaded.device, loaded.dtype)
        for _, bottleneck in trunk[first:]:
            y = bottleneck(y)
        logits: Tensor = net.classified(net.pooled(y)).mean(dim=1).float().cpu()
    return logits


def _resnet(loaded: LoadedModel) -> TemporalResNet:
    if not isinstance(loaded.net, TemporalResNet):
        raise TypeError(f"{loaded.card.id} has TAM blocks and is no ResNet")
    return loaded.net
