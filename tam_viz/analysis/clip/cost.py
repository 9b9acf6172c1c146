"""The cost of a prediction: as data, a table and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tam_viz.analysis.formatting import listed

_WIDE = 0.25
"""Of a median: a spread that a machine with nothing else to do does not have."""


@dataclass(frozen=True)
class Cost:
    """The cost of one clip for a network.

    Attributes:
        id: Of the network.
        temporal: Its temporal module.
        input: Frames and side of a clip, in words.
        parameters: Of the whole network.
        macs: Multiply-adds of one clip.
        ms: Milliseconds for one clip, the median of several passes.
        low_ms: A quarter of the passes took no longer.
        high_ms: Three quarters of the passes took no longer.
        passes: How many were timed.
        device: Where it was timed.
    """

    id: str
    temporal: str
    input: str
    parameters: int
    macs: int
    ms: float
    low_ms: float
    high_ms: float
    passes: int
    device: str


def three_digits(value: float) -> str:
    """A number from 0 to three significant digits, zeros at the end among them."""
    digits = 2 - int(f"{value:.2e}".split("e")[1])
    return f"{round(value, digits):.{max(0, digits)}f}"


def cost_table(costs: Sequence[Cost]) -> pd.DataFrame:
    """A row for each network; times to three significant digits."""
    rows = [
        {
            "network": cost.id,
            "frames × side² (px)": cost.input,
            "parameters": cost.parameters,
            "multiply-adds": cost.macs,
            "milliseconds, median": float(three_digits(cost.ms)),
            "first quartile": float(three_digits(cost.low_ms)),
            "third quartile": float(three_digits(cost.high_ms)),
            "passes": cost.passes,
        }
        for cost in costs
    ]
    return pd.DataFrame(rows).set_index("network")


def describe_costs(costs: Sequence[Cost]) -> str:
    """The fastest and the slowest, as far as the spreads tell them apart."""
    order = sorted(costs, key=lambda cost: cost.ms)
    device = "the CPU" if order[0].device == "cpu" else order[0].device
    if len(order) == 1:
        alone = order[0]
        return f"On {device}, {alone.id} takes {_spread(alone)}.{_unsteady(order)}"
    fast = [cost for cost in order if cost.low_ms <= order[0].high_ms]
    slow = [cost for cost in order if cost.high_ms >= order[-1].low_ms]
    if order[-1] in fast:
        first, last = three_digits(order[0].ms), three_digits(order[-1].ms)
        comparison = f"the networks cannot be told apart by speed ({first} to {last} ms a clip)"
    elif any(cost in slow for cost in fast):
        comparison = (
            f"{order[0].id} ({_spread(order[0])}) is faster than {order[-1].id} "
            f"({_spread(order[-1])}); others are too close to name a fastest or a slowest"
        )
    else:
        comparison = f"{_named(fast, 'the fastest')}; {_named(slow, 'the slowest')}"
        if len(fast) == len(slow) == 1:
            times = slow[0].ms / fast[0].ms
            comparison += f", and takes {three_digits(times)} times as long"
    return f"On {device}, {comparison}.{_unsteady(order)}"


def _named(alike: Sequence[Cost], rank: str) -> str:
    """Who has a rank; several where their spreads overlap."""
    if len(alike) == 1:
        return f"{alike[0].id} is {rank} ({_spread(alike[0])})"
    names = listed(cost.id for cost in alike)
    first, last = three_digits(alike[0].ms), three_digits(alike[-1].ms)
    return f"{names} are {rank}, too close to be told apart ({first} to {last} ms a clip)"


def _spread(cost: Cost) -> str:
    low, high = three_digits(cost.low_ms), three_digits(cost.high_ms)
    return f"{three_digits(cost.ms)} ms, interquartile range {low}–{high}, {cost.passes} runs"


def _unsteady(costs: Sequence[Cost]) -> str:
    if all(cost.high_ms - cost.low_ms <= _WIDE * cost.ms for cost in costs):
        return ""
    return " The times vary a lot, so the machine had other work to do; measure again later."
