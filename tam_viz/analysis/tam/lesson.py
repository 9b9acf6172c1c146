"""The live numbers that the text of the lesson is filled with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.tam.importance import departure
from tam_viz.types import BlockFeatures, BlockTrace

_TAPS = ("past", "present", "future")


def live_numbers(
    features: BlockFeatures,
    untrained: BlockTrace | None,
    *,
    channel: int,
    frame: int,
    network: str,
    blocks: Sequence[str],
    network_macs: int,
) -> dict[str, str]:
    """The numbers that any step of the lesson may quote.

    Args:
        features: Everything inside the block.
        untrained: V and Θ of the untrained block for the same clip, where they are known.
        channel: The chosen channel.
        frame: The chosen frame, from 0.
        network: Id of the network.
        blocks: Names of its TAM blocks in forward order.
        network_macs: Multiply-adds of the whole network for this clip.
    """
    c, t, h, w = features.x.shape
    v = features.importance[channel]
    sizes = {"c": c, "t": t, "h": h, "w": w, "k": features.kernel.shape[1], "cells": h * w}
    b, a = len(features.local_hidden), features.global_hidden.shape[1]
    hidden = {"b": b, "a": a, "alpha": a // t, "beta": c // b}
    position = {
        "network": network,
        "block": features.block,
        "blocks": str(len(blocks)),
        "position": _ordinal(list(blocks).index(features.block) + 1),
        "before": str(list(blocks).index(features.block)),
        "channel": str(channel),
        "frame": str(frame + 1),
        "went_in": str(t // 2 + 1),
    }
    importance = {
        "v": f"{v[frame]:.2f}",
        "v_low": f"{v.min():.2f}",
        "v_low_frame": str(int(v.argmin()) + 1),
        "v_high": f"{v.max():.2f}",
        "v_high_frame": str(int(v.argmax()) + 1),
        "v_moves": f"{departure(features.importance):.2f}",
        "untrained_moves": ""
        if untrained is None
        else f"; untrained, the same block departs by {departure(untrained.importance):.2f}",
    }
    return {
        **{name: f"{size:,}" for name, size in (sizes | hidden).items()},
        **position,
        **importance,
        **_kernel_numbers(features, channel, frame),
        **_cost_numbers(features, network_macs),
        "reach": str(min(len(blocks), t - 1)),
    }


def _kernel_numbers(features: BlockFeatures, channel: int, frame: int) -> dict[str, str]:
    kernel, v, profile = (
        features.kernel[channel],
        features.importance[channel],
        features.pooled[channel],
    )
    taps = range(len(kernel))
    read = [(k, frame + k - len(kernel) // 2) for k in taps]
    inside = [(k, s) for k, s in read if 0 <= s < len(v)]
    total = sum(float(kernel[k] * v[s] * profile[s]) for k, s in inside)
    centre = len(kernel) // 2
    main = int(kernel.argmax())
    return {
        "theta": triple(kernel),
        "main_tap": _TAPS[int(np.sign(main - centre)) + 1],
        "main_share": f"{kernel[main]:.0%}",
        "terms": " + ".join(f"{kernel[k]:.2f} · {v[s]:.2f} · {profile[s]:.3f}" for k, s in inside),
        "terms_sum": f"{total:.3f}",
    }


def _cost_numbers(features: BlockFeatures, network_macs: int) -> dict[str, str]:
    cost = features.cost
    parts = {
        "local": cost.local,
        "weighting": cost.weighting,
        "joining": cost.joining,
        "kernels": cost.kernels,
        "aggregation": cost.aggregation,
        "tam": cost.total,
        "grouped": cost.grouped,
        "tam_authors": cost.authors_total,
    }
    return {
        **{f"macs_{name}": f"{count:,}" for name, count in parts.items()},
        **{f"share_{name}": percent(count / network_macs) for name, count in parts.items()},
        "additions": f"{cost.additions:,}",
        "macs_network": f"{network_macs:,}",
    }


def percent(share: float) -> str:
    """A share, with two digits that count below 10%; what is below 0.001% is said to be."""
    if 0 < share < 1e-5:
        return "less than 0.001%"
    return f"{share:.0%}" if share >= 0.1 else f"{100 * share:.2g}%"


def triple(kernel: Float[np.ndarray, " k"]) -> str:
    """A kernel in a sentence, such as `(0.20, 0.30, 0.50)`."""
    return "(" + ", ".join(f"{share:.2f}" for share in kernel) + ")"


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in (11, 12, 13) else endings.get(number % 10, "th")
    return f"{number}{ending}"
