"""Many clips and many edits through a network, with the work that they share done once.

Clips without edits go through it as batches. Several sets of edits on one clip share everything up
to the block in which they differ.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.batches import at_once, attempt, in_batches
from tam_viz.capture.by_block import from_features, from_pixels
from tam_viz.capture.edits import Donor
from tam_viz.capture.jobs import Done, RunJob, Sources, done_of, job_of, together
from tam_viz.capture.run import donors_of, prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import TemporalResNet
from tam_viz.types import Clip, Edit, Run, TAMTrace


@dataclass(frozen=True, eq=False)
class Batch:
    """The runs of a network on several clips.

    Attributes:
        runs: One for each clip, in their order; the seconds are an equal share of the pass.
        features: What the classifier is given, the mean over frames. Networks whose classifier is
            not apart give their logits.
    """

    runs: tuple[Run, ...]
    features: Float[np.ndarray, "n d"]


def run_many(
    loaded: LoadedModel,
    clips: Sequence[Clip],
    edits: Sequence[Sequence[Edit]] | None = None,
    *,
    given: TAMTrace | None = None,
    donors: Mapping[str, Donor] | None = None,
) -> Batch:
    """Runs many clips; each run is what `run` gives for its clip and edits alone, to 1e-5.

    Hooks exist only while this runs, under the network's lock.

    Args:
        loaded: The network.
        clips: Views prepared for this network's frames and size; at least one. A clip may be there
            several times, with edits of its own each time.
        edits: For each of the clips; by default none.
        given: What the operations `given` and `level` put in where edits do not carry it
            themselves.
        donors: What `record_donor` kept of clips that the edits take from, by clip id; any other
            donor is run first.

    Raises:
        UserError: A clip was not prepared for this network, an edit does not fit it, or a clip gets
            no finite answer.
    """
    results = sorted(_each(loaded, clips, edits, given, donors), key=lambda done: done.number)
    return Batch(tuple(done.run for done in results), np.stack([done.features for done in results]))


def run_each(
    loaded: LoadedModel,
    clips: Sequence[Clip],
    edits: Sequence[Sequence[Edit]] | None = None,
    *,
    given: TAMTrace | None = None,
    donors: Mapping[str, Donor] | None = None,
) -> Iterator[tuple[int, Run]]:
    """The same one after another, as they are done: which of the clips it is, and its run.

    Raises:
        UserError: As `run_many`.
    """
    for done in _each(loaded, clips, edits, given, donors):
        yield done.number, done.run


def _each(
    loaded: LoadedModel,
    clips: Sequence[Clip],
    edits: Sequence[Sequence[Edit]] | None,
    given: TAMTrace | None,
    donors: Mapping[str, Donor] | None,
) -> Iterator[Done]:
    every = [tuple(of_clip) for of_clip in edits or [()] * len(clips)]
    if len(every) != len(clips):
        raise ValueError(f"{len(clips)} clips and edits for {len(every)}")
    whole = [edit for of_clip in every for edit in of_clip]
    sources: Sources = donors_of(loaded, whole, donors or {}), given
    jobs = [
        job_of(loaded, number, clip, of_clip)
        for number, (clip, of_clip) in enumerate(zip(clips, every, strict=True))
    ]
    of_clips: dict[int, list[RunJob]] = {}
    for job in jobs:
        of_clips.setdefault(id(job.clip), []).append(job)
    sharing = isinstance(loaded.net, TemporalResNet)
    alone = [job for job in jobs if len(of_clips[id(job.clip)]) == 1 or not sharing]
    run_together = partial(from_pixels if sharing else _whole, sources=sources)
    for some in in_batches(alone, at_once(loaded)):
        yield from attempt(loaded, some, run_together)
    for shared in of_clips.values():
        if len(shared) > 1 and sharing:
            yield from from_features(loaded, shared, sources)


def _whole(loaded: LoadedModel, jobs: Sequence[RunJob], sources: Sources) -> list[Done]:
    """Runs jobs as one batch through a network that has no blocks to stop at."""
    x = torch.cat([prepared(loaded, job.clip) for job in jobs])
    seen: list[Tensor] = []

    def keep(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen.append(inputs[0].mean(dim=1).float().cpu())

    started = time.perf_counter()
    with together(loaded, [job.edits for job in jobs], sources) as recorder:
        hook = loaded.net.fc.register_forward_pre_hook(keep)
        try:
            logits = loaded.net.frame_logits(x).float().cpu()
        finally:
            hook.remove()
    seconds = (time.perf_counter() - started) / len(jobs)
    traces = recorder.blocks(len(jobs))
    return [
        done_of(loaded, job, of_clip, features, blocks, seconds)
        for job, of_clip, features, blocks in zip(jobs, logits, seen[-1], traces, strict=True)
    ]
