"""What the page of failures asks of a scan: accuracies, comparisons, confusions, clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.stats import binomtest

from tam_viz.scan.filters import Filter, where
from tam_viz.scan.opened import Scan, name_of

SHOWN = 30
"""Classes in a confusion matrix; of more than that, the most confused ones are shown."""
OTHER = "other"
_BINS = 5


def accuracy(scan: Scan, network: str, filtered: Filter, by: str) -> pd.DataFrame:
    """How often a network is right, by the values of a column.

    Args:
        scan: The scan.
        network: Its name in the scan.
        filtered: Which clips count.
        by: A column of the table `clips`; a numeric one is cut into fifths.

    Returns:
        For each value `clips`, `right`, `top1` and its 95% interval `low`, `high` (Wilson).
    """
    condition, values = where(filtered, list(scan.networks))
    predicted, true = (name_of(f"{network}.{column}") for column in ("predicted", "true"))
    table = scan.query(
        f"SELECT {name_of(by)} AS value, {predicted} = {true} AS correct FROM clips "
        f"WHERE {condition} AND {predicted} IS NOT NULL AND {true} IS NOT NULL",
        values,
    )
    table["value"] = _cut(table["value"])
    counted = table.groupby("value", observed=True)["correct"].agg(["size", "sum"])
    counted.columns = ["clips", "right"]
    counted["right"] = counted["right"].astype(int)
    counted["top1"] = counted["right"] / counted["clips"]
    intervals = [
        binomtest(right, clips).proportion_ci(method="wilson")
        for right, clips in zip(counted["right"], counted["clips"], strict=True)
    ]
    counted["low"] = [interval.low for interval in intervals]
    counted["high"] = [interval.high for interval in intervals]
    return counted


def _cut(values: pd.Series) -> pd.Series:
    """Values as they are, those of many numbers in fifths of equal size."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any() or numbers.nunique() <= 2 * _BINS:
        return values.astype(str)
    return pd.qcut(numbers, _BINS, duplicates="drop", precision=2)


@dataclass(frozen=True)
class Comparison:
    """Two networks on the same clips.

    Attributes:
        both: Clips that both are right on.
        fixed: Clips that the second is right on and the first is not.
        broken: Clips that the first is right on and the second is not.
        neither: Clips that both are wrong on.
        p: Probability of so uneven a split of `fixed` and `broken` by chance (exact McNemar test).
    """

    both: int
    fixed: int
    broken: int
    neither: int
    p: float

    @property
    def clips(self) -> int:
        """Clips that both have an answer for."""
        return self.both + self.fixed + self.broken + self.neither


def compare(scan: Scan, first: str, second: str, filtered: Filter) -> Comparison:
    """Two networks, or two protocols of one, on the clips that both have an answer for."""
    condition, values = where(filtered, list(scan.networks))
    a, b = (
        f"({name_of(f'{network}.predicted')} = {name_of(f'{network}.true')})"
        for network in (first, second)
    )
    row = scan.query(
        f"SELECT count(*) FILTER ({a} AND {b}) AS both, count(*) FILTER (NOT {a} AND {b}) AS fixed,"
        f" count(*) FILTER ({a} AND NOT {b}) AS broken,"
        f" count(*) FILTER (NOT {a} AND NOT {b}) AS neither FROM clips WHERE {condition}",
        values,
    ).iloc[0]
    fixed, broken = int(row["fixed"]), int(row["broken"])
    p = float(binomtest(fixed, fixed + broken).pvalue) if fixed + broken else 1.0
    return Comparison(int(row["both"]), fixed, broken, int(row["neither"]), p)


@dataclass(frozen=True, eq=False)
class Confusion:
    """Which class was taken for which.

    Attributes:
        classes: Those of rows and columns; the last is `OTHER` where some were put together.
        counts: Clips of the true class of the row that were taken for the class of the column.
        together: How many classes `OTHER` stands for.
    """

    classes: tuple[str, ...]
    counts: Int[np.ndarray, "k k"]
    together: int = 0


def confusion(scan: Scan, network: str, filtered: Filter, shown: int = SHOWN) -> Confusion:
    """The confusion matrix, classes that are confused with each other side by side."""
    condition, values = where(filtered, list(scan.networks))
    predicted, true = (name_of(f"{network}.{column}") for column in ("predicted", "true"))
    pairs = scan.query(
        f"SELECT {true} AS true, {predicted} AS predicted, count(*) AS clips FROM clips "
        f"WHERE {condition} AND {true} IS NOT NULL AND {predicted} IS NOT NULL GROUP BY ALL",
        values,
    )
    names = sorted({*pairs["true"], *pairs["predicted"]})
    index = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    rows, columns = (
        pairs[column].map(index).to_numpy(dtype=int) for column in ("true", "predicted")
    )
    counts[rows, columns] = pairs["clips"]
    if len(names) > shown:
        return _most_confused(names, counts, shown)
    order = _clustered(counts)
    return Confusion(tuple(names[i] for i in order), counts[np.ix_(order, order)])


def _most_confused(names: list[str], counts: Int[np.ndarray, "k k"], shown: int) -> Confusion:
    wrong = counts - np.diag(np.diag(counts))
    errors = wrong.sum(0) + wrong.sum(1)
    chosen = np.sort(np.argsort(-errors, kind="stable")[:shown])
    chosen = chosen[_clustered(counts[np.ix_(chosen, chosen)])]
    rest = np.setdiff1d(np.arange(len(names)), chosen)
    grouped = np.zeros((shown + 1, shown + 1), dtype=np.int64)
    grouped[:shown, :shown] = counts[np.ix_(chosen, chosen)]
    grouped[:shown, shown] = counts[np.ix_(chosen, rest)].sum(1)
    grouped[shown, :shown] = counts[np.ix_(rest, chosen)].sum(0)
    grouped[shown, shown] = counts[np.ix_(rest, rest)].sum()
    return Confusion((*(names[i] for i in chosen), OTHER), grouped, len(rest))


def _clustered(counts: Int[np.ndarray, "k k"]) -> Int[np.ndarray, " k"]:
    """An order in which classes that are taken for each other are neighbours."""
    if len(counts) < 3:
        return np.arange(len(counts))
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    alike = (shares + shares.T) / 2
    distance = 1 - alike[np.triu_indices(len(counts), k=1)]
    order: np.ndarray = leaves_list(linkage(distance, "average", optimal_ordering=True))
    return order.astype(np.int64)


def clips(
    scan: Scan, filtered: Filter, *, order: str = "path", first: int = 0, count: int = 50
) -> tuple[pd.DataFrame, int]:
    """A page of the clips that a filter lets through, and how many there are.

    Args:
        scan: The scan.
        filtered: The filter.
        order: The column to sort by; a `-` before it turns the order round.
        first: Rows to pass over.
        count: Rows at most.
    """
    condition, values = where(filtered, list(scan.networks))
    total = int(
        scan.query(f"SELECT count(*) AS n FROM clips WHERE {condition}", values)["n"].iloc[0]
    )
    way = "DESC" if order.startswith("-") else "ASC"
    page = scan.query(
        f"SELECT * FROM clips WHERE {condition} "
        f"ORDER BY {name_of(order.removeprefix('-'))} {way} NULLS LAST, path LIMIT ? OFFSET ?",
        [*values, count, first],
    )
    return page, total
