"""How often the networks of a scan are right, and whether their classes look permuted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from tam_viz.scan.classes import permuted
from tam_viz.scan.opened import Scan, name_of


@dataclass(frozen=True)
class Summary:
    """Accuracy of the networks of a scan.

    Attributes:
        rates: For each network the share of clips that it is right on, and the number of clips
            whose class it knows.
        warnings: Sentences on networks whose classes look permuted.
    """

    rates: dict[str, tuple[float, int]]
    warnings: tuple[str, ...]


def scores(scan: Scan) -> Summary:
    """Measures every network on the clips that have an answer and a class that it knows."""
    rates: dict[str, tuple[float, int]] = {}
    warnings = []
    for key in scan.answered:
        classes = scan.networks[key].classes
        counts = _counts(scan, key, classes)
        total = int(counts.sum())
        rates[key] = (float(np.trace(counts)) / total if total else float("nan"), total)
        warning = permuted(counts)
        if warning:
            warnings.append(f"{key}: {warning}")
    return Summary(rates, tuple(warnings))


def _counts(scan: Scan, key: str, classes: Sequence[str]) -> Int[np.ndarray, "k k"]:
    """Clips by their true class (rows) and the predicted one (columns)."""
    predicted, true = (name_of(f"{key}.{column}") for column in ("predicted", "true"))
    pairs = scan.query(
        f"SELECT {true} AS true, {predicted} AS predicted, count(*) AS clips FROM clips "
        f"WHERE {true} IS NOT NULL AND {predicted} IS NOT NULL GROUP BY ALL"
    )
    number = {name: index for index, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    rows, columns = (
        pairs[name].map(number).to_numpy(dtype=np.int64) for name in ("true", "predicted")
    )
    counts[rows, columns] = pairs["clips"]
    return counts
