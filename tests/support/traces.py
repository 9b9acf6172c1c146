"""V and Θ that are made up."""

from __future__ import annotations

import numpy as np

from tam_viz.types import BlockTrace, TAMTrace


def trace() -> TAMTrace:
    """Two blocks; channel 0 leans to the past, 1 nowhere, 2 and more to the future."""
    kernels = {4: [[0.7, 0.2, 0.1], [0.4, 0.2, 0.4], [0.1, 0.1, 0.8], [0.0, 0.0, 1.0]]}
    kernels[6] = kernels[4] + kernels[4][2:]
    return TAMTrace(
        tuple(
            BlockTrace(name, np.full((c, 5), 0.5), np.array(kernels[c]))
            for name, c in (("layer1.0", 4), ("layer2.0", 6), ("layer3.0", 6))
        )
    )
