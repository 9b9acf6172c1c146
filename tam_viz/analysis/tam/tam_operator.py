"""TAM as a matrix: what each frame of the output takes of each frame of the input."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tam_viz.types import BlockTrace


def tam_operator(block: BlockTrace) -> Float[np.ndarray, "c t s"]:
    """`A_ts = Θ_{s−t} · V_s` for each channel, zero where the kernel does not reach.

    TAM is `y = A·x` for each channel and each cell of the frame (paper, equation 6). Its taps are
    numbered from −1 to 1, so Θ_{s−t} is `kernel[:, s − t + K // 2]`.
    Frames before the first and after the last count as zero, so a row at an edge lacks a tap.
    """
    channels, frames = block.importance.shape
    taps = block.kernel.shape[1]
    matrix = np.zeros((channels, frames, frames), dtype=block.importance.dtype)
    for k in range(taps):
        shift = k - taps // 2
        to = np.arange(max(0, -shift), frames - max(0, shift))
        matrix[:, to, to + shift] = block.kernel[:, k, None] * block.importance[:, to + shift]
    return matrix
