"""Measuring the cost of a prediction on this machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from time import perf_counter

import numpy as np
import torch

from tam_viz.analysis.clip.cost import Cost
from tam_viz.experiments.bench.measure import multiply_adds
from tam_viz.models.checkpoint import parameters
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Step, Steps

WARM_UPS = 2
FEWEST, MOST = 5, 60
"""Rounds that are counted."""
_ABOUT_S = 0.3
"""Time for each network; slow ones take longer, for the sake of `FEWEST`."""
_TOLD_S = 0.2
"""Progress is reported no more often: a page that draws it takes time from what is timed."""


def measure_costs(
    models: Sequence[LoadedModel],
) -> Steps[tuple[Cost, ...]]:
    """Parameters, multiply-adds and milliseconds of one clip for each network.

    The networks are timed in rounds, in another order in each, after rounds that are not counted,
    so that none has a better moment. A step is a forward pass.
    """
    inputs = [_input(loaded) for loaded in models]
    times: list[list[float]] = [[] for _ in models]
    orders = random.Random(0)
    rounds, round_ = WARM_UPS + FEWEST, 0
    reported = perf_counter()
    while round_ < rounds:
        took = 0.0
        for done, i in enumerate(orders.sample(range(len(models)), len(models)), start=1):
            seconds = _pass_s(models[i], inputs[i])
            took += seconds
            if round_ >= WARM_UPS:
                times[i].append(seconds)
            if perf_counter() - reported > _TOLD_S:
                yield Step(round_ * len(models) + done, rounds * len(models) + 1)
                reported = perf_counter()
        round_ += 1
        if round_ == WARM_UPS:
            rounds = WARM_UPS + _rounds(_ABOUT_S * len(models), took)
    total = rounds * len(models) + 1
    yield Step(total, total, tuple(_cost(m, t) for m, t in zip(models, times, strict=True)))


def _input(loaded: LoadedModel) -> torch.Tensor:
    """Noise of the shape of one clip, `(1, channels, frames, height, width)`."""
    spec = loaded.card.input
    noise = torch.rand(1, spec.frames, 3, spec.size, spec.size, device=loaded.device)
    return noise.transpose(1, 2).to(loaded.dtype)


def _pass_s(loaded: LoadedModel, x: torch.Tensor) -> float:
    """Seconds of one forward pass; others who wait for the network are not counted."""
    with loaded.lock, torch.inference_mode():
        started = perf_counter()
        loaded.net(x).cpu()
        return perf_counter() - started


def _rounds(about_s: float, round_s: float) -> int:
    return int(np.clip(about_s / max(round_s, 1e-9), FEWEST, MOST))


def _cost(loaded: LoadedModel, seconds: Sequence[float]) -> Cost:
    spec = loaded.card.input
    low, middle, high = (float(ms) for ms in 1000 * np.quantile(seconds, (0.25, 0.5, 0.75)))
    return Cost(
        id=loaded.card.id,
        temporal=loaded.card.temporal,
        input=f"{spec.frames} × {spec.size}²",
        parameters=parameters(loaded.card),
        macs=multiply_adds(loaded),
        ms=middle,
        low_ms=low,
        high_ms=high,
        passes=len(seconds),
        device=str(loaded.device),
    )
