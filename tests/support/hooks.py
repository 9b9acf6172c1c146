"""What tests look at inside a network."""

from __future__ import annotations

from torch import nn

from tam_viz.models.engine import LoadedModel


def hooks(net: nn.Module) -> int:
    """How many hooks its modules have."""
    return sum(
        len(kind)
        for module in net.modules()
        for kind in (
            module._forward_hooks,
            module._forward_pre_hooks,
            module._backward_hooks,
            module._backward_pre_hooks,
        )
    )


def last_layer(loaded: LoadedModel) -> nn.Linear:
    """The layer that gives the logits."""
    layer = loaded.net.get_submodule("fc")
    assert isinstance(layer, nn.Linear)
    return layer
