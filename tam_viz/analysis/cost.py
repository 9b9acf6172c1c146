"""What an answer costs: as data, a table and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Cost:
    """What one clip costs a network.

    Attributes:
        id: Of the network.
        temporal: Its temporal module.
        input: Frames and side of a clip, in words.
        parameters: Of the whole network.
        macs: Multiply-adds of one clip.
        ms: Milliseconds for one clip, the median of several.
        device: Where it was timed.
    """

    id: str
    temporal: str
    input: str
    parameters: int
    macs: int
    ms: float
    device: str


def cost_table(costs: Sequence[Cost]) -> pd.DataFrame:
    """A row for each network."""
    rows = [
        {
            "network": cost.id,
            "frames × side² (px)": cost.input,
            "parameters": cost.parameters,
            "multiply-adds": cost.macs,
            "milliseconds": round(cost.ms, 2),
        }
        for cost in costs
    ]
    return pd.DataFrame(rows).set_index("network")


def describe_costs(costs: Sequence[Cost]) -> str:
    """One sentence with the fastest and the slowest."""
    fast, slow = min(costs, key=lambda c: c.ms), max(costs, key=lambda c: c.ms)
    if len(costs) == 1:
        return f"{fast.id} takes {fast.ms:.1f} ms for a clip on {fast.device}."
    return (
        f"On {fast.device}, {fast.id} is the fastest ({fast.ms:.1f} ms a clip) and {slow.id} the "
        f"slowest ({slow.ms:.1f} ms, {slow.ms / fast.ms:.1f} times as long)."
    )
