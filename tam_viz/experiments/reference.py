"""What to hold a trace against: the same network before it learned anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from tam_viz.capture.run import run
from tam_viz.models.checkpoint import build
from tam_viz.models.engine import LoadedModel
from tam_viz.models.preprocess import normalise
from tam_viz.motionpairs.dataset import batch
from tam_viz.motionpairs.dataset import clip as draw_clip
from tam_viz.motionpairs.scene import Split
from tam_viz.types import BlockTrace, Clip, TAMTrace, UserError
from tam_viz.video.tempo import retimed

_SEED, _CLIPS = 0, 32


def untrained(loaded: LoadedModel) -> LoadedModel:
    """A network of the same shape with random weights and batch norms that fit real input.

    Without recalibrated batch-norm statistics an untrained network saturates and shows nothing
    but its own explosion. The statistics are those of 32 MotionPairs training clips.
    """
    card = dataclasses.replace(loaded.card, id=f"{loaded.card.id} (untrained)", metrics=())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        net = build(card)
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):  # noqa: SLF001  # its public base
            module.momentum = None  # a plain average over the calibration batches
    spec = card.input
    net = net.to(loaded.device).channels_last().train()
    with torch.inference_mode():
        for first in range(0, _CLIPS, 8):
            frames, _ = batch(_SEED, first, 8, split="train", frames=spec.frames, size=spec.size)
            net(normalise(torch.from_numpy(frames).to(loaded.device), spec))
    return LoadedModel(card, net.eval(), loaded.device, loaded.lock)


def mean_trace(
    loaded: LoadedModel, split: Split, count: int
) -> Iterator[tuple[int, int, TAMTrace | None]]:
    """V and Θ of every block, each the mean over MotionPairs clips.

    Yields how many clips are done, how many there are, and the mean with the last one.

    Args:
        loaded: A network with TAM.
        split: Which set the clips are of.
        count: How many; whole rounds of the sixteen classes weight them alike.

    Raises:
        UserError: The network has no TAM.
    """
    traces: list[TAMTrace] = []
    for index in range(count):
        trace = run(loaded, draw_clip(loaded.card.input, _SEED, index, split)).trace
        if trace is None:
            raise UserError(f"{loaded.card.id} has no TAM, so there is no trace to average.")
        traces.append(trace)
        yield index + 1, count, _mean(traces) if index + 1 == count else None


def _mean(traces: Sequence[TAMTrace]) -> TAMTrace:
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
    """

    backwards: TAMTrace
    held: TAMTrace
    untrained: TAMTrace


def traces_beside(loaded: LoadedModel, clip: Clip, frame: int) -> TracesBeside:
    """What stands beside the trace of a clip.

    Args:
        loaded: A network with TAM.
        clip: What it is given.
        frame: The frame, from 0, that is shown all along.

    Raises:
        UserError: The network has no TAM.
    """
    reverse = run(loaded, retimed(clip, "reversed")).trace
    held = run(loaded, retimed(clip, "frozen", frame)).trace
    base = run(untrained(loaded), clip).trace
    if reverse is None or held is None or base is None:
        raise UserError(
            f"{loaded.card.id} has no TAM, so there is no trace to hold another against."
        )
    return TracesBeside(reverse, held, base)
