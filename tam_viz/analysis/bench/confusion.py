"""A confusion matrix that can be read, however many classes there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

SHOWN = 30
"""Classes in a confusion matrix; of more than that, the most confused ones are shown."""
OTHER = "other"


@dataclass(frozen=True, eq=False)
class Confusion:
    """A confusion matrix.

    Attributes:
        classes: Those of rows and columns; the last is `OTHER` where some were put together.
        counts: Clips of the true class of the row that were taken for the class of the column.
        together: How many classes `OTHER` stands for.
    """

    classes: tuple[str, ...]
    counts: Int[np.ndarray, "k k"]
    together: int = 0


def arranged(names: Sequence[str], counts: Int[np.ndarray, "k k"], shown: int = SHOWN) -> Confusion:
    """Classes that are taken for each other side by side; of too many, the most confused.

    Args:
        names: Class names.
        counts: Clips of the class of the row that were taken for that of the column.
        shown: How many classes to keep apart.
    """
    if len(names) > shown:
        return _most_confused(names, counts, shown)
    order = _clustered(counts)
    return Confusion(tuple(names[i] for i in order), counts[np.ix_(order, order)])


def describe_confusion(confusion: Confusion) -> str:
    """The three most frequent confusions, and how many clips are right."""
    counts = confusion.counts
    total, right = int(counts.sum()), int(np.trace(counts))
    if confusion.together:
        right -= int(counts[-1, -1])
    wrong = counts - np.diag(np.diag(counts))
    if confusion.together:  # what is taken for one of many classes is no confusion of two
        wrong[-1], wrong[:, -1] = 0, 0
    worst = np.argsort(-wrong, axis=None, kind="stable")[:3]
    pairs = [divmod(int(cell), len(counts)) for cell in worst]
    named = [
        f"'{confusion.classes[row]}' predicted as '{confusion.classes[column]}' ({count:,})"
        for row, column in pairs
        if (count := wrong[row, column])
    ]
    taken = f" Most frequent confusions: {', '.join(named)}." if named else ""
    if confusion.together:
        return (
            f"{total:,} clips; {confusion.together} classes that are seldom confused are "
            f"grouped as 'other'.{taken}"
        )
    return f"{right:,} of {total:,} clips are classified correctly.{taken}"


def _most_confused(names: Sequence[str], counts: Int[np.ndarray, "k k"], shown: int) -> Confusion:
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
    from scipy.cluster.hierarchy import leaves_list, linkage

    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    alike = (shares + shares.T) / 2
    distance = 1 - alike[np.triu_indices(len(counts), k=1)]
    order: np.ndarray = leaves_list(linkage(distance, "average", optimal_ordering=True))
    return order.astype(np.int64)
