"""How often the networks of a scan are right, and whether their classes look permuted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from tam_viz.scan import explore
from tam_viz.scan.classes import LOST, permuted
from tam_viz.scan.filters import Filter
from tam_viz.scan.opened import Scan
from tam_viz.scan.queries import name_of


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
    counted = explore.networks(scan, scan.answered, Filter()).reindex(scan.answered)
    rates = {
        key: (float(row["top1"]), int(row["clips"]))
        for key, row in counted.fillna({"clips": 0}).iterrows()
    }
    warnings = [
        f"{key}: {warning}"
        for key, (rate, _) in rates.items()
        if rate <= LOST and (warning := permuted(_counts(scan, str(key))))
    ]
    return Summary({str(key): rate for key, rate in rates.items()}, tuple(warnings))


def _counts(scan: Scan, key: str) -> Int[np.ndarray, "k k"]:
    """Clips by their true class (rows) and the one that a network predicts (columns)."""
    predicted, true = (name_of(f"{key}.{column}") for column in ("predicted", "true"))
    pairs = scan.query(
        f"SELECT {true} AS true, {predicted} AS predicted, count(*) AS clips FROM clips "
        f"WHERE {true} IS NOT NULL AND {predicted} IS NOT NULL GROUP BY ALL"
    )
    classes = scan.networks[key].classes
    number = {name: index for index, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    rows, columns = (
        pairs[name].map(number).to_numpy(dtype=np.int64) for name in ("true", "predicted")
    )
    counts[rows, columns] = pairs["clips"]
    return counts
