"""Many clips and many edits through a network, with the work that they share done once.

Clips without edits go through it as batches. Several sets of edits on one clip share everything up
to the block in which they differ: the clip goes through block by block, and at each of them those
that begin there leave from its features, together as a batch. Nothing else is kept meanwhile, so
that a sweep over a network of real size needs the memory of one pass.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.batches import at_once, attempt, in_batches, stage_of
from tam_viz.capture.edits import Donor, editing_many, touched
from tam_viz.capture.recorder import Recorder, recording
from tam_viz.capture.run import donors_of, prepared, run_of
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import TemporalResNet
from tam_viz.types import BlockTrace, Clip, Edit, Run, TAMTrace

_MOST = 32
"""Clips that are taken to the end together: a bar moves on after each group."""
Sources = tuple[Mapping[str, Donor], TAMTrace | None]
"""What edits take: what donors give by clip id, and a trace."""


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


class _Job(NamedTuple):
    """What one run is asked for: where its result goes, and its edits by block."""

    number: int
    clip: Clip
    edits: tuple[Edit, ...]
    here: Mapping[str, tuple[Edit, ...]]


class _Share(NamedTuple):
    """Jobs that are one up to a block: what it is given, and what the blocks before it decided.

    The seconds are those of the jobs since they left the others.
    """

    features: Float[Tensor, "t c h w"]
    before: tuple[BlockTrace, ...]
    jobs: tuple[_Job, ...]
    seconds: float = 0.0


class _Done(NamedTuple):
    number: int
    run: Run
    features: Float[np.ndarray, " d"]


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
    found = sorted(_each(loaded, clips, edits, given, donors), key=lambda done: done.number)
    return Batch(tuple(done.run for done in found), np.stack([done.features for done in found]))


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
) -> Iterator[_Done]:
    every = [tuple(of_clip) for of_clip in edits or [()] * len(clips)]
    if len(every) != len(clips):
        raise ValueError(f"{len(clips)} clips and edits for {len(every)}")
    whole = [edit for of_clip in every for edit in of_clip]
    sources: Sources = donors_of(loaded, whole, donors or {}), given
    jobs = [
        _job(loaded, number, clip, of_clip)
        for number, (clip, of_clip) in enumerate(zip(clips, every, strict=True))
    ]
    of_clips: dict[int, list[_Job]] = {}
    for job in jobs:
        of_clips.setdefault(id(job.clip), []).append(job)
    sharing = isinstance(loaded.net, TemporalResNet)
    alone = [job for job in jobs if len(of_clips[id(job.clip)]) == 1 or not sharing]
    for some in in_batches(alone, _group(loaded) if sharing else at_once(loaded)):
        yield from attempt(loaded, some, partial(_from_pixels, sources=sources))
    for shared in of_clips.values():
        if len(shared) > 1 and sharing:
            yield from _from_features(loaded, shared, sources)


def _job(loaded: LoadedModel, number: int, clip: Clip, edits: tuple[Edit, ...]) -> _Job:
    here: dict[str, tuple[Edit, ...]] = {}
    tams = dict.fromkeys(loaded.block_names)
    for edit in edits:
        for name in touched(edit, tams):
            here[name] = (*here.get(name, ()), dataclasses.replace(edit, block=name))
    return _Job(number, clip, edits, here)


def _group(loaded: LoadedModel) -> int:
    """How many clips of a ResNet are taken to the end together: as many as fit the last stage."""
    return min(_MOST, at_once(loaded, len(loaded.card.layers)))


def _from_pixels(loaded: LoadedModel, jobs: Sequence[_Job], sources: Sources) -> list[_Done]:
    """Runs jobs together, each from its clip."""
    if not isinstance(loaded.net, TemporalResNet):
        return _whole(loaded, jobs, sources)
    shares = []
    for some in in_batches(jobs, at_once(loaded)):
        started = time.perf_counter()
        with loaded.lock, torch.inference_mode():
            frames = loaded.net.stem(torch.cat([prepared(loaded, job.clip) for job in some]))
        seconds = (time.perf_counter() - started) / len(some)
        for job, features in zip(some, frames.split(loaded.net.frames), strict=True):
            shares.append(_Share(features, (), (job,), seconds))
    return _finish(loaded, shares, step_index=0, sources=sources)


def _whole(loaded: LoadedModel, jobs: Sequence[_Job], sources: Sources) -> list[_Done]:
    """Runs jobs as one batch through a network that has no blocks to stop at."""
    x = torch.cat([prepared(loaded, job.clip) for job in jobs])
    seen: list[Tensor] = []

    def keep(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen.append(inputs[0].mean(dim=1).float().cpu())

    started = time.perf_counter()
    with _together(loaded, [job.edits for job in jobs], sources) as recorder:
        hook = loaded.net.fc.register_forward_pre_hook(keep)
        try:
            logits = loaded.net.frame_logits(x).float().cpu()
        finally:
            hook.remove()
    seconds = (time.perf_counter() - started) / len(jobs)
    traces = recorder.blocks(len(jobs))
    return [
        _done(loaded, job, of_clip, features, blocks, seconds)
        for job, of_clip, features, blocks in zip(jobs, logits, seen[-1], traces, strict=True)
    ]


def _from_features(loaded: LoadedModel, jobs: Sequence[_Job], sources: Sources) -> Iterator[_Done]:
    """Runs jobs on one clip, each from the block in which it leaves the others."""
    net = _resnet(loaded)
    with loaded.lock, torch.inference_mode():
        first = net.stem(prepared(loaded, jobs[0].clip))
    shares = [_Share(first, (), tuple(jobs))]
    for step_index, (name, _) in enumerate(net.trunk()):
        parted = [part for share in shares for part in _parts(share, name)]
        leaving = [share for share in parted if len(share.jobs) == 1]
        for some in in_batches(leaving, _group(loaded)):
            yield from attempt(
                loaded, some, partial(_finish, step_index=step_index, sources=sources)
            )
        advance = partial(_advance, blocks=slice(step_index, step_index + 1), sources=sources)
        staying, shares = [share for share in parted if len(share.jobs) > 1], []
        for some in in_batches(staying, at_once(loaded, stage_of(name))):
            shares += attempt(loaded, some, advance)
    for share in shares:  # the same edits several times
        yield from _answered(loaded, [share])


def _parts(share: _Share, name: str) -> list[_Share]:
    """The jobs of a share by what they edit in a block."""
    parts: dict[tuple[Edit, ...], list[_Job]] = {}
    for job in share.jobs:
        parts.setdefault(job.here.get(name, ()), []).append(job)
    return [share._replace(jobs=tuple(jobs)) for jobs in parts.values()]


def _finish(
    loaded: LoadedModel, shares: Sequence[_Share], *, step_index: int, sources: Sources
) -> list[_Done]:
    """Takes shares of one job each from a block to the answer, each stage in batches of its own."""
    for blocks, most in _segments(loaded, step_index, len(shares)):
        through: list[_Share] = []
        for some in in_batches(shares, most):
            through += _advance(loaded, some, blocks=blocks, sources=sources)
        shares = through
    return _answered(loaded, shares)


def _segments(loaded: LoadedModel, step_index: int, clips: int) -> list[tuple[slice, int]]:
    """The blocks from one on, together where as many of so many clips go through at once."""
    found: list[tuple[slice, int]] = []
    for number, (name, _) in enumerate(_resnet(loaded).trunk()):
        most = min(clips, at_once(loaded, stage_of(name)))
        if number < step_index:
            continue
        if found and found[-1][1] == most:
            found[-1] = slice(found[-1][0].start, number + 1), most
        else:
            found.append((slice(number, number + 1), most))
    return found


def _advance(
    loaded: LoadedModel, shares: Sequence[_Share], *, blocks: slice, sources: Sources
) -> list[_Share]:
    """Takes shares through some blocks, as a batch."""
    trunk = _resnet(loaded).trunk()[blocks]
    edits = [[e for name, _ in trunk for e in share.jobs[0].here.get(name, ())] for share in shares]
    started = time.perf_counter()
    with _together(loaded, edits, sources) as recorder:
        y = shares[0].features if len(shares) == 1 else torch.cat([s.features for s in shares])
        y = y.to(loaded.device, loaded.dtype)
        for _, block in trunk:
            y = block(y)
    seconds = (time.perf_counter() - started) / len(shares)
    decided = recorder.blocks(len(shares))
    return [
        share._replace(
            features=features,
            before=(*share.before, *made),
            seconds=share.seconds + (seconds if len(share.jobs) == 1 else 0.0),
        )
        for share, features, made in zip(shares, y.split(loaded.net.frames), decided, strict=True)
    ]


@contextmanager
def _together(
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


def _answered(loaded: LoadedModel, shares: Sequence[_Share]) -> list[_Done]:
    """The results of shares that are through the last block."""
    net = _resnet(loaded)
    with loaded.lock, torch.inference_mode():
        y = torch.cat([share.features for share in shares]).to(loaded.device, loaded.dtype)
        features = net.pooled(y)
        logits = net.classified(features).float().cpu()
        means = features.mean(dim=1).float().cpu()
    return [
        _done(loaded, job, of_clip, mean, share.before, share.seconds)
        for of_clip, mean, share in zip(logits, means, shares, strict=True)
        for job in share.jobs
    ]


def _done(
    loaded: LoadedModel,
    job: _Job,
    logits: Float[Tensor, "t k"],
    features: Float[Tensor, " d"],
    blocks: tuple[BlockTrace, ...],
    seconds: float,
) -> _Done:
    trace = TAMTrace(blocks) if blocks else None
    made = run_of(loaded, job.clip.id, job.edits, logits, trace, seconds)
    return _Done(job.number, made, features.numpy())


def _resnet(loaded: LoadedModel) -> TemporalResNet:
    if not isinstance(loaded.net, TemporalResNet):
        raise TypeError(f"{loaded.card.id} has no blocks to start from")
    return loaded.net
