"""References for a trace: the untrained network, and the mean over clips.

Both are over clips of the network's own kind (`tam_viz.experiments.kinds`).
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from tam_viz.analysis.tam.sameness import spread_over_clips
from tam_viz.capture.many import run_many
from tam_viz.capture.run import run
from tam_viz.experiments.kinds import Basis, motionpairs
from tam_viz.experiments.studies import kept
from tam_viz.experiments.studies.untrained import Untrained, fitted
from tam_viz.models.engine import LoadedModel
from tam_viz.motionpairs.scene import Split
from tam_viz.types import BlockTrace, Clip, Mean, Step, Steps, TAMTrace, UserError, part
from tam_viz.video.tempo import retimed

_KINDS = ("importance", "kernel")
_PIXELS = 4 * 8 * 224**2
"""In one pass: four clips of a published network, hundreds of small ones."""


@dataclass(frozen=True, eq=False)
class Traces:
    """V and Θ of a network on several clips.

    Attributes:
        traces: One for each clip.
        labels: The true class of each, where it is known.
        over: The clips, in words.
    """

    traces: tuple[TAMTrace, ...]
    labels: tuple[str | None, ...]
    over: str


def traces_over(loaded: LoadedModel, basis: Basis) -> Steps[Traces]:
    """V and Θ of every block on several clips.

    A step is a clip.

    Args:
        loaded: A network with TAM.
        basis: The clips.

    Raises:
        UserError: The network has no TAM, or none of the clips can be read.
    """
    if not loaded.block_names:
        raise UserError(f"{loaded.card.id} has no TAM, so there is no trace to average.")
    clips: Iterable[Clip] = itertools.islice(basis.clips(), basis.count)
    if not basis.drawn:
        clips = list(clips)  # a name alone does not say what a file holds
    name = kept.digest(
        [loaded.card.sha256, loaded.card.id, loaded.dtype, *basis.content(clips, basis.count)]
    )
    stored = kept.recall(name) if loaded.card.sha256 else None
    traces: list[TAMTrace] = []
    labels: list[str | None] = []
    if stored is not None:
        traces, labels = _unpacked(loaded, stored)
        labels = labels if basis.drawn else [clip.label for clip in clips]
    else:
        for clip, trace in _run_through(loaded, clips):
            traces.append(trace)
            labels.append(clip.label)
            yield Step(min(len(traces), basis.count - 1), basis.count)
        if traces and loaded.card.sha256:
            kept.keep(name, _packed(traces, labels))
    if not traces:
        raise UserError(f"None of the {basis.says} can be read, so there is no mean over them.")
    result = Traces(tuple(traces), tuple(labels), basis.over(len(traces)))
    yield Step(basis.count, basis.count, result)


def _run_through(loaded: LoadedModel, clips: Iterable[Clip]) -> Iterator[tuple[Clip, TAMTrace]]:
    """V and Θ on each of several clips, some at a time."""
    spec, rest = loaded.card.input, iter(clips)
    at_once = max(1, _PIXELS // (spec.frames * spec.size**2))
    while several := tuple(itertools.islice(rest, at_once)):
        for clip, done in zip(several, run_many(loaded, several).runs, strict=True):
            if done.trace is None:
                raise TypeError(f"{loaded.card.id} has TAM blocks and no trace")
            yield clip, done.trace


def _packed(traces: Sequence[TAMTrace], labels: Sequence[str | None]) -> dict[str, Tensor]:
    """V and Θ by block, of all clips together, and the labels as the bytes of their JSON."""
    arrays = {
        f"{kind}/{name}": torch.from_numpy(np.stack([getattr(t[name], kind) for t in traces]))
        for name in traces[0].names
        for kind in _KINDS
    }
    return {**arrays, "labels": torch.tensor([*json.dumps(labels).encode()], dtype=torch.uint8)}


def _unpacked(
    loaded: LoadedModel, arrays: Mapping[str, Tensor]
) -> tuple[list[TAMTrace], list[str | None]]:
    parts = []
    for name in loaded.block_names:
        v, theta = (arrays[f"{kind}/{name}"].numpy() for kind in _KINDS)
        parts.append([BlockTrace(name, *rows) for rows in zip(v, theta, strict=True)])
    labels = json.loads(bytes(arrays["labels"].tolist()))
    return [TAMTrace(blocks) for blocks in zip(*parts, strict=True)], labels


def mean_over(loaded: LoadedModel, basis: Basis) -> Steps[Mean]:
    """V and Θ of every block, each the mean over clips; else like `traces_over`."""
    traces = yield from part(traces_over(loaded, basis))
    yield Step(basis.count, basis.count, mean_of(traces))


def mean_of(traces: Traces) -> Mean:
    """The mean of some traces."""
    return named(average(traces.traces), traces.over, spread_over_clips(traces.traces))


def mean_trace(loaded: LoadedModel, split: Split, count: int) -> Steps[TAMTrace]:
    """The mean over `count` MotionPairs clips of a split; else like `mean_over`."""
    mean = yield from part(mean_over(loaded, motionpairs(loaded.card.input, count, split)))
    yield Step(count, count, mean.trace)


def named(trace: TAMTrace, over: str, spread: Mapping[str, float] | None = None) -> Mean:
    """A mean trace with the hash of its numbers.

    Args:
        trace: V and Θ, each the mean over clips.
        over: The clips, in words.
        spread: By block, how far kernels lie from the mean; see `Mean`.
    """
    digest = hashlib.sha256()
    for block in trace.blocks:
        digest.update(block.name.encode())
        digest.update(block.importance.tobytes())
        digest.update(block.kernel.tobytes())
    return Mean(digest.hexdigest()[:32], over, trace, spread or {})


def average(traces: Sequence[TAMTrace]) -> TAMTrace:
    """V and Θ of every block, each the mean over some traces of one network."""
    return TAMTrace(
        tuple(
            BlockTrace(
                name,
                np.mean([trace[name].importance for trace in traces], axis=0),
                np.mean([trace[name].kernel for trace in traces], axis=0),
            )
            for name in traces[0].names
        )
    )


class TracesBeside(NamedTuple):
    """The references of the trace of a clip.

    Attributes:
        backwards: Of the clip played backwards.
        frozen: Of one frame of it, shown all along.
        untrained: Of the clip in the untrained network.
        fitted: The clips that its batch norms were fitted to, in words.
    """

    backwards: TAMTrace
    frozen: TAMTrace
    untrained: TAMTrace
    fitted: str


def traces_beside(
    loaded: LoadedModel, clip: Clip, frame: int, plain: Untrained | None = None
) -> TracesBeside:
    """Computes the references of the trace of a clip.

    Args:
        loaded: A network with TAM.
        clip: What it is given.
        frame: The frame, from 0, that is shown all along.
        plain: The untrained network; by default one that is fitted to MotionPairs clips.

    Raises:
        UserError: The network has no TAM, or none of the clips can be read.
    """
    plain = plain or fitted(loaded)
    reverse, frozen = run_many(
        loaded, [retimed(clip, "reversed"), retimed(clip, "frozen", frame)]
    ).runs
    base = run(plain.network, clip)
    if reverse.trace is None or frozen.trace is None or base.trace is None:
        raise UserError(f"{loaded.card.id} has no TAM, so it has no trace to compare with another.")
    return TracesBeside(reverse.trace, frozen.trace, base.trace, plain.over)
