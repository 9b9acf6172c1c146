"""Kernels that a network learned once for all videos."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tam_viz.models.engine import LoadedModel
from tam_viz.models.temporal.tconv import TemporalConvolution


def fixed_kernels(loaded: LoadedModel) -> dict[str, Float[np.ndarray, "_ _k"]]:
    """Kernels `(c, k)` of every temporal convolution by block, of any sign and size.

    Empty for a network without them. Column `K // 2` is the present frame, as in Θ.
    """
    with loaded.lock:
        return {
            name.removesuffix(".temporal"): module.kernel.detach().cpu().numpy().copy()
            for name, module in loaded.net.named_modules()
            if isinstance(module, TemporalConvolution)
        }
