"""The cost of the networks of the bench, and the Pareto front of cost and accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from tam_viz.analysis.bench.bench import names
from tam_viz.analysis.bench.results import Bench, BenchNetwork

Cost = Literal["mmacs", "ms"]


UNITS: dict[Cost, str] = {"mmacs": "million multiply-adds", "ms": "milliseconds"}


def cost_table(bench: Bench) -> pd.DataFrame:
    """Accuracy beside size, arithmetic and time of every network."""
    rows = [
        {
            "network": network.name,
            "test: top-1": round(network.test.top1, 4),
            "million multiply-adds per clip": round(network.mmacs, 2),
            "milliseconds per clip": network.ms,
            "parameters": network.parameters,
        }
        for network in bench.networks
    ]
    return pd.DataFrame(rows).set_index("network")


def frontier(networks: Sequence[BenchNetwork], cost: Cost) -> list[BenchNetwork]:
    """The Pareto front: networks that no cheaper one equals on the test set, cheapest first."""
    front: list[BenchNetwork] = []
    for network in sorted(networks, key=lambda row: (getattr(row, cost), -row.test.top1)):
        if not front or network.test.top1 > front[-1].test.top1:
            front.append(network)
    return front


def describe_cost(bench: Bench, cost: Cost) -> str:
    """Sentences on the Pareto front and TANet's place."""
    best = frontier(bench.networks, cost)
    parts = [
        f"No cheaper network is more accurate than {names(best)}; they need "
        f"{getattr(best[0], cost):.1f} to {getattr(best[-1], cost):.1f} {UNITS[cost]} per clip."
    ]
    if len(best) == 1:
        parts = [
            f"{best[0].name} is both the cheapest, with {getattr(best[0], cost):.1f} "
            f"{UNITS[cost]} per clip, and the best."
        ]
    tam, plain = bench.find("tam"), bench.find("none")
    if tam is not None and plain is not None and getattr(plain, cost) > 0:
        times = getattr(tam, cost) / getattr(plain, cost)
        parts.append(
            f"{tam.name} needs {getattr(tam, cost):.1f}, {times:.2f} times as much as "
            f"{plain.name}; in top-1 the two are {abs(tam.test.top1 - plain.test.top1):.3f} apart."
        )
    return " ".join(parts)
