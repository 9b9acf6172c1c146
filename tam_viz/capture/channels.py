"""Dependence of the prediction on each output channel of TAM, by gradients."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, UserError


def channel_effects(loaded: LoadedModel, clip: Clip, target: str) -> dict[str, np.ndarray]:
    """Gradient times activation of every channel of the output of every TAM block.

    `Σ ∂s/∂y · y` over frames and positions, for the log-odds s of a class: to first order, what
    the score loses when the channel is set to zero. Above 0 the channel supports the class.

    Args:
        loaded: A network with TAM.
        clip: One view, prepared for it.
        target: Name of the class.

    Returns:
        `(c,)` by block.

    Raises:
        UserError: The clip was not prepared for this network, or it does not know the class.
    """
    if target not in loaded.card.classes:
        raise UserError(
            f"{loaded.card.id} does not know the class '{target}'; choose one of its "
            f"{len(loaded.card.classes)} classes."
        )
    outputs: dict[str, Tensor] = {}
    with loaded.lock, torch.enable_grad(), ExitStack() as hooks:
        for name, tam in loaded.net.tam_blocks():

            def keep(_: nn.Module, __: tuple[Tensor, ...], out: Tensor, name: str = name) -> Tensor:
                outputs[name] = out
                return out.clone()  # what comes next may write into it

            hooks.callback(tam.register_forward_hook(keep).remove)
        x = prepared(loaded, clip).requires_grad_()
        logits = loaded.net(x)[0].double()
        score = _log_odds(logits, loaded.card.classes.index(target))
        slopes = torch.autograd.grad(score, list(outputs.values()))
    return {
        name: (slope * out.detach()).flatten(2).sum(dim=2)[0].float().cpu().numpy()
        for (name, out), slope in zip(outputs.items(), slopes, strict=True)
    }


def _log_odds(logits: Float[Tensor, " k"], class_index: int) -> Tensor:
    others = torch.cat([logits[:class_index], logits[class_index + 1 :]])
    return logits[class_index] - torch.logsumexp(others, dim=0)
