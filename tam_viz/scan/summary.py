"""How often the networks of a scan are right, and whether their classes look permuted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tam_viz.scan.classes import permuted
from tam_viz.scan.opened import Scan


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
    clips = scan.clips
    for key, network in scan.networks.items():
        if f"{key}.true" not in clips:
            continue
        known = clips[clips[f"{key}.true"].notna() & clips[f"{key}.predicted"].notna()]
        true, predicted = known[f"{key}.true"], known[f"{key}.predicted"]
        rates[key] = (float((true == predicted).mean()) if len(known) else float("nan"), len(known))
        number = {name: index for index, name in enumerate(network.classes)}
        said = [np.array([number[name] for name in names]) for names in (true, predicted)]
        warning = permuted(said[0], said[1], len(network.classes))
        if warning:
            warnings.append(f"{key}: {warning}")
    return Summary(rates, tuple(warnings))
