"""Agreement between the predictions of networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from jaxtyping import Float
from sklearn.metrics import accuracy_score, cohen_kappa_score

from tam_viz.analysis.bench.answers import Answers
from tam_viz.analysis.bench.mechanisms import MECHANISMS, mechanism
from tam_viz.analysis.bench.results import Bench, BenchNetwork


def by_family(networks: Sequence[BenchNetwork]) -> list[BenchNetwork]:
    """Networks of one family side by side, the families in their order."""
    families = list(MECHANISMS)
    return sorted(
        networks,
        key=lambda n: families.index(m) if (m := mechanism(n.temporal)) in families else 99,
    )


@dataclass(frozen=True, eq=False)
class Agreement:
    """Pairwise agreement between the predictions of networks.

    The diagonal holds what two trainings of the same network from other seeds share (the mean
    over their pairs), and is missing where there is but one.

    Attributes:
        networks: In the order of the rows.
        same: Share of clips on which two give the same answer; in [0, 1].
        kappa: The same less what two networks with these frequencies of answers would share by
            chance, as a share of what is left (Cohen, 1960); at most 1, 0 for chance.
    """

    networks: tuple[BenchNetwork, ...]
    same: Float[np.ndarray, "m m"]
    kappa: Float[np.ndarray, "m m"]


def agreement(answers: Answers, bench: Bench) -> Agreement:
    """Pairwise agreement between the networks of the bench whose answers were kept."""
    networks = [n for n in by_family(bench.networks) if n.id in answers.networks]
    repeats = [n for n in bench.repeats if n.id in answers.networks]
    predicted = {n.id: answers.predicted[answers.row(n.id)] for n in (*networks, *repeats)}
    same, kappa = (np.full((len(networks),) * 2, np.nan) for _ in range(2))
    for i, first in enumerate(networks):
        for j, other in enumerate(networks[:i]):
            pair = predicted[first.id], predicted[other.id]
            same[i, j] = same[j, i] = accuracy_score(*pair)
            kappa[i, j] = kappa[j, i] = cohen_kappa_score(*pair)
        seeds = [
            predicted[first.id],
            *(predicted[n.id] for n in repeats if n.temporal == first.temporal),
        ]
        if len(seeds) > 1:
            pairs = list(combinations(seeds, 2))
            same[i, i] = np.mean([accuracy_score(*pair) for pair in pairs])
            kappa[i, i] = np.mean([cohen_kappa_score(*pair) for pair in pairs])
    return Agreement(tuple(networks), same, kappa)


def agreement_table(pairs: Agreement) -> pd.DataFrame:
    """Both matrices side by side."""
    names = [network.name for network in pairs.networks]
    tables = {
        title: pd.DataFrame(values, index=pd.Index(names, name="network"), columns=names)
        for title, values in (("same answer", pairs.same), ("kappa", pairs.kappa))
    }
    return pd.concat(tables, axis=1).round(4)


def describe_agreement(agreement: Agreement) -> str:
    """Who agrees most, least, and whom TANet is most like."""
    names = [network.name for network in agreement.networks]
    pairs = {
        (names[i], names[j]): float(agreement.kappa[i, j])
        for i, j in combinations(range(len(names)), 2)
    }
    if not pairs:
        return "There are no two networks to compare."
    most, least = max(pairs, key=pairs.__getitem__), min(pairs, key=pairs.__getitem__)
    parts = [
        f"Beyond chance {most[0]} and {most[1]} agree most (kappa {pairs[most]:.2f}), {least[0]} "
        f"and {least[1]} least ({pairs[least]:.2f})."
    ]
    tam = next((i for i, n in enumerate(agreement.networks) if n.temporal == "tam"), None)
    if tam is not None:
        others = {i: float(agreement.kappa[tam, i]) for i in range(len(names)) if i != tam}
        nearest = max(others, key=others.__getitem__)
        parts.append(
            f"{names[tam]} is most like {names[nearest]} (kappa {others[nearest]:.2f}, the same "
            f"answer on {agreement.same[tam, nearest]:.0%} of the clips)."
        )
    seeds = [
        f"{name} {value:.2f}"
        for name, value in zip(names, np.diag(agreement.kappa), strict=True)
        if not np.isnan(value)
    ]
    if seeds:
        parts.append(f"Two trainings of the same network from other seeds: {', '.join(seeds)}.")
    return " ".join(parts)
