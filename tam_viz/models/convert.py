"""Opening the published TANet weights: other names for the same tensors.

The renaming, in order: `module.` and `base_model.` in front are dropped, `new_fc` is `fc`, the
wrapper `.net.` around a bottleneck is dropped, and `.tam.` is `.temporal.`. Everything else
(depth, width, T, K, α, β, classes) is read from the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from tam_viz.models.checkpoint import fit
from tam_viz.models.net import Layers, VideoNet, video_net
from tam_viz.types import UserError

_RENAMES = (
    (re.compile(r"^module\."), ""),
    (re.compile(r"^base_model\."), ""),
    (re.compile(r"^new_fc\."), "fc."),
    (re.compile(r"^(layer\d\.\d+)\.net\."), r"\1."),
    (re.compile(r"^(layer\d\.\d+)\.tam\."), r"\1.temporal."),
)

_TELLING = (
    "conv1.weight",
    "layer1.0.temporal.G.0.weight",
    "layer1.0.temporal.G.3.weight",
    "layer1.0.temporal.L.0.weight",
    "fc.weight",
)
_BLOCK = re.compile(r"^layer([1-4])\.(\d+)\.")


def rename(key: str) -> str:
    """Our name of a tensor of the authors' TANet."""
    for pattern, replacement in _RENAMES:
        key = pattern.sub(replacement, key)
    return key


def official_tanet(state: Mapping[str, Tensor]) -> VideoNet:
    """The network of a state dict of the authors' TANet, in evaluation mode.

    Raises:
        UserError: It is not a TANet, or tensors are missing, left over or of another shape.
    """
    renamed = {rename(key): tensor for key, tensor in state.items()}
    needed = [renamed.get(name) for name in _TELLING]
    if any(tensor is None for tensor in needed):
        raise UserError(
            "This is not a TANet of the authors: expected base_model.conv1.weight, "
            "base_model.layer1.0.tam.{G.0,G.3,L.0}.weight and new_fc.weight among its tensors."
        )
    stem, hidden, taps, local, classifier = (t.shape for t in needed if t is not None)
    options = {"taps": taps[0], "alpha": hidden[0] // hidden[1], "beta": local[1] // local[0]}
    with torch.device("meta"):  # the weights are all in the state dict
        net = video_net(
            "tam",
            frames=hidden[1],
            classes=classifier[0],
            layers=_layers(renamed),
            width=stem[0],
            options=options,
        )
    fit(net, renamed, "The checkpoint")
    return net.eval()


def _layers(state: Mapping[str, Tensor]) -> Layers:
    """Bottlenecks in each stage, counted from the names."""
    found = {(int(m[1]), int(m[2])) for m in map(_BLOCK.match, state) if m}
    first, second, third, fourth = (
        sum(stage == wanted for stage, _ in found) for wanted in (1, 2, 3, 4)
    )
    return first, second, third, fourth
