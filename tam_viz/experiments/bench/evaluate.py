"""Measuring networks on fresh MotionPairs clips: each clip is drawn once and seen by all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from scipy.stats import binomtest

from tam_viz.analysis.bench.results import Measured
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.models.preprocess import normalise
from tam_viz.motionpairs.dataset import batch, truths
from tam_viz.motionpairs.motions import CLASSES, MOTIONS
from tam_viz.motionpairs.scene import Split, level_of, shift_of
from tam_viz.types import InputSpec, Metric, Step, Steps, UserError, part

_BATCH = 32


@dataclass(frozen=True, eq=False)
class BenchAnswers:
    """The logits of a network for each clip of a set.

    Attributes:
        logits: Of each clip.
        labels: True classes, indices into the network's.
    """

    logits: Float[np.ndarray, "n k"]
    labels: Int[np.ndarray, " n"]


def logits_of(
    net: VideoNet, spec: InputSpec, frames: UInt8[np.ndarray, "n t s s 3"]
) -> Float[np.ndarray, "n k"]:
    """Logits of a batch of clips; the network is in evaluation mode."""
    device = next(net.parameters()).device
    with torch.inference_mode():
        logits = net(normalise(torch.from_numpy(frames).to(device), spec))
    return logits.float().cpu().numpy()


def score(
    logits: Float[np.ndarray, "n k"],
    labels: Int[np.ndarray, " n"],
    classes: Sequence[str],
    kinds: Sequence[str] = (),
) -> Measured:
    """All scores of a set of predictions.

    Args:
        logits: Of each clip.
        labels: True classes, indices into `classes`.
        classes: Class names.
        kinds: Of each clip its level of difficulty or kind of shift; may be left out.
    """
    right = logits.argmax(1) == labels
    interval = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    partner = _partners(classes)
    paired = partner[labels] >= 0
    rows = np.arange(len(labels))
    ordered = logits[rows, labels] > logits[rows, partner[labels]]
    of_family = {m.family: np.isin(labels, _class_indices(m.classes, classes)) for m in MOTIONS}
    of_kind = {kind: np.array(kinds) == kind for kind in dict.fromkeys(kinds)}
    return Measured(
        n=len(labels),
        top1=float(right.mean()),
        interval=(float(interval.low), float(interval.high)),
        within_pair=float(ordered[paired].mean()),
        by_class=_means(right, {name: labels == i for i, name in enumerate(classes)}),
        by_family=_means(ordered, {name: rows & paired for name, rows in of_family.items()}),
        by_kind=_means(right, of_kind),
    )


def _means(
    values: Bool[np.ndarray, " n"], groups: Mapping[str, Bool[np.ndarray, " n"]]
) -> dict[str, float]:
    """Share of true values in each group that has any clips."""
    return {name: float(values[rows].mean()) for name, rows in groups.items() if rows.any()}


def _class_indices(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    return [list(classes).index(name) for name in names if name in classes]


def _partners(classes: Sequence[str]) -> Int[np.ndarray, " k"]:
    """Index of the other class of each class's pair; -1 where it is not among `classes`."""
    other = {a: b for m in MOTIONS for a, b in (m.classes, m.classes[::-1])}
    return np.array(
        [list(classes).index(other[c]) if other.get(c) in classes else -1 for c in classes]
    )


def check(loaded: LoadedModel) -> None:
    """Refuses a network that does not know MotionPairs.

    Raises:
        UserError: One of its classes is another.
    """
    strange = [name for name in loaded.card.classes if name not in CLASSES]
    if strange:
        raise UserError(
            f"{loaded.card.id} was not trained on MotionPairs (it has the class '{strange[0]}'), "
            f"so it cannot be measured on it."
        )


def evaluate(
    models: Sequence[LoadedModel], seed: int, count: int, split: Split = "test"
) -> Steps[list[Measured]]:
    """Measures networks on fresh clips, step by step.

    See `answer`, which does the same and keeps what the networks said.

    Raises:
        UserError: The classes of a network are not those of MotionPairs, or no clips are asked
            for.
    """
    answers = yield from part(answer(models, seed, count, split))
    yield Step(count, count, scored(models, answers, seed, split))


def answer(
    models: Sequence[LoadedModel], seed: int, count: int, split: Split = "test"
) -> Steps[list[BenchAnswers]]:
    """Asks networks about fresh clips; the result is what each of them said.

    Networks that are given the same kind of clip and know the same classes see the same clips,
    each of which is drawn once.

    Raises:
        UserError: The classes of a network are not those of MotionPairs, or no clips are asked
            for.
    """
    for loaded in models:
        check(loaded)
    if count < 1:
        raise UserError(
            f"At least one clip is needed to measure a network; {count} were asked for."
        )
    parts: list[list[BenchAnswers]] = [[] for _ in models]
    for first in range(0, count, _BATCH):
        some = min(_BATCH, count - first)
        drawn: dict[tuple[int, int, tuple[str, ...]], tuple[np.ndarray, np.ndarray]] = {}
        for loaded, batches in zip(models, parts, strict=True):
            spec, classes = loaded.card.input, loaded.card.classes
            key = (spec.frames, spec.size, classes)
            if key not in drawn:
                drawn[key] = batch(
                    seed,
                    first,
                    some,
                    split=split,
                    classes=classes,
                    frames=spec.frames,
                    size=spec.size,
                )
            frames, truth = drawn[key]
            with loaded.lock:
                batches.append(BenchAnswers(logits_of(loaded.net, spec, frames), truth))
        yield Step(first + some, count)
    yield Step(count, count, [_joined(batches) for batches in parts])


def _joined(parts: Sequence[BenchAnswers]) -> BenchAnswers:
    return BenchAnswers(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )


def scored(
    models: Sequence[LoadedModel], answers: Sequence[BenchAnswers], seed: int, split: Split = "test"
) -> list[Measured]:
    """The scores of what networks said of the clips of a set."""
    known = {loaded.card.classes: len(s.labels) for loaded, s in zip(models, answers, strict=True)}
    kinds = {classes: _kinds(seed, count, split, classes) for classes, count in known.items()}
    return [
        score(s.logits, s.labels, loaded.card.classes, kinds[loaded.card.classes])
        for loaded, s in zip(models, answers, strict=True)
    ]


def _kinds(seed: int, count: int, split: Split, classes: Sequence[str]) -> list[str]:
    """Kind of shift or level of difficulty of each clip of a set."""
    if split == "shift":
        return [shift_of(index, len(classes)) for index in range(count)]
    known = truths(seed, count, split=split, classes=classes)
    return [level_of(t.generation.difficulty) for t in known if t.generation is not None]


def metrics_of(scores: Measured, seed: int, split: Split = "test") -> tuple[Metric, ...]:
    """Scores as they are written into a card."""
    what = "test clips" if split == "test" else "clips of the shift set"
    protocol = (
        f"{scores.n} MotionPairs {what}, seed {seed}, scenes and textures disjoint from "
        f"training, drawn at the network's size, frames from the middles of equal segments, one "
        f"view, weights as stored"
    )
    name = "" if split == "test" else f"{split}_"
    return (
        Metric(f"{name}top1", round(scores.top1, 4), protocol),
        Metric(f"{name}within_pair", round(scores.within_pair, 4), protocol),
    )
