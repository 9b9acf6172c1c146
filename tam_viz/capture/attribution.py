"""What in a clip the score of a class rests on: gradients and deletions, by captum.

The whole clip goes through the network in one pass: what a frame does includes what it does
through its neighbours. The score of a class is its log-ratio to another one, `log(p / q)`, or its
log-odds, `log(p / (1 − p))`, against all others: unlike logits both mean the same in every network,
and unlike a probability they do not level off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
from captum.attr import FeatureAblation, IntegratedGradients, LayerAttribution, LayerGradCam
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.types import Attribution, Clip, Deletion, Filling, Step, Steps, UserError

STEPS = 64
_STEPS_AT_ONCE, _FRAMES_AT_ONCE = 4, 2
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
    class_indices = _class_indices(loaded, target, rival)
    layers = _last_maps(loaded)
    with _gradients_for_input(loaded) as net:
        x, score = prepared(loaded, clip), _score(net, class_indices)
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
    class_indices = _class_indices(loaded, target, rival)
    with _gradients_for_input(loaded):
        x = prepared(loaded, clip)
        gradient_maps, grey = torch.zeros_like(x), torch.zeros_like(x)
    at_once = max(1, _PIXELS_AT_ONCE // x[0, 0].numel())
    for first, last in pairwise([*range(0, steps, _STEPS_AT_ONCE), steps]):
        yield Step(first, steps)
        with _gradients_for_input(loaded) as net:
            gradient_maps += IntegratedGradients(_score(net, class_indices)).attribute(
                x * (last / steps),
                baselines=x * (first / steps),
                n_steps=last - first,
                internal_batch_size=at_once,
            )
    with _gradients_for_input(loaded) as net, torch.no_grad():
        score = _score(net, class_indices)
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


def frame_deletion(
    loaded: LoadedModel,
    clip: Clip,
    target: str,
    filling: Filling,
    rival: str | None = None,
) -> Steps[Deletion]:
    """How far the score falls when one frame is taken out, for each frame by itself.

    A step is a frame.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.
        target: Name of the class.
        rival: Name of the class to hold it against; None for all others together.
        filling: What stands in its place: the `mean colour` that the network was trained with,
            or a `neighbour`: the frame before it, and the second frame in place of the first.

    Raises:
        UserError: The clip was not prepared for this network, or it does not know the class.
    """
    class_indices = _class_indices(loaded, target, rival)
    with _gradients_for_input(loaded):
        x = prepared(loaded, clip)
    count = x.shape[2]
    before = x[:, :, [min(1, count - 1), *range(count - 1)]]
    filled = before if filling == "neighbour" else torch.zeros_like(x)
    drops: list[float] = []
    for first, last in pairwise([*range(0, count, _FRAMES_AT_ONCE), count]):
        yield Step(first, count)
        with _gradients_for_input(loaded) as net:
            drops += _dropped(_score(net, class_indices), x, filled, slice(first, last))
    with _gradients_for_input(loaded) as net, torch.no_grad():
        reached = float(_score(net, class_indices)(x))
    result = Deletion(
        clip_id=clip.id,
        checkpoint_id=loaded.card.id,
        target=target,
        rival=rival,
        filling=filling,
        drops=torch.tensor(drops).numpy(),
        score=reached,
    )
    yield Step(count, count, result)


def _dropped(
    score: Callable[[Tensor], Tensor],
    x: Float[Tensor, "1 3 t h w"],
    filled: Float[Tensor, "1 3 t h w"],
    chosen: slice,
) -> list[float]:
    """What the score falls by when each of the chosen frames is filled, one at a time."""

    def among_the_others(frames: Tensor) -> Tensor:
        whole = x.repeat(len(frames), 1, 1, 1, 1)
        whole[:, :, chosen] = frames
        return score(whole)

    frames = x[:, :, chosen]
    count = frames.shape[2]
    drops = FeatureAblation(among_the_others).attribute(
        frames,
        baselines=filled[:, :, chosen],
        feature_mask=torch.arange(count, device=x.device).view(1, 1, count, 1, 1),
        perturbations_per_eval=count,
    )
    return [float(drop) for drop in drops[0, 0, :, 0, 0]]


def _class_indices(loaded: LoadedModel, target: str, rival: str | None) -> tuple[int, int | None]:
    """The numbers of the class and of the one that it is compared with."""
    classes = loaded.card.classes
    for name in (target, rival):
        if name is not None and name not in classes:
            raise UserError(
                f"{loaded.card.id} does not know the class '{name}'; choose one of its "
                f"{len(classes)} classes."
            )
    if target == rival:
        raise UserError(f"'{target}' cannot be compared with itself; choose another class.")
    return classes.index(target), None if rival is None else classes.index(rival)


def _last_maps(loaded: LoadedModel) -> list[tuple[nn.Module, bool]]:
    """The modules that give the last feature maps, or that are given them (True)."""
    maps = loaded.net.last_maps()
    if maps:
        return maps
    raise UserError(
        f"Grad-CAM weights feature maps that are averaged before the classifier, and "
        f"{loaded.card.id} has none; choose integrated gradients."
    )


def _score(net: VideoNet, class_indices: tuple[int, int | None]) -> Callable[[Tensor], Tensor]:
    """The score as a function of clips: the logit less the rival's, or less all others' together.

    All others together are the log-sum-exp of their logits.
    """
    target, rival = class_indices

    def score(x: Tensor) -> Tensor:
        logits = net(x).float()
        if rival is None:
            others = torch.cat([logits[:, :target], logits[:, target + 1 :]], dim=1)
            against = others.logsumexp(dim=1)
        else:
            against = logits[:, rival]
        return logits[:, target] - against

    return score


def _on_frames(cam: Tensor, frames: int) -> Float[Tensor, "t a b"]:
    """Maps of time steps, `(p, 1, a, b)` or `(1, 1, p, a, b)`, shared among the frames."""
    clip = cam.transpose(0, 1)[None] if cam.ndim == 4 else cam
    steps, *size = clip.shape[2:]
    stretched: Tensor = LayerAttribution.interpolate(clip, (frames, *size), "nearest")
    return stretched[0, 0] * (steps / frames)


@contextmanager
def _gradients_for_input(loaded: LoadedModel) -> Iterator[VideoNet]:
    """The network for oneself, in evaluation mode, its weights taken for constants.

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
