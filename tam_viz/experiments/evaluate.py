"""Measuring a network on fresh MotionPairs clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.models.preprocess import normalise
from tam_viz.motionpairs.dataset import batch
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.motionpairs.scene import Split
from tam_viz.types import InputSpec, Metric, UserError

TEST_SEED, TEST_CLIPS = 2, 1600
_BATCH = 32


@dataclass(frozen=True)
class Scores:
    """How often a network was right.

    Attributes:
        n: Number of clips.
        top1: Share of clips whose best class is the true one.
        within_pair: Share of clips for which the true class beats the other of its pair; 0.5
            is chance, whatever the network knows of single frames.
        by_class: Top-1 of the clips of each class.
    """

    n: int
    top1: float
    within_pair: float
    by_class: dict[str, float]


def predict(
    net: VideoNet, spec: InputSpec, classes: Sequence[str], seed: int, count: int, split: Split
) -> Iterator[tuple[Float[np.ndarray, "n k"], Int[np.ndarray, " n"]]]:
    """Logits and labels of clips 0 to `count - 1` of a set, in batches."""
    device = next(net.parameters()).device
    net.eval()
    for first in range(0, count, _BATCH):
        frames, labels = batch(
            seed,
            first,
            min(_BATCH, count - first),
            split=split,
            classes=classes,
            frames=spec.frames,
            size=spec.size,
        )
        with torch.inference_mode():
            logits = net(normalise(torch.from_numpy(frames).to(device), spec))
        yield logits.float().cpu().numpy(), labels


def accuracy(
    net: VideoNet, spec: InputSpec, classes: Sequence[str], seed: int, count: int, split: Split
) -> float:
    """Top-1 on clips 0 to `count - 1` of a set, in [0, 1]."""
    batches = predict(net, spec, classes, seed, count, split)
    return sum(int((logits.argmax(1) == labels).sum()) for logits, labels in batches) / count


def score(
    logits: Float[np.ndarray, "n k"], labels: Int[np.ndarray, " n"], classes: Sequence[str]
) -> Scores:
    """All scores of a set of predictions."""
    right = logits.argmax(1) == labels
    partner = _partners(classes)
    rows = np.flatnonzero(partner[labels] >= 0)
    own = logits[rows, labels[rows]]
    other = logits[rows, partner[labels[rows]]]
    return Scores(
        n=len(labels),
        top1=float(right.mean()),
        within_pair=float((own > other).mean()),
        by_class={
            name: float(right[labels == i].mean())
            for i, name in enumerate(classes)
            if (labels == i).any()
        },
    )


def _partners(classes: Sequence[str]) -> Int[np.ndarray, " k"]:
    """Index of the other class of each class's pair; -1 where it is not among `classes`."""
    other = {a: b for m in MOTIONS for a, b in (m.classes, m.classes[::-1])}
    return np.array(
        [list(classes).index(other[c]) if other.get(c) in classes else -1 for c in classes]
    )


def evaluate(loaded: LoadedModel, seed: int, count: int) -> Iterator[tuple[int, Scores | None]]:
    """Measures a network on fresh test clips, yielding how many are done and at last the scores.

    Raises:
        UserError: The network's classes are not those of MotionPairs, or no clips are asked for.
    """
    card = loaded.card
    strange = [name for name in card.classes if name not in CLASSES]
    if strange:
        raise UserError(
            f"{card.id} was not trained on MotionPairs (it has the class '{strange[0]}'), so it "
            f"cannot be measured on it."
        )
    if count < 1:
        raise UserError(
            f"At least one clip is needed to measure a network; {count} were asked for."
        )
    logits, labels, done = [], [], 0
    for some_logits, some_labels in predict(
        loaded.net, card.input, card.classes, seed, count, "test"
    ):
        logits.append(some_logits)
        labels.append(some_labels)
        done += len(some_labels)
        yield done, None
    yield done, score(np.concatenate(logits), np.concatenate(labels), card.classes)


def metrics_of(scores: Scores, seed: int) -> tuple[Metric, ...]:
    """Scores as they are written into a card."""
    protocol = (
        f"{scores.n} MotionPairs test clips, seed {seed}, scenes and textures disjoint from "
        f"training, drawn at the network's size, frames from the middles of equal segments, one "
        f"view, weights as stored"
    )
    return (
        Metric("top1", round(scores.top1, 4), protocol),
        Metric("within_pair", round(scores.within_pair, 4), protocol),
    )
