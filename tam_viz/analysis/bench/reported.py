"""Published results beside those of the bench: other data, other sizes, other budgets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.analysis.formatting import listed
from tam_viz.types import Card

_FILE = Path(__file__).with_name("reported.toml")


@dataclass(frozen=True)
class Reported:
    """One published accuracy.

    Attributes:
        network: What it is called.
        temporal: Name of its temporal module in the registry.
        set: The videos it was trained on and tested with.
        frames: Frames of a view.
        views: Of the test, in words.
        top1: In percent.
        source: Where it stands.
    """

    network: str
    temporal: str
    set: str
    frames: int
    views: str
    top1: float
    source: str


@cache
def reported() -> tuple[Reported, ...]:
    """All that is kept; ResNet-50 throughout."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["reported"]
    return tuple(Reported(**row) for row in rows)


def reported_table(rows: Sequence[Reported], bench: Bench) -> pd.DataFrame:
    """A row per published network and set, and what the bench measured of the same module."""
    here = {network.temporal: network.test.top1 for network in bench.networks}
    return pd.DataFrame(
        [
            {
                "network": row.network,
                "published on": row.set,
                "backbone": "ResNet-50",
                "frames": row.frames,
                "test views": row.views,
                "published top-1 (%)": row.top1,
                "this bench: top-1 (%)": round(100 * here[row.temporal], 1),
                "source": row.source,
            }
            for row in rows
            if row.temporal in here
        ]
    )


def budget(network: BenchNetwork, card: Card | None) -> str:
    """What a network of the bench is and what it was trained on.

    Args:
        network: Of the bench.
        card: Its card, for its depth and width; None where it is not here.
    """
    shape = f"{network.parameters / 1e6:.2f} million parameters"
    if card is not None and "depth" in card.training:
        shape = f"ResNet-{card.training['depth']}, {card.width} channels wide, {shape}"
    seen = f"{network.clips:,} generated clips"
    if card is not None and "pool" in card.training:
        seen += f" made from {int(card.training['pool']):,} drawn ones"
    return f"{shape}; trained on {seen}"


def describe_reported(rows: Sequence[Reported], bench: Bench, cards: Mapping[str, Card]) -> str:
    """Published numbers, what the bench is instead, and whether both rank the modules alike."""
    known = [row for row in rows if bench.find(row.temporal) is not None]
    sets = list(dict.fromkeys(row.set for row in known))
    sentences = [f"{name}: {_ranked([row for row in known if row.set == name])}" for name in sets]
    parts = [f"**Published** (ResNet-50, 8 frames, real videos), top-1: {'; '.join(sentences)}."]
    tam = bench.find("tam")
    shown = tam or bench.networks[0]
    parts.append(f"**This bench** is small ({budget(shown, cards.get(shown.id))}).")
    if tam is not None:
        rank, many = bench.networks.index(tam) + 1, len(bench.networks)
        parts.append(f"Here TANet is number {rank} of {many}. {_order(known, sets, bench)}")
    parts.append(
        "The bench compares modules at this size and budget; it does not say which is best on "
        "real videos."
    )
    return " ".join(part for part in parts if part)


def _ranked(rows: Sequence[Reported]) -> str:
    best = sorted(rows, key=lambda row: -row.top1)
    return listed(f"{row.network} {row.top1:.1f}%" for row in best)


def _order(known: Sequence[Reported], sets: Sequence[str], bench: Bench) -> str:
    """On how many of the sets the published order is that of the bench."""
    rank = {network.temporal: number for number, network in enumerate(bench.networks)}
    alike = 0
    for name in sets:
        best = sorted((row for row in known if row.set == name), key=lambda row: -row.top1)
        ranks = [rank[row.temporal] for row in best]
        alike += ranks == sorted(ranks)
    if not sets:
        return ""
    return (
        f"The published order of these modules is that of the bench on {alike} of {len(sets)} sets."
    )
