"""Accuracy of the networks of the bench against the number of clips that they were trained on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.analysis.formatting import listed


def budget_table(bench: Bench) -> pd.DataFrame:
    """Test accuracy after each budget of training, a row per network and budget."""
    rows = [
        {
            "network": network.name,
            "clips": network.clips,
            "top-1": network.test.top1,
            "95% from": network.test.interval[0],
            "95% to": network.test.interval[1],
            "within pairs": network.test.within_pair,
            **network.test.by_family,
        }
        for networks in bench.by_budget().values()
        for network in networks
    ]
    return pd.DataFrame(rows).set_index("network").round(4)


LEARNED = 0.9
"""Within-pair accuracy from which a pair counts as learned."""


def describe_budgets(bench: Bench) -> str:
    """Sentences on the gain from more training clips, and on when each pair is learned."""
    sentences = []
    for networks in bench.by_budget().values():
        first, last = networks[0], networks[-1]
        sentences.append(
            f"{last.name} goes from {first.test.top1:.3f} after {first.clips:,} clips to "
            f"{last.test.top1:.3f} after {last.clips:,}{_from_others(bench, last)}; "
            f"{_learned(networks)}."
        )
    return " ".join(sentences)


def _from_others(bench: Bench, network: BenchNetwork) -> str:
    """What other seeds of a network reach, in brackets; nothing where there is none."""
    others = [f"{n.test.top1:.3f}" for n in bench.repeats_of(network.temporal)]
    return f" ({listed(others)} from other seeds)" if others else ""


def _learned(networks: Sequence[BenchNetwork]) -> str:
    """After how many clips a network tells each pair apart."""
    when: dict[str, int] = {}
    for network in networks:
        for family, value in network.test.by_family.items():
            if value >= LEARNED:
                when.setdefault(family, network.clips)
    parts = [
        f"{listed(family for family in when if when[family] == clips)} after {clips:,} clips"
        for clips in sorted(set(when.values()))
    ]
    never = [family for family in networks[-1].test.by_family if family not in when]
    if never and not when:
        return f"no pair reaches a within-pair accuracy of {LEARNED:.0%}"
    return f"within-pair accuracy reaches {LEARNED:.0%} for {', '.join(parts)}" + (
        f", and not yet for {listed(never)}" if never else ""
    )
