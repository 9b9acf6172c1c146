"""Outcomes of the experiments of the lesson.

A question that depends on the clip is answered by an experiment: the functions here take what was
measured and say which of the question's choices is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from tam_viz.analysis.formatting import listed
from tam_viz.analysis.tam.block_features import band, passed
from tam_viz.analysis.tam.lesson import percent, triple
from tam_viz.literal import in_markdown
from tam_viz.types import Run

SAME = 0.1
"""Kernels are called the same when less than this share of their weight lies elsewhere."""


@dataclass(frozen=True)
class ExperimentOutcome:
    """The outcome of an experiment.

    Attributes:
        answer: Which choice of the question is right, from 0.
        numbers: What the explanation is filled with, as Markdown.
    """

    answer: int
    numbers: dict[str, str]


def shuffled_maps(
    x: Float[np.ndarray, "c t h w"],
    shuffled: Float[np.ndarray, "c t h w"],
    order: Int[np.ndarray, " t"],
) -> ExperimentOutcome:
    """Does a frame's map depend on the order of the frames? 0: no, 1: yes.

    Args:
        x: What a block is given.
        shuffled: What it is given when the frames are played in another order.
        order: That order.
    """
    back = shuffled[:, np.argsort(order)]
    change = float(np.linalg.norm(back - x) / max(float(np.linalg.norm(x)), 1e-9))
    return ExperimentOutcome(
        int(change > 1e-3), {"change": percent(change) if change > 1e-5 else "0%"}
    )


def blanked_frame(
    importance: Float[np.ndarray, "c t"], after: Float[np.ndarray, "c t"], frame: int
) -> ExperimentOutcome:
    """Where V changes when a frame is blank. 0: there alone, 1: there and beside it, 2: farther.

    Args:
        importance: V.
        after: V with the pooled numbers of `frame` set to zero.
        frame: From 0.
    """
    moved = np.abs(after - importance).max(axis=0)
    changed = np.flatnonzero(moved > 1e-6)
    far = int(np.abs(changed - frame).max(initial=0))
    return ExperimentOutcome(
        min(far, 2),
        {"changed": listed(int(i) + 1 for i in changed) or "none", "most": f"{moved.max():.2f}"},
    )


def same_numbers(
    importance: Float[np.ndarray, "c t"], kernel: Float[np.ndarray, "c k"], first: int, second: int
) -> ExperimentOutcome:
    """Two channels with the same pooled numbers: what else is the same?

    0: V and Θ, 1: Θ alone, 2: V alone, 3: neither.

    Args:
        importance: V, made of pooled features in which both channels have the same numbers.
        kernel: Θ, made of the same.
        first: The first channel.
        second: The second channel.
    """
    gap = float(np.abs(importance[first] - importance[second]).max())
    same_kernel = np.allclose(kernel[first], kernel[second], atol=1e-5), gap < 1e-5
    return ExperimentOutcome(
        {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[same_kernel],
        {
            "donor": str(second),
            "theta_one": triple(kernel[first]),
            "theta_other": triple(kernel[second]),
            "gap": f"{gap:.2f}",
        },
    )


def furthest_channel(kernel: Float[np.ndarray, "c k"], channel: int) -> int:
    """The channel whose kernel is least like that of a channel."""
    return int(np.abs(kernel - kernel[channel]).sum(axis=1).argmax())


def backwards_kernels(
    forwards: Float[np.ndarray, "c k"], backwards: Float[np.ndarray, "c k"], channel: int
) -> ExperimentOutcome:
    """What a clip played backwards does to a kernel. 0: mirrors it, 1: keeps it, 2: neither."""
    kept = apart(backwards, forwards) < SAME
    mirrored = (apart(backwards, forwards[:, ::-1]) < SAME) & ~kept
    neither = ~(kept | mirrored)
    return ExperimentOutcome(
        0 if mirrored[channel] else 1 if kept[channel] else 2,
        {
            "theta_forwards": triple(forwards[channel]),
            "theta_backwards": triple(backwards[channel]),
            "mirrored": f"{mirrored.mean():.0%}",
            "kept": f"{kept.mean():.0%}",
            "neither": f"{neither.mean():.0%}",
        },
    )


def apart(
    first: Float[np.ndarray, "c k"], second: Float[np.ndarray, "c k"]
) -> Float[np.ndarray, " c"]:
    """Half the sum of the differences of each channel's shares; in [0, 1]."""
    return np.abs(first - second).sum(axis=1) / 2


def impulse_through_future(frames: int) -> ExperimentOutcome:
    """Where one frame's content comes out of Θ = (0, 0, 1). 0: earlier, 1: there, 2: later."""
    went_in = frames // 2
    out = passed(band(np.ones(frames), np.array([0.0, 0.0, 1.0])), np.eye(frames)[went_in])
    came_out = int(out.argmax())
    return ExperimentOutcome(
        1 + int(np.sign(came_out - went_in)),
        {"went_in": str(went_in + 1), "came_out": str(came_out + 1)},
    )


def taken_out(own: Run, without_block: Run, without_all: Run) -> ExperimentOutcome:
    """Whether the network's prediction changes without one block's TAM. 0: no, 1: yes."""
    predicted, sure = own.prediction.top(1)[0]
    then, then_sure = without_block.prediction.top(1)[0]
    last, last_sure = without_all.prediction.top(1)[0]
    class_index = own.prediction.classes.index(predicted)
    return ExperimentOutcome(
        int(then != predicted),
        {
            "said": in_markdown(predicted),
            "sure": f"{sure:.0%}",
            "then": in_markdown(then),
            "then_sure": f"{then_sure:.0%}",
            "said_then": f"{without_block.prediction.probabilities[class_index]:.0%}",
            "last": in_markdown(last),
            "last_sure": f"{last_sure:.0%}",
        },
    )


def one_level(both: Run, importance_alone: Run, kernel_alone: Run) -> ExperimentOutcome:
    """Which level alone keeps a network's prediction. 0: V, 1: Θ, 2: each of them, 3: neither."""
    predicted, sure = both.prediction.top(1)[0]
    v, v_sure = importance_alone.prediction.top(1)[0]
    theta, theta_sure = kernel_alone.prediction.top(1)[0]
    kept = v == predicted, theta == predicted
    return ExperimentOutcome(
        {(True, False): 0, (False, True): 1, (True, True): 2, (False, False): 3}[kept],
        {
            "said": in_markdown(predicted),
            "sure": f"{sure:.0%}",
            "with_v": in_markdown(v),
            "with_v_sure": f"{v_sure:.0%}",
            "with_theta": in_markdown(theta),
            "with_theta_sure": f"{theta_sure:.0%}",
        },
    )
