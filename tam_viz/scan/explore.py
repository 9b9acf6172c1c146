"""What the page of failures asks of a scan: accuracies, comparisons, confusions, clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tam_viz.analysis.bench.confusion import SHOWN, Confusion, arranged
from tam_viz.analysis.bench.paired import Changes, Comparison, net_change
from tam_viz.scan.filters import Filter, where
from tam_viz.scan.opened import Scan
from tam_viz.scan.queries import name_of

_BINS = 5


def columns(scan: Scan) -> list[str]:
    """Columns by which accuracy can be asked for, beside `label`: the dataset's own, and length."""
    return [*scan.manifest.columns, "length_s", "frames"]


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
    return _rates(counted)


def networks(scan: Scan, keys: Sequence[str], filtered: Filter) -> pd.DataFrame:
    """How often networks are right, each over the clips that it answered and knows the class of.

    Returns:
        For each network `clips`, `right`, `top1`, `low` and `high`, as in `accuracy`.
    """
    condition, values = where(filtered, list(scan.networks))
    counts = []
    for key in keys:
        predicted, true = (name_of(f"{key}.{column}") for column in ("predicted", "true"))
        counts += [
            f"count(*) FILTER ({predicted} IS NOT NULL AND {true} IS NOT NULL)",
            f"count(*) FILTER ({predicted} = {true})",
        ]
    row = scan.query(f"SELECT {', '.join(counts)} FROM clips WHERE {condition}", values).iloc[0]
    table = pd.DataFrame(
        {"clips": row.to_numpy()[::2], "right": row.to_numpy()[1::2]}, index=pd.Index(keys)
    )
    return _rates(table[table["clips"] > 0])


def _rates(counted: pd.DataFrame) -> pd.DataFrame:
    """`clips` and `right` with `top1` and its 95% interval `low`, `high` (Wilson, 1927)."""
    n, right = counted["clips"].astype(float), counted["right"].astype(int)
    rate, z = right / n, 1.959963985
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half: pd.Series = z / (1 + z**2 / n) * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    return counted.assign(right=right, top1=rate, low=middle - half, high=middle + half)


def _cut(values: pd.Series) -> pd.Series:
    """Values as they are, those of many numbers in fifths of equal size."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any() or numbers.nunique() <= 2 * _BINS:
        return values.astype(str)
    return pd.qcut(numbers, _BINS, duplicates="drop", precision=2)


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
    from scipy.stats import binomtest

    fixed, broken = int(row["fixed"]), int(row["broken"])
    p = float(binomtest(fixed, fixed + broken).pvalue) if fixed + broken else 1.0
    return Comparison(int(row["both"]), fixed, broken, int(row["neither"]), p)


def changes(scan: Scan, first: str, second: str, filtered: Filter) -> Changes:
    """What changes from one network or protocol to another, on the clips that both know."""
    table = scan.query(*_both(scan, first, second, filtered, "''"))
    before, after = table["before"].to_numpy(dtype=bool), table["after"].to_numpy(dtype=bool)
    other = ~before & ~after & table["moved"].to_numpy(dtype=bool)
    odds = (table["odds_after"] - table["odds_before"]).replace([np.inf, -np.inf], np.nan).dropna()
    middle = float(odds.mean()) if len(odds) else float("nan")
    half = 1.959964 * float(odds.std()) / len(odds) ** 0.5 if len(odds) > 1 else float("nan")
    flipped = before != after
    return Changes(
        clips=len(table),
        fixed=int((~before & after).sum()),
        broken=int((before & ~after).sum()),
        other=int(other.sum()),
        odds=(middle, middle - half, middle + half),
        margin_flipped=float(table["margin"][flipped].median()),
        margin_same=float(table["margin"][~flipped].median()),
    )


def changes_by(scan: Scan, first: str, second: str, filtered: Filter, by: str) -> pd.DataFrame:
    """Where the changes are, by the values of a column.

    Returns:
        For each value `clips`, `fixed`, `broken`, the change of top-1 `net` and its 95% interval
        `low`, `high`.
    """
    table = scan.query(*_both(scan, first, second, filtered, name_of(by)))
    table["value"] = _cut(table["value"])
    table["fixed"], table["broken"] = (
        ~table["before"] & table["after"],
        table["before"] & ~table["after"],
    )
    counted = table.groupby("value", observed=True).agg(
        clips=("fixed", "size"), fixed=("fixed", "sum"), broken=("broken", "sum")
    )
    rows = zip(counted["fixed"], counted["broken"], counted["clips"], strict=True)
    nets = [net_change(int(fixed), int(broken), int(clips)) for fixed, broken, clips in rows]
    for n, name in enumerate(("net", "low", "high")):
        counted[name] = [net[n] for net in nets]
    return counted


def _both(
    scan: Scan, first: str, second: str, filtered: Filter, value: str
) -> tuple[str, list[object]]:
    """The question for the clips that two networks have an answer for, with a value of each."""
    condition, values = where(filtered, list(scan.networks))

    def column(network: str, name: str) -> str:
        return name_of(f"{network}.{name}")

    sides = [
        f"coalesce({column(key, 'predicted')} = {column(key, 'true')}, false) AS {name}, "
        f"{column(key, 'log_odds')} AS odds_{name}"
        for key, name in ((first, "before"), (second, "after"))
    ]
    needed = " AND ".join(
        f"{column(key, name)} IS NOT NULL"
        for key in (first, second)
        for name in ("predicted", "true")
    )
    moved = f"{column(first, 'predicted')} <> {column(second, 'predicted')} AS moved"
    sql = (
        f"SELECT {value} AS value, {', '.join(sides)}, {moved}, "
        f"{column(first, 'margin')} AS margin FROM clips WHERE {condition} AND {needed}"
    )
    return sql, values


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
    return arranged(names, counts, shown)


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
