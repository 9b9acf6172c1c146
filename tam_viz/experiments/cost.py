"""What an answer costs on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence

import torch

from tam_viz.analysis.cost import Cost
from tam_viz.experiments.results import multiply_adds
from tam_viz.models.engine import LoadedModel

ROUNDS = 5


def measure_costs(
    models: Sequence[LoadedModel],
) -> Iterator[tuple[int, int, tuple[Cost, ...] | None]]:
    """Parameters, multiply-adds and milliseconds of one clip for each network.

    The networks are timed in turns, after one pass that is not counted, so that none has a better
    moment. Yields how many passes are done, how many there are, and the costs with the last one.
    """
    times: list[list[float]] = [[] for _ in models]
    total = (ROUNDS + 1) * len(models)
    for round_ in range(ROUNDS + 1):
        for i, loaded in enumerate(models):
            spec = loaded.card.input
            x = torch.rand(1, spec.frames, 3, spec.size, spec.size, device=loaded.device)
            with loaded.lock, torch.inference_mode():
                started = time.perf_counter()
                loaded.net(x.transpose(1, 2)).cpu()
                seconds = time.perf_counter() - started
            if round_ > 0:
                times[i].append(seconds)
            done = round_ * len(models) + i + 1
            if done < total:
                yield done, total, None
    yield total, total, tuple(_cost(m, t) for m, t in zip(models, times, strict=True))


def _cost(loaded: LoadedModel, seconds: Sequence[float]) -> Cost:
    spec = loaded.card.input
    return Cost(
        id=loaded.card.id,
        temporal=loaded.card.temporal,
        input=f"{spec.frames} × {spec.size}²",
        parameters=sum(p.numel() for p in loaded.net.parameters()),
        macs=multiply_adds(loaded),
        ms=1000 * statistics.median(seconds),
        device=str(loaded.device),
    )
