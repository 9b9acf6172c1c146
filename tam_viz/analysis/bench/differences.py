"""Where two networks of the bench differ: by pair of classes and clip by clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int
from scipy.stats import binomtest, bootstrap, false_discovery_control

from tam_viz.analysis.bench.answers import Answers
from tam_viz.analysis.bench.results import Bench, BenchNetwork
from tam_viz.analysis.formatting import counted, signed

_RESAMPLES = 4000


OUTCOMES = ("both correct", "only the first correct", "only the second correct", "both wrong")
"""What two networks make of a clip."""


@dataclass(frozen=True)
class Difference:
    """The difference in accuracy of two networks on the same clips.

    Attributes:
        name: Which clips.
        n: How many.
        gains: On so many only the first is right.
        losses: On so many only the second.
        low: Lower end of the 95% interval of the difference for clips drawn at random (bootstrap
            over clips, both answers of a clip together).
        high: Upper end.
        p: Of McNemar's exact test; adjusted where several are tested at a time.
    """

    name: str
    n: int
    gains: int
    losses: int
    low: float
    high: float
    p: float

    @property
    def value(self) -> float:
        """The difference in accuracy, in [-1, 1]."""
        return (self.gains - self.losses) / self.n


def difference(
    name: str, first: Bool[np.ndarray, " n"], second: Bool[np.ndarray, " n"]
) -> Difference:
    """Compares two networks on the clips on which each was right."""
    gains, losses = int((first & ~second).sum()), int((second & ~first).sum())
    paired = first.astype(np.float64) - second
    interval = bootstrap(
        (paired,), np.mean, n_resamples=_RESAMPLES, method="percentile", random_state=0
    ).confidence_interval
    p = binomtest(gains, gains + losses).pvalue if gains + losses else 1.0
    return Difference(
        name, len(first), gains, losses, float(interval.low), float(interval.high), float(p)
    )


def differences(answers: Answers, first: str, second: str) -> list[Difference]:
    """The difference of two networks on all clips, then class by class.

    The p of the classes are adjusted for their number (Benjamini & Hochberg, 1995).
    """
    a, b = answers.right(first), answers.right(second)
    every = difference("all classes", a, b)
    of_class = [
        difference(name, a[rows], b[rows])
        for i, name in enumerate(answers.classes)
        if (rows := answers.labels == i).any()
    ]
    adjusted = false_discovery_control([d.p for d in of_class])
    return [
        every,
        *(
            Difference(d.name, d.n, d.gains, d.losses, d.low, d.high, float(p))
            for d, p in zip(of_class, adjusted, strict=True)
        ),
    ]


def other_seeds(
    answers: Answers, bench: Bench, first: BenchNetwork, second: BenchNetwork
) -> pd.DataFrame:
    """The same differences in accuracy for further seeds: a column for each, a row per class.

    Seed k of the first network is compared with seed k of the second or, where that was trained
    once, against its only one.
    """
    repeats = [n for n in bench.repeats if n.id in answers.networks]
    columns = {}
    for first_repeat in (n for n in repeats if n.temporal == first.temporal):
        of_same_seed = (
            n for n in repeats if n.temporal == second.temporal and n.seed == first_repeat.seed
        )
        other = next(of_same_seed, second)
        gap = answers.right(first_repeat.id).astype(np.float64) - answers.right(other.id)
        rows = {name: answers.labels == i for i, name in enumerate(answers.classes)}
        columns[f"seed {first_repeat.seed}"] = {
            "all classes": gap.mean(),
            **{name: gap[inside].mean() for name, inside in rows.items() if inside.any()},
        }
    return pd.DataFrame(columns)


def difference_table(differences: Sequence[Difference], seeds: pd.DataFrame) -> pd.DataFrame:
    """The differences in numbers, those of further seeds beside them."""
    rows = {
        d.name: {
            "clips": d.n,
            "only the first correct": d.gains,
            "only the second correct": d.losses,
            "difference in accuracy": round(d.value, 4),
            "95% from": round(d.low, 4),
            "95% to": round(d.high, 4),
            "p (McNemar, adjusted)": round(d.p, 5),
        }
        for d in differences
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")
    return table.join(seeds.round(4)) if len(seeds) else table


def describe_differences(differences: Sequence[Difference], first: str, second: str) -> str:
    """Sentences on where the first network gains and loses, and on significance."""
    every, *of_class = differences
    parts = [
        f"On all {every.n:,} clips the accuracy of {first} minus that of {second} is "
        f"{signed(every.value)} (95% interval {signed(every.low)} to {signed(every.high)}): "
        f"only {first} is correct on {every.gains}, only {second} on {every.losses}."
    ]
    clear = [d for d in of_class if d.p < 0.05]
    for verb, rows in (
        ("gains", sorted((d for d in clear if d.value > 0), key=lambda d: -d.value)),
        ("loses", sorted((d for d in clear if d.value < 0), key=lambda d: d.value)),
    ):
        listed = ", ".join(f"'{d.name}' ({signed(d.value)})" for d in rows)
        parts.append(f"It {verb} on {listed}." if rows else f"It {verb} clearly on no class.")
    rest = len(of_class) - len(clear)
    parts.append(f"On the other {counted(rest, 'class', 'classes')} no difference is significant.")
    return " ".join(parts)


def clip_table(answers: Answers, first: str, second: str, names: tuple[str, str]) -> pd.DataFrame:
    """Every test clip, sorted by temporal gain: log-odds of the first less those of the second.

    The index is the number of the clip.
    """
    first_row, second_row = answers.row(first), answers.row(second)
    classes = np.array(answers.classes)
    table = pd.DataFrame(
        {
            "class": classes[answers.labels],
            f"{names[0]} predicts": classes[answers.predicted[first_row]],
            f"{names[1]} predicts": classes[answers.predicted[second_row]],
            f"log-odds {names[0]}": answers.log_odds[first_row],
            f"log-odds {names[1]}": answers.log_odds[second_row],
        }
    )
    table["gain"] = answers.log_odds[first_row] - answers.log_odds[second_row]
    return table.rename_axis("test clip").sort_values("gain", ascending=False).round(3)


def outcomes(answers: Answers, first: str, second: str) -> Int[np.ndarray, " n"]:
    """Which of the two is right on each clip: an index into `OUTCOMES`."""
    a, b = answers.right(first), answers.right(second)
    return np.select([a & b, a, b], [0, 1, 2], 3)


def describe_clips(answers: Answers, first: str, second: str, names: tuple[str, str]) -> str:
    """Sentences on how often each network is right, and on the quantiles of the gain."""
    counts = np.bincount(outcomes(answers, first, second), minlength=4)
    gain = answers.log_odds[answers.row(first)] - answers.log_odds[answers.row(second)]
    low, middle, high = np.quantile(gain, (0.05, 0.5, 0.95))
    return (
        f"Both are correct on {counts[0]} clips, only {names[0]} on {counts[1]}, "
        f"only {names[1]} on {counts[2]}, neither on {counts[3]}. Median gain "
        f"{signed(middle)} (5th–95th percentile "
        f"{signed(low)} to {signed(high)})."
    )
