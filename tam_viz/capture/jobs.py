"""What many runs share with each other: jobs, their results, and the network held for a batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tam_viz.capture.edits import Donor, editing_many, touched
from tam_viz.capture.recorder import Recorder, recording
from tam_viz.capture.run import run_of
from tam_viz.models.engine import LoadedModel
from tam_viz.types import BlockTrace, Clip, Edit, Run, TAMTrace

Sources = tuple[Mapping[str, Donor], TAMTrace | None]
"""What edits take: what donors give by clip id, and a trace."""


class RunJob(NamedTuple):
    """What one run is asked for: where its result goes, and its edits by block."""

    number: int
    clip: Clip
    edits: tuple[Edit, ...]
    here: Mapping[str, tuple[Edit, ...]]


class Done(NamedTuple):
    """The result of a job, by the number of the job."""

    number: int
    run: Run
    features: Float[np.ndarray, " d"]


def job_of(loaded: LoadedModel, number: int, clip: Clip, edits: tuple[Edit, ...]) -> RunJob:
    """A job with its edits sorted by the blocks that they touch.

    Raises:
        UserError: An edit does not fit the network.
    """
    here: dict[str, tuple[Edit, ...]] = {}
    tams = dict.fromkeys(loaded.block_names)
    for edit in edits:
        for name in touched(edit, tams):
            here[name] = (*here.get(name, ()), dataclasses.replace(edit, block=name))
    return RunJob(number, clip, edits, here)


def done_of(
    loaded: LoadedModel,
    job: RunJob,
    logits: Float[Tensor, "t k"],
    features: Float[Tensor, " d"],
    blocks: tuple[BlockTrace, ...],
    seconds: float,
) -> Done:
    """The result of a job from its logits.

    Raises:
        UserError: The logits are not finite.
    """
    trace = TAMTrace(blocks) if blocks else None
    made = run_of(loaded, job.clip.id, job.edits, logits, trace, seconds)
    return Done(job.number, made, features.numpy())


@contextmanager
def together(
    loaded: LoadedModel, edits: Sequence[Sequence[Edit]], sources: Sources
) -> Iterator[Recorder]:
    """The network for oneself, with edits for each clip of a batch, and recorded."""
    with (
        loaded.lock,
        torch.inference_mode(),
        editing_many(loaded.net, edits, *sources),
        recording(loaded.net) as recorder,
    ):
        yield recorder
