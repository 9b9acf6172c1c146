"""Frame deletion: the drop of a class score when a frame is replaced."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from captum.attr import FeatureAblation
from jaxtyping import Float
from torch import Tensor

from tam_viz.capture.attribution import FRAMES_AT_ONCE, gradients_for_input
from tam_viz.capture.class_score import class_score, indices_of
from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, Deletion, Filling, Step, Steps


def frame_deletion(
    loaded: LoadedModel,
    clip: Clip,
    target: str,
    filling: Filling,
    rival: str | None = None,
) -> Steps[Deletion]:
    """The drop of the score when one frame is replaced, for each frame by itself.

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
    class_indices = indices_of(loaded, target, rival)
    with gradients_for_input(loaded):
        x = prepared(loaded, clip)
    count = x.shape[2]
    before = x[:, :, [min(1, count - 1), *range(count - 1)]]
    filled = before if filling == "neighbour" else torch.zeros_like(x)
    drops: list[float] = []
    for first, last in pairwise([*range(0, count, FRAMES_AT_ONCE), count]):
        yield Step(first, count)
        with gradients_for_input(loaded) as net:
            drops += _dropped(class_score(net, class_indices), x, filled, slice(first, last))
    with gradients_for_input(loaded) as net, torch.no_grad():
        reached = float(class_score(net, class_indices)(x))
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
