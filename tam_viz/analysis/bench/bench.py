"""The bench as tables and sentences: which module sees what, where and at what cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import pandas as pd

from tam_viz.analysis.bench.mechanisms import MECHANISMS, SYMMETRIC, mechanism
from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.analysis.formatting import counted, listed, signed


def noise(n: int) -> float:
    """How far from ½ the share of `n` guesses between two may lie by chance, in 95% of cases."""
    return 1.96 * math.sqrt(0.25 / n)


def names(networks: Sequence[BenchNetwork]) -> str:
    """Networks in a sentence, such as `A, B and C`."""
    return listed(network.name for network in networks)


def accuracy_table(bench: Bench) -> pd.DataFrame:
    """Every network, further seeds below: its top-1 and within-pair accuracy on both sets."""
    rows = [
        {
            "network": network.name,
            "module": network.temporal,
            "what it does with time": mechanism(network.temporal),
            "seed": network.seed,
            "test: top-1": network.test.top1,
            "test: 95% from": network.test.interval[0],
            "test: 95% to": network.test.interval[1],
            "test: within pairs": network.test.within_pair,
            "shift: top-1": network.shift.top1,
            "shift: 95% from": network.shift.interval[0],
            "shift: 95% to": network.shift.interval[1],
            "shift: within pairs": network.shift.within_pair,
        }
        for network in (*bench.networks, *bench.repeats)
    ]
    return pd.DataFrame(rows).set_index("network").round(4)


def pair_table(bench: Bench, families: Sequence[str]) -> pd.DataFrame:
    """Within-pair accuracy on the test set, a row per network, a column per pair of classes."""
    return _grid(bench, [network.test.by_family for network in bench.networks], families)


def level_table(bench: Bench, levels: Sequence[str]) -> pd.DataFrame:
    """Top-1 on the test set, a row per network, a column per level of difficulty."""
    return _grid(bench, [network.test.by_kind for network in bench.networks], levels)


def shift_table(bench: Bench, shifts: Sequence[str]) -> pd.DataFrame:
    """Top-1 on the shift set, a row per network, a column per kind of shift."""
    return _grid(bench, [network.shift.by_kind for network in bench.networks], shifts)


def _grid(bench: Bench, rows: Sequence[dict[str, float]], columns: Sequence[str]) -> pd.DataFrame:
    """A row of values for each network; what was not measured is missing."""
    index = pd.Index([network.name for network in bench.networks], name="network")
    table = pd.DataFrame(list(rows), index=index, columns=list(columns), dtype=float)
    return table.round(4)


def describe_bench(bench: Bench) -> str:
    """Sentences on what was measured, on which clips and how."""
    known = [temporal for modules in MECHANISMS.values() for temporal in modules]
    left = sorted(set(known) - {network.temporal for network in bench.networks})
    clips = sorted({network.clips for network in (*bench.networks, *bench.repeats)})
    budget = " to ".join(f"{n:,}" for n in dict.fromkeys((clips[0], clips[-1])))
    first = bench.networks[0]
    sentence = (
        f"{counted(len(bench.networks), 'small network')}, one for each way to handle time, "
        f"trained on {budget} clips each and measured on the same {first.test.n:,} test clips, "
        f"and on {first.shift.n:,} clips of a shift set that leaves the range of training."
    )
    if bench.repeats:
        many = len(bench.repeats)
        sentence += (
            f" {counted(many, 'more network')} {'was' if many == 1 else 'were'} trained from "
            f"other seeds."
        )
    if left:
        sentence += f" Not measured yet: {', '.join(left)}."
    return sentence


def describe_accuracy(bench: Bench) -> str:
    """Sentences on the best network, TANet's rank and the drop outside the training range."""
    networks, tam = bench.networks, bench.find("tam")
    parts = [f"{networks[0].name} is best on the test set: {_with_interval(networks[0])}."]
    if tam is networks[0] and len(networks) > 1:
        parts.append(
            f"{networks[1].name} follows with {_with_interval(networks[1])}; the two intervals "
            f"{_meet(networks[1], networks[0])}."
        )
    elif tam is not None and tam is not networks[0]:
        parts.append(
            f"{tam.name} is number {networks.index(tam) + 1} of {len(networks)} with "
            f"{_with_interval(tam)}; its interval and that of {networks[0].name} "
            f"{_meet(tam, networks[0])}."
        )
    frames_alone = bench.find("none")
    if frames_alone is not None:
        parts.append(
            f"{frames_alone.name}, which looks at every frame alone, has "
            f"{frames_alone.test.top1:.3f}; a guess has {bench.chance:.3f}."
        )
    parts += [_shifted(bench), _spans(bench), _blind(bench)]
    return " ".join(sentence for sentence in parts if sentence)


def _with_interval(network: BenchNetwork) -> str:
    low, high = network.test.interval
    return f"{network.test.top1:.3f} (95% interval {low:.3f}–{high:.3f})"


def _meet(lower: BenchNetwork, upper: BenchNetwork) -> str:
    return "overlap" if lower.test.interval[1] >= upper.test.interval[0] else "do not overlap"


def _shifted(bench: Bench) -> str:
    change = {network.name: network.shift.top1 - network.test.top1 for network in bench.networks}
    return f"From the test set to the shift set top-1 changes by {_range(change, bench)}."


def _range(change: dict[str, float], bench: Bench) -> str:
    """The smallest and the largest change, and that of TANet."""
    least, most = min(change, key=change.__getitem__), max(change, key=change.__getitem__)
    sentence = f"{signed(change[least])} ({least})"
    if most != least:
        sentence += f" to {signed(change[most])} ({most})"
    tam = bench.find("tam")
    if tam is not None and tam.name in change and tam.name not in (least, most):
        sentence += f", for {tam.name} by {signed(change[tam.name])}"
    return sentence


def _spans(bench: Bench) -> str:
    parts = []
    for network in bench.networks:
        others = bench.repeats_of(network.temporal)
        if others:
            top1 = [row.test.top1 for row in (network, *others)]
            parts.append(f"{network.name} {min(top1):.3f}–{max(top1):.3f} ({len(top1)} seeds)")
    return f"Top-1 from several seeds: {', '.join(parts)}." if parts else ""


def _blind(bench: Bench) -> str:
    """Which networks cannot see the direction of time, and which could but do not."""
    built = [network for network in bench.networks if network.temporal in SYMMETRIC]
    idle = [
        network
        for network in bench.networks
        if network not in built and network.test.within_pair - 0.5 <= noise(network.test.n)
    ]
    sentence = ""
    if built:
        verb = "is" if len(built) == 1 else "are"
        sentence = f"{names(built)} {verb} built so that nothing tells a clip from its reversal."
    if idle:
        score = "scores" if len(idle) == 1 else "score"
        sentence += (
            f" {names(idle)} could, but {score} no better than chance within pairs (½ + "
            f"{noise(idle[0].test.n):.3f})."
        )
    return sentence.strip()


def describe_pairs(bench: Bench, families: Sequence[str], reversals: Sequence[str]) -> str:
    """Sentences on easy and hard pairs, and on networks that are blind to direction.

    Args:
        bench: What was measured.
        families: Names of the pairs, in order.
        reversals: Those of which one class is the other one played backwards.
    """
    by_family = {
        family: [
            (network.test.by_family[family], network)
            for network in bench.networks
            if family in network.test.by_family
        ]
        for family in families
    }
    middle = {family: median(v for v, _ in rows) for family, rows in by_family.items() if rows}
    if not middle:
        return "No pair of classes was measured."
    easy, hard = max(middle, key=middle.__getitem__), min(middle, key=middle.__getitem__)
    value, best = max(by_family[hard], key=lambda row: row[0])
    parts = [
        f"The median network tells '{easy}' apart best ({middle[easy]:.2f}) and '{hard}' worst "
        f"({middle[hard]:.2f}), where {best.name} leads with {value:.2f}."
    ]
    tam = bench.find("tam")
    if tam is not None and tam.test.by_family:
        pairs = tam.test.by_family
        weakest, strongest = min(pairs, key=pairs.__getitem__), max(pairs, key=pairs.__getitem__)
        parts.append(
            f"{tam.name} has {pairs[weakest]:.2f} for '{weakest}', its weakest, and "
            f"{pairs[strongest]:.2f} for '{strongest}'."
        )
    blind = [network for network in bench.networks if network.temporal in SYMMETRIC]
    values = [v for family in reversals for v, network in by_family[family] if network in blind]
    if values:
        parts.append(
            f"In {len(reversals)} of the {len(families)} pairs one class is the other played "
            f"backwards: there {names(blind)} can do no better than ½ but by luck, and lie between "
            f"{min(values):.2f} and {max(values):.2f}."
        )
    return " ".join(parts)


def describe_hardness(bench: Bench, levels: Sequence[str], shifts: Sequence[str]) -> str:
    """Sentences on the cost of difficulty within the training range, and of each shift."""
    parts = []
    calm, hard = levels[0], levels[-1]
    change = {
        network.name: network.test.by_kind[hard] - network.test.by_kind[calm]
        for network in bench.networks
        if {calm, hard} <= network.test.by_kind.keys()
    }
    if change:
        parts.append(f"From {calm} to {hard} clips top-1 changes by {_range(change, bench)}.")
    lowest = [
        min(present, key=network.shift.by_kind.__getitem__)
        for network in bench.networks
        if (present := [kind for kind in shifts if kind in network.shift.by_kind])
    ]
    if lowest:
        counts = ", ".join(f"'{kind}' for {lowest.count(kind)}" for kind in shifts)
        parts.append(f"The shift with the lowest top-1 is {counts} of {len(lowest)} networks.")
    tam = bench.find("tam")
    if tam is not None and tam.shift.by_kind:
        values = ", ".join(
            f"{tam.shift.by_kind[kind]:.2f} ({kind})"
            for kind in shifts
            if kind in tam.shift.by_kind
        )
        parts.append(f"{tam.name} has {values}.")
    return " ".join(parts) or "Neither levels nor shifts were measured."
