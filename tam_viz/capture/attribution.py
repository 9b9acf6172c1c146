"""Attribution of a class score to the pixels of a clip: Grad-CAM and integrated gradients.

The whole clip goes through the network in one pass: what a frame does includes what it does
through its neighbours. The score of a class is its log-ratio to another one, `log(p / q)`, or its
log-odds, `log(p / (1 − p))`, against all others: unlike logits both mean the same in every network,
and unlike a probability they do not level off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.class_score import class_score, indices_of
from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.types import Attribution, Clip, Step, Steps, UserError

STEPS = 64
_STEPS_AT_ONCE, FRAMES_AT_ONCE = 4, 2
_PIXELS_AT_ONCE = 8 * 224 * 224
"""In one backward pass: a clip of eight frames of a published network."""


def grad_cam(loaded: LoadedModel, clip: Clip, target: str, rival: str | None = None) -> Attribution:
    """Grad-CAM on the last feature maps (Selvaraju et al., 2017, equations 1 and 2).

    Each channel is weighted by the mean gradient of the score over its positions. The sign is
    kept, where the paper keeps the positive part: what speaks against the class is shown too. A
    network whose maps have fewer time steps than the clip has frames shares each of them
    equally among the frames that it stands for; the maps of SlowFast's two pathways are added.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.
        target: Name of the class.
        rival: Name of the class to hold it against; None for all others together.

    Raises:
        UserError: The clip was not prepared for this network, it does not know the class, or it
            has no feature maps.
    """
    class_indices = indices_of(loaded, target, rival)
    layers = _last_maps(loaded)
    with gradients_for_input(loaded) as net:
        x, score = prepared(loaded, clip), class_score(net, class_indices)
        maps = sum(
            _on_frames(
                LayerGradCam(score, layer).attribute(x, attribute_to_layer_input=is_input),
                x.shape[2],
            )
            for layer, is_input in layers
        )
        with torch.no_grad():
            reached = float(score(x))
    return Attribution(
        clip_id=clip.id,
        checkpoint_id=loaded.card.id,
        method="Grad-CAM",
        target=target,
        rival=rival,
        maps=torch.as_tensor(maps).detach().float().cpu().numpy(),
        score=reached,
    )


def integrated_gradients(
    loaded: LoadedModel,
    clip: Clip,
    target: str,
    steps: int = STEPS,
    rival: str | None = None,
) -> Steps[Attribution]:
    """Integrated gradients from a grey clip (Sundararajan et al., 2017, equation 1).

    The grey of the baseline is the mean colour that the network was trained with. Attributions
    are summed over the three colours; over the clip they add up to the score less that of the
    baseline, but for the `delta` of the numerical integral. That is of Gauss and Legendre on
    pieces of the straight path, whose attributions add up.

    A step is some of the interpolations.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.
        target: Name of the class.
        rival: Name of the class to hold it against; None for all others together.
        steps: Gradients along the path, at least 1.

    Raises:
        UserError: The clip was not prepared for this network, or it does not know the class.
    """
    class_indices = indices_of(loaded, target, rival)
    with gradients_for_input(loaded):
        x = prepared(loaded, clip)
        gradient_maps, grey = torch.zeros_like(x), torch.zeros_like(x)
    at_once = max(1, _PIXELS_AT_ONCE // x[0, 0].numel())
    for first, last in pairwise([*range(0, steps, _STEPS_AT_ONCE), steps]):
        yield Step(first, steps)
        with gradients_for_input(loaded) as net:
            gradient_maps += IntegratedGradients(class_score(net, class_indices)).attribute(
                x * (last / steps),
                baselines=x * (first / steps),
                n_steps=last - first,
                internal_batch_size=at_once,
            )
    with gradients_for_input(loaded) as net, torch.no_grad():
        score = class_score(net, class_indices)
        delta = IntegratedGradients(score).compute_convergence_delta(gradient_maps, grey, x)
        reached, base = float(score(x)), float(score(grey))
    result = Attribution(
        clip_id=clip.id,
        checkpoint_id=loaded.card.id,
        method="integrated gradients",
        target=target,
        rival=rival,
        maps=gradient_maps[0].sum(dim=0).float().cpu().numpy(),
        score=reached,
        baseline_score=base,
        steps=steps,
        delta=float(delta),
    )
    yield Step(steps, steps, result)


def _last_maps(loaded: LoadedModel) -> list[tuple[nn.Module, bool]]:
    """The modules that give the last feature maps, or that are given them (True)."""
    maps = loaded.net.last_maps()
    if maps:
        return maps
    raise UserError(
        f"Grad-CAM weights feature maps that are averaged before the classifier, and "
        f"{loaded.card.id} has none; choose integrated gradients."
    )


def _on_frames(cam: Tensor, frames: int) -> Float[Tensor, "t a b"]:
    """Maps of time steps, `(p, 1, a, b)` or `(1, 1, p, a, b)`, shared among the frames."""
    clip = cam.transpose(0, 1)[None] if cam.ndim == 4 else cam
    steps, *size = clip.shape[2:]
    stretched: Tensor = LayerAttribution.interpolate(clip, (frames, *size), "nearest")
    return stretched[0, 0] * (steps / frames)


@contextmanager
def gradients_for_input(loaded: LoadedModel) -> Iterator[VideoNet]:
    """Locks the network in evaluation mode, with gradients for the input alone.

    Gradients are those of the input and of the features alone, which needs less memory. Flags
    are as they were afterwards, come what may.
    """
    net = loaded.net
    with loaded.lock, torch.inference_mode(mode=False), torch.enable_grad():
        learning = [weights for weights in net.parameters() if weights.requires_grad]
        training = [module for module in net.modules() if module.training]
        try:
            net.eval()
            for weights in learning:
                weights.requires_grad_(False)
            yield net
        finally:
            for weights in learning:
                weights.requires_grad_(True)
            for module in training:
                module.training = True
