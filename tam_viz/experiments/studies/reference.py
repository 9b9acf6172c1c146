"""What to hold a trace against: the same network before it learned anything, and its mean.

Both are over clips of the network's own kind (`tam_viz.experiments.studies.kinds`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from tam_viz.analysis.tam.sameness import spread_over_clips
from tam_viz.capture.run import run
from tam_viz.experiments.studies.kinds import Basis, motionpairs
from tam_viz.models.checkpoint import build
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.models.preprocess import normalise
from tam_viz.motionpairs.scene import Split
from tam_viz.types import BlockTrace, Clip, Mean, TAMTrace, UserError
from tam_viz.video.tempo import retimed

FITTED = 32
"""Clips that the batch norms of an untrained network are fitted to, at most."""
_SEED, _BATCH = 0, 8


@dataclass(frozen=True, eq=False)
class Untrained:
    """A network of the same shape with random weights.

    Attributes:
        network: It, with batch norms that fit real input.
        over: The clips that they were fitted to, in words.
    """

    network: LoadedModel
    over: str


def untrained(loaded: LoadedModel, basis: Basis | None = None) -> LoadedModel:
    """A network of the same shape with random weights and batch norms that fit real input.

    Args:
        loaded: The network.
        basis: Clips to fit the batch norms to; by default 32 MotionPairs clips.

    Raises:
        UserError: None of the clips can be read.
    """
    return _fitted(loaded, basis).network


def _fitted(loaded: LoadedModel, basis: Basis | None) -> Untrained:
    *_, (_, _, found) = fit_untrained(loaded, basis or motionpairs(loaded.card.input, FITTED))
    if found is None:
        raise TypeError("the last step of fitting has no result")
    return found


def fit_untrained(loaded: LoadedModel, basis: Basis) -> Iterator[tuple[int, int, Untrained | None]]:
    """Makes the untrained network; yields how many clips are done, how many there are, and it last.

    Without recalibrated batch-norm statistics an untrained network saturates, and its
    maps show only that. They are the plain average over batches of clips.

    Raises:
        UserError: None of the clips can be read.
    """
    net, total, done = _random(loaded), min(basis.count, FITTED), 0
    clips = itertools.islice(basis.clips(), total)
    while several := tuple(itertools.islice(clips, _BATCH)):
        frames = np.stack([clip.frames for clip in several])
        with torch.inference_mode():
            x = torch.from_numpy(frames).to(loaded.device)
            net(normalise(x, loaded.card.input))
        done += len(several)
        yield min(done, total - 1), total, None
    if not done:
        raise UserError(f"None of the {basis.says} can be read, so there is nothing to fit to.")
    card = dataclasses.replace(loaded.card, id=f"{loaded.card.id} (untrained)", metrics=())
    network = LoadedModel(card, net.eval(), loaded.device, loaded.lock)
    yield total, total, Untrained(network, basis.over(done))


def _random(loaded: LoadedModel) -> VideoNet:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        net = build(loaded.card)
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):  # noqa: SLF001  # its public base
            module.momentum = None  # a plain average over the calibration batches
    net.to(loaded.device).channels_last()
    return net.train()


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


def traces_over(loaded: LoadedModel, basis: Basis) -> Iterator[tuple[int, int, Traces | None]]:
    """V and Θ of every block on several clips.

    Yields how many clips are done, how many there are, and the traces with the last one.

    Args:
        loaded: A network with TAM.
        basis: The clips.

    Raises:
        UserError: The network has no TAM, or none of the clips can be read.
    """
    traces: list[TAMTrace] = []
    labels: list[str | None] = []
    for clip in itertools.islice(basis.clips(), basis.count):
        trace = run(loaded, clip).trace
        if trace is None:
            raise UserError(f"{loaded.card.id} has no TAM, so there is no trace to average.")
        traces.append(trace)
        labels.append(clip.label)
        yield min(len(traces), basis.count - 1), basis.count, None
    if not traces:
        raise UserError(f"None of the {basis.says} can be read, so there is no mean over them.")
    found = Traces(tuple(traces), tuple(labels), basis.over(len(traces)))
    yield basis.count, basis.count, found


def mean_over(loaded: LoadedModel, basis: Basis) -> Iterator[tuple[int, int, Mean | None]]:
    """V and Θ of every block, each the mean over clips; else like `traces_over`."""
    for done, total, found in traces_over(loaded, basis):
        yield done, total, None if found is None else mean_of(found)


def mean_of(found: Traces) -> Mean:
    """The mean of some traces."""
    return named(average(found.traces), found.over, spread_over_clips(found.traces))


def mean_trace(
    loaded: LoadedModel, split: Split, count: int
) -> Iterator[tuple[int, int, TAMTrace | None]]:
    """The mean over `count` MotionPairs clips of a split; else like `mean_over`."""
    for done, total, found in mean_over(loaded, motionpairs(loaded.card.input, count, split)):
        yield done, total, None if found is None else found.trace


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
    """What the trace of a clip is held against.

    Attributes:
        backwards: Of the clip played backwards.
        held: Of one frame of it, shown all along.
        untrained: Of the clip in the untrained network.
        fitted: The clips that its batch norms were fitted to, in words.
    """

    backwards: TAMTrace
    held: TAMTrace
    untrained: TAMTrace
    fitted: str


def traces_beside(
    loaded: LoadedModel, clip: Clip, frame: int, basis: Basis | None = None
) -> TracesBeside:
    """What stands beside the trace of a clip.

    Args:
        loaded: A network with TAM.
        clip: What it is given.
        frame: The frame, from 0, that is shown all along.
        basis: Clips to fit the untrained network to; by default MotionPairs clips.

    Raises:
        UserError: The network has no TAM, or none of the clips can be read.
    """
    reverse = run(loaded, retimed(clip, "reversed")).trace
    held = run(loaded, retimed(clip, "frozen", frame)).trace
    plain = _fitted(loaded, basis)
    base = run(plain.network, clip).trace
    if reverse is None or held is None or base is None:
        raise UserError(
            f"{loaded.card.id} has no TAM, so there is no trace to hold another against."
        )
    return TracesBeside(reverse, held, base, plain.over)
