"""Opening the published TANet weights: other names for the same tensors.

The renaming, in order: `module.` and `base_model.` in front are dropped, `new_fc` is `fc`, the
wrapper `.net.` around a bottleneck is dropped, and `.tam.` is `.temporal.`. Everything else
(depth, width, frames, taps, classes) is read from the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from tam_viz.models.checkpoint import fit
from tam_viz.models.net import Layers, VideoNet
from tam_viz.types import UserError

_RENAMES = (
    (re.compile(r"^module\."), ""),
    (re.compile(r"^base_model\."), ""),
    (re.compile(r"^new_fc\."), "fc."),
    (re.compile(r"^(layer\d\.\d+)\.net\."), r"\1."),
    (re.compile(r"^(layer\d\.\d+)\.tam\."), r"\1.temporal."),
)


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
    gate, classifier = renamed.get("layer1.0.temporal.G.0.weight"), renamed.get("fc.weight")
    stem = renamed.get("conv1.weight")
    if gate is None or classifier is None or stem is None:
        raise UserError(
            "This is not a TANet of the authors: expected base_model.conv1.weight, "
            "base_model.layer1.0.tam.G.0.weight and new_fc.weight among its tensors."
        )
    net = VideoNet(
        "tam",
        frames=gate.shape[1],
        classes=classifier.shape[0],
        layers=_layers(renamed),
        width=stem.shape[0],
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


_BLOCK = re.compile(r"^layer([1-4])\.(\d+)\.")
