"""The live numbers that the text of the lesson is filled with, and what its questions come to.

A question that depends on the clip is answered by an experiment: the functions here take what was
measured and say which of the question's choices is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from tam_viz.analysis.importance import departure
from tam_viz.analysis.inside import BlockFeatures, band, passed
from tam_viz.analysis.words import listed
from tam_viz.types import BlockTrace, Run

SAME = 0.1
"""Kernels are called the same when less than this share of their weight lies elsewhere."""
_TAPS = ("past", "present", "future")


@dataclass(frozen=True)
class Finding:
    """What an experiment came to.

    Attributes:
        answer: Which choice of the question is right, from 0.
        numbers: What the explanation is filled with.
    """

    answer: int
    numbers: dict[str, str]


def live_numbers(
    inside: BlockFeatures,
    untrained: BlockTrace,
    *,
    channel: int,
    frame: int,
    network: str,
    blocks: Sequence[str],
    network_macs: int,
) -> dict[str, str]:
    """What any step may speak of, ready to be read.

    Args:
        inside: Everything inside the block.
        untrained: V and Θ of the untrained block for the same clip.
        channel: The chosen channel.
        frame: The chosen frame, from 0.
        network: Id of the network.
        blocks: Names of its TAM blocks in forward order.
        network_macs: Multiply-adds of the whole network for this clip.
    """
    c, t, h, w = inside.x.shape
    v = inside.importance[channel]
    sizes = {"c": c, "t": t, "h": h, "w": w, "k": inside.kernel.shape[1], "cells": h * w}
    hidden = {"b": len(inside.local_hidden), "a": inside.global_hidden.shape[1]}
    place = {
        "network": network,
        "block": inside.block,
        "blocks": str(len(blocks)),
        "place": _ordinal(list(blocks).index(inside.block) + 1),
        "before": str(list(blocks).index(inside.block)),
        "channel": str(channel),
        "frame": str(frame + 1),
        "went_in": impulse_through_future(t).numbers["went_in"],
    }
    importance = {
        "v": f"{v[frame]:.2f}",
        "v_low": f"{v.min():.2f}",
        "v_low_frame": str(int(v.argmin()) + 1),
        "v_high": f"{v.max():.2f}",
        "v_high_frame": str(int(v.argmax()) + 1),
        "v_moves": f"{departure(inside.importance):.2f}",
        "v_moves_untrained": f"{departure(untrained.importance):.2f}",
    }
    return {
        **{name: f"{size:,}" for name, size in (sizes | hidden).items()},
        **place,
        **importance,
        **_kernel_numbers(inside, channel, frame),
        **_cost_numbers(inside, len(blocks), network_macs),
    }


def _kernel_numbers(inside: BlockFeatures, channel: int, frame: int) -> dict[str, str]:
    kernel, v, profile = inside.kernel[channel], inside.importance[channel], inside.pooled[channel]
    taps = range(len(kernel))
    read = [(k, frame + k - len(kernel) // 2) for k in taps]
    there = [(k, s) for k, s in read if 0 <= s < len(v)]
    total = sum(float(kernel[k] * v[s] * profile[s]) for k, s in there)
    centre = len(kernel) // 2
    main = int(kernel.argmax())
    return {
        "theta": _triple(kernel),
        "main_tap": _TAPS[int(np.sign(main - centre)) + 1],
        "main_share": f"{kernel[main]:.0%}",
        "terms": " + ".join(f"{kernel[k]:.2f} · {v[s]:.2f} · {profile[s]:.3f}" for k, s in there),
        "terms_sum": f"{total:.3f}",
    }


def _cost_numbers(inside: BlockFeatures, blocks: int, network_macs: int) -> dict[str, str]:
    cost = inside.cost
    parts = {
        "local": cost.local,
        "weighting": cost.weighting,
        "joining": cost.joining,
        "kernels": cost.kernels,
        "aggregation": cost.aggregation,
        "tam": cost.total,
    }
    return {
        **{f"macs_{name}": f"{count:,}" for name, count in parts.items()},
        **{f"share_{name}": percent(count / network_macs) for name, count in parts.items()},
        "additions": f"{cost.additions:,}",
        "macs_network": f"{network_macs:,}",
        "reach": str(blocks),
    }


def percent(share: float) -> str:
    """A share, with two digits that count below 10%; what is below 0.001% is said to be."""
    if 0 < share < 1e-5:
        return "less than 0.001%"
    return f"{share:.0%}" if share >= 0.1 else f"{100 * share:.2g}%"


def _triple(kernel: Float[np.ndarray, " k"]) -> str:
    return "(" + ", ".join(f"{share:.2f}" for share in kernel) + ")"


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in (11, 12, 13) else endings.get(number % 10, "th")
    return f"{number}{ending}"


def shuffled_maps(
    x: Float[np.ndarray, "c t h w"],
    shuffled: Float[np.ndarray, "c t h w"],
    order: Int[np.ndarray, " t"],
) -> Finding:
    """Does a frame's map depend on the order of the frames? 0: no, 1: yes.

    Args:
        x: What a block is given.
        shuffled: What it is given when the frames are played in another order.
        order: That order.
    """
    back = shuffled[:, np.argsort(order)]
    change = float(np.linalg.norm(back - x) / max(float(np.linalg.norm(x)), 1e-9))
    return Finding(int(change > 1e-3), {"change": percent(change) if change > 1e-5 else "0%"})


def blanked_frame(
    importance: Float[np.ndarray, "c t"], after: Float[np.ndarray, "c t"], frame: int
) -> Finding:
    """Where V changes when a frame is blank. 0: there alone, 1: there and beside it, 2: farther.

    Args:
        importance: V.
        after: V with the pooled numbers of `frame` set to zero.
        frame: From 0.
    """
    moved = np.abs(after - importance).max(axis=0)
    changed = np.flatnonzero(moved > 1e-6)
    far = int(np.abs(changed - frame).max(initial=0))
    return Finding(
        min(far, 2),
        {"changed": listed(int(i) + 1 for i in changed) or "none", "most": f"{moved.max():.2f}"},
    )


def twin_channels(
    importance: Float[np.ndarray, "c t"], kernel: Float[np.ndarray, "c k"], one: int, other: int
) -> Finding:
    """Two channels with the same pooled numbers: what else is the same?

    0: V and Θ, 1: Θ alone, 2: V alone, 3: neither.

    Args:
        importance: V, made of pooled features in which both channels have the same numbers.
        kernel: Θ, made of the same.
        one: The first channel.
        other: The second channel.
    """
    gap = float(np.abs(importance[one] - importance[other]).max())
    same = np.allclose(kernel[one], kernel[other], atol=1e-5), gap < 1e-5
    return Finding(
        {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[same],
        {
            "donor": str(other),
            "theta_one": _triple(kernel[one]),
            "theta_other": _triple(kernel[other]),
            "gap": f"{gap:.2f}",
        },
    )


def furthest_channel(kernel: Float[np.ndarray, "c k"], channel: int) -> int:
    """The channel whose kernel is least like that of a channel."""
    return int(np.abs(kernel - kernel[channel]).sum(axis=1).argmax())


def backwards_kernels(
    forwards: Float[np.ndarray, "c k"], backwards: Float[np.ndarray, "c k"], channel: int
) -> Finding:
    """What a clip played backwards does to a kernel. 0: mirrors it, 1: keeps it, 2: neither."""
    kept = _apart(backwards, forwards) < SAME
    mirrored = (_apart(backwards, forwards[:, ::-1]) < SAME) & ~kept
    neither = ~(kept | mirrored)
    return Finding(
        0 if mirrored[channel] else 1 if kept[channel] else 2,
        {
            "theta_forwards": _triple(forwards[channel]),
            "theta_backwards": _triple(backwards[channel]),
            "mirrored": f"{mirrored.mean():.0%}",
            "kept": f"{kept.mean():.0%}",
            "neither": f"{neither.mean():.0%}",
        },
    )


def _apart(
    one: Float[np.ndarray, "c k"], other: Float[np.ndarray, "c k"]
) -> Float[np.ndarray, " c"]:
    """Half the sum of the differences of each channel's shares; in [0, 1]."""
    found: np.ndarray = np.abs(one - other).sum(axis=1) / 2
    return found


def impulse_through_future(frames: int) -> Finding:
    """Where one frame's content comes out of Θ = (0, 0, 1). 0: earlier, 1: there, 2: later."""
    went_in = frames // 2
    out = passed(band(np.ones(frames), np.array([0.0, 0.0, 1.0])), np.eye(frames)[went_in])
    came_out = int(out.argmax())
    return Finding(
        1 + int(np.sign(came_out - went_in)),
        {"went_in": str(went_in + 1), "came_out": str(came_out + 1)},
    )


def taken_out(own: Run, without_block: Run, without_all: Run) -> Finding:
    """Whether the network's answer changes without one block's TAM. 0: no, 1: yes."""
    said, sure = own.prediction.top(1)[0]
    then, then_sure = without_block.prediction.top(1)[0]
    last, last_sure = without_all.prediction.top(1)[0]
    place = own.prediction.classes.index(said)
    return Finding(
        int(then != said),
        {
            "said": said,
            "sure": f"{sure:.0%}",
            "then": then,
            "then_sure": f"{then_sure:.0%}",
            "said_then": f"{without_block.prediction.probabilities[place]:.0%}",
            "last": last,
            "last_sure": f"{last_sure:.0%}",
        },
    )
