"""A ResNet block by block, so that runs on one clip share what comes before their edits.

The clip goes through the blocks once, and at each of them the runs that edit it leave from its
features, together as a batch. Nothing else is kept meanwhile, so that a sweep over a network of
real size needs the memory of one pass.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from tam_viz.capture.batches import at_once, attempt, in_batches, stage_of
from tam_viz.capture.jobs import Done, RunJob, Sources, done_of, together
from tam_viz.capture.run import prepared
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import TemporalResNet
from tam_viz.types import BlockTrace, Edit

_MOST = 32
"""Clips that are taken to the end together: a bar moves on after each group."""


class _Share(NamedTuple):
    """Jobs that are one up to a block: what it is given, and what the blocks before it decided.

    The seconds are those of the jobs since they left the others.
    """

    features: Float[Tensor, "t c h w"]
    before: tuple[BlockTrace, ...]
    jobs: tuple[RunJob, ...]
    seconds: float = 0.0


def _group_size(loaded: LoadedModel) -> int:
    """How many clips of a ResNet are taken to the end together: as many as fit the last stage."""
    return min(_MOST, at_once(loaded, len(loaded.card.layers)))


def from_pixels(loaded: LoadedModel, jobs: Sequence[RunJob], sources: Sources) -> list[Done]:
    """Runs jobs as one batch, each from its clip."""
    net = _resnet(loaded)
    started = time.perf_counter()
    with loaded.lock, torch.inference_mode():
        frames = net.stem(torch.cat([prepared(loaded, job.clip) for job in jobs]))
    seconds = (time.perf_counter() - started) / len(jobs)
    shares = [
        _Share(features, (), (job,), seconds)
        for job, features in zip(jobs, frames.split(net.frames), strict=True)
    ]
    return _finish(loaded, shares, step_index=0, sources=sources)


def from_features(loaded: LoadedModel, jobs: Sequence[RunJob], sources: Sources) -> Iterator[Done]:
    """Runs jobs on one clip, each from the block in which it leaves the others."""
    net = _resnet(loaded)
    with loaded.lock, torch.inference_mode():
        first = net.stem(prepared(loaded, jobs[0].clip))
    shares = [_Share(first, (), tuple(jobs))]
    for step_index, (name, _) in enumerate(net.trunk()):
        parted = [part for share in shares for part in _parts(share, name)]
        leaving = [share for share in parted if len(share.jobs) == 1]
        for some in in_batches(leaving, _group_size(loaded)):
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
    parts: dict[tuple[Edit, ...], list[RunJob]] = {}
    for job in share.jobs:
        parts.setdefault(job.here.get(name, ()), []).append(job)
    return [share._replace(jobs=tuple(jobs)) for jobs in parts.values()]


def _finish(
    loaded: LoadedModel, shares: Sequence[_Share], *, step_index: int, sources: Sources
) -> list[Done]:
    """Takes shares of one job each from a block to the answer, each stage in batches of its own."""
    for blocks, most in _segments(loaded, step_index, len(shares)):
        through: list[_Share] = []
        for some in in_batches(shares, most):
            through += _advance(loaded, some, blocks=blocks, sources=sources)
        shares = through
    return _answered(loaded, shares)


def _segments(loaded: LoadedModel, step_index: int, clips: int) -> list[tuple[slice, int]]:
    """The blocks from one on, together where as many of so many clips go through at once."""
    segments: list[tuple[slice, int]] = []
    for number, (name, _) in enumerate(_resnet(loaded).trunk()):
        most = min(clips, at_once(loaded, stage_of(name)))
        if number < step_index:
            continue
        if segments and segments[-1][1] == most:
            segments[-1] = slice(segments[-1][0].start, number + 1), most
        else:
            segments.append((slice(number, number + 1), most))
    return segments


def _advance(
    loaded: LoadedModel, shares: Sequence[_Share], *, blocks: slice, sources: Sources
) -> list[_Share]:
    """Takes shares through some blocks, as a batch."""
    trunk = _resnet(loaded).trunk()[blocks]
    edits = [[e for name, _ in trunk for e in share.jobs[0].here.get(name, ())] for share in shares]
    started = time.perf_counter()
    with together(loaded, edits, sources) as recorder:
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


def _answered(loaded: LoadedModel, shares: Sequence[_Share]) -> list[Done]:
    """The results of shares that are through the last block."""
    net = _resnet(loaded)
    with loaded.lock, torch.inference_mode():
        y = torch.cat([share.features for share in shares]).to(loaded.device, loaded.dtype)
        features = net.pooled(y)
        logits = net.classified(features).float().cpu()
        means = features.mean(dim=1).float().cpu()
    return [
        done_of(loaded, job, of_clip, mean, share.before, share.seconds)
        for of_clip, mean, share in zip(logits, means, shares, strict=True)
        for job in share.jobs
    ]


def _resnet(loaded: LoadedModel) -> TemporalResNet:
    if not isinstance(loaded.net, TemporalResNet):
        raise TypeError(f"{loaded.card.id} has no blocks to start from")
    return loaded.net
