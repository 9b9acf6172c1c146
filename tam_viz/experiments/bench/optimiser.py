"""Groups of parameters and the learning rate of every step."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from tam_viz.experiments.bench.recipe import (
    Recipe,
)
from tam_viz.models.net import VideoNet
from tam_viz.models.registry import entry


def schedule(step: int, steps: int) -> float:
    """Share of the peak learning rate: warm-up over 8% of the steps, then a cosine to zero."""
    warm = max(1, round(0.08 * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def parameter_groups_of(net: VideoNet, temporal: str, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters by their weight decay and their peak learning rate."""
    branch = entry(temporal).branch
    decayed: list[Tensor] = []
    free: list[Tensor] = []
    parameter_groups: list[Tensor] = []
    for name, parameter in net.named_parameters():
        if branch and f".temporal.{branch}." in name:
            parameter_groups.append(parameter)
        else:
            (free if parameter.ndim < 2 else decayed).append(parameter)
    groups = [
        {"params": decayed, "peak": recipe.rate, "weight_decay": recipe.decay},
        {"params": free, "peak": recipe.rate, "weight_decay": 0.0},
        {"params": parameter_groups, "peak": recipe.rate * recipe.branch_rate, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]
